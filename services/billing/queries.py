"""Reads: charges, what is parked and what was decided about it, as the API shows them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from billing.domain.charges import BILLABLE, PARKED, SWITCH
from billing.errors import CustomerUnknown, SectionNotFound
from billing.tables import billing_accounts, billing_decisions, charges, waiting_deliveries
from common.money import to_money
from common.paging import Key, keyset
from common.web import Page
from customer_replica import effective_switches, replica_customers

_DECISIONS_SHOWN = 50


def is_on(session: Session, customer_id: str) -> bool:
    """Whether billing is on for a customer now; raises CustomerUnknown."""
    switches = effective_switches(session, [customer_id]).get(customer_id)
    if switches is None:
        raise CustomerUnknown("There is no such customer.")
    return switches[SWITCH].active


def is_shown(session: Session, customer_id: str) -> bool:
    """Whether billing is on for a customer, for who may look: staff always. Raises CustomerUnknown, and for portals
    SectionNotFound where it is off."""
    on = is_on(session, customer_id)
    if not on and session.info["scope"].is_portal:
        raise SectionNotFound("There is no such section.")
    return on


def charge_page(
    session: Session, customer_id: str, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str
) -> Page:
    """A customer's charges, the newest first. Raises CustomerUnknown, SectionNotFound."""
    on = is_shown(session, customer_id)
    statement = select(charges).where(charges.c.customer_id == customer_id)
    for name in ("state", "order_id"):
        if name in query:
            statement = statement.where(charges.c[name] == query[name])
    found = keyset(session, statement, [Key(charges.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([_charge(row, on=on) for row in found.rows], found.next_cursor)


def pending_page(session: Session, limit: int, cursor: str | None, scope: str) -> Page:
    """Customers of which charges are parked, by their id."""
    of, who = billing_accounts.c, replica_customers.c
    statement = (
        select(billing_accounts, who.number.label("customer_number"), who.name.label("customer_name"))
        .outerjoin(replica_customers, who.id == of.customer_id)
        .where(of.parked_count > 0)
    )
    found = keyset(session, statement, [Key(of.customer_id)], cursor=cursor, limit=limit, scope=scope)
    decided = effective_switches(session, [row["customer_id"] for row in found.rows])
    on = {one for one, switches in decided.items() if switches[SWITCH].active}
    return Page([_pending(row, on=row["customer_id"] in on) for row in found.rows], found.next_cursor)


def pending_of(session: Session, customer_id: str) -> Mapping[str, Any]:
    """What of a customer is parked and billable, and the newest decisions; the provider's words are for its staff.
    Raises CustomerUnknown, SectionNotFound."""
    on = is_shown(session, customer_id)
    statement = select(billing_accounts).where(billing_accounts.c.customer_id == customer_id)
    row = session.execute(statement).mappings().one_or_none()
    account: Mapping[Any, Any] = row or {"customer_id": customer_id, "totals": {}, "parked_since": None, "version": 0}
    of = billing_decisions.c
    newest = select(billing_decisions).where(of.customer_id == customer_id).order_by(of.id.desc())
    decisions = session.execute(newest.limit(_DECISIONS_SHOWN)).mappings()
    inside = not session.info["scope"].is_portal
    return {
        **_pending(account, on=on),
        "billable": _sums(account, BILLABLE),
        "suspended": not on and bool(account["totals"].get(BILLABLE)),
        "decisions": [one if inside else _outside(one) for one in decisions],
    }


def waiting_page(session: Session, limit: int, cursor: str | None, scope: str) -> Page:
    """What was delivered and is not charged, because too little is known of its order; the oldest first."""
    of = waiting_deliveries.c
    keys = [Key(of.received_at), Key(of.source), Key(of.source_id), Key(of.source_line_id)]
    found = keyset(session, select(waiting_deliveries), keys, cursor=cursor, limit=limit, scope=scope)
    return Page([dict(row) for row in found.rows], found.next_cursor)


def account_drift(session: Session) -> list[str]:
    """Customers whose account differs from the sums of its charges; there should be none."""
    return list(session.execute(_DRIFT).scalars())


def _pending(account: Mapping[Any, Any], *, on: bool) -> dict[str, Any]:
    parked = _sums(account, PARKED)
    return {
        **account,
        "parked": parked,
        "since": account["parked_since"],
        "billing_enabled": on,
        "decision_needed": on and parked["count"] > 0,
    }


def _sums(account: Mapping[Any, Any], state: str) -> dict[str, Any]:
    found = account["totals"].get(state, {})
    return {
        "count": sum(one["count"] for one in found.values()),
        "sums": [to_money(one["minor"], currency) for currency, one in sorted(found.items())],
    }


def _outside(decision: Mapping[Any, Any]) -> dict[str, Any]:
    return {**decision, "reason": None, "actor_label": None}


def _charge(row: Mapping[Any, Any], *, on: bool) -> dict[str, Any]:
    amount = to_money(row["amount_minor"], row["currency"])
    return {**row, "amount": amount, "suspended": not on and row["state"] == BILLABLE}


_DRIFT = text(
    """
    WITH kept AS (
        SELECT a.customer_id, s.key AS state, c.key AS currency, (c.value->>'count')::bigint AS count,
               (c.value->>'minor')::bigint AS minor
        FROM billing_accounts a, jsonb_each(a.totals) AS s, jsonb_each(s.value) AS c
    ), charged AS (
        SELECT customer_id, state, currency, count(*) AS count, sum(amount_minor)::bigint AS minor
        FROM charges GROUP BY customer_id, state, currency
    )
    SELECT DISTINCT COALESCE(k.customer_id, c.customer_id)::text
    FROM kept k FULL JOIN charged c USING (customer_id, state, currency)
    WHERE (k.count, k.minor) IS DISTINCT FROM (c.count, c.minor)
    UNION
    SELECT a.customer_id::text FROM billing_accounts a
    LEFT JOIN LATERAL (
        SELECT count(*) AS count, min(delivered_on) AS since FROM charges
        WHERE customer_id = a.customer_id AND state = 'parked'
    ) AS p ON true
    WHERE (a.parked_count, a.parked_since) IS DISTINCT FROM (p.count, p.since)
    ORDER BY 1
    """
)
