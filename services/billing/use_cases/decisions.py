"""Decisions about what was parked while billing was off: billed from a day on, or waived."""

from collections.abc import Mapping
from typing import Any

from psycopg.rows import dict_row
from sqlalchemy.orm import Session

from billing import events
from billing.domain.accounts import LEADS_TO, add_to, check_decision
from billing.domain.charges import PARKED
from billing.errors import BillingDisabled, Changed, NothingParked
from billing.queries import is_on
from billing.tables import billing_decisions
from billing.use_cases import accounts
from common import outbox
from common.context import Context
from common.ids import new_id
from common.pipeline import send
from common.records import insert, moment


def decide(session: Session, customer_id: str, body: Mapping[str, Any], version: int) -> str:
    """Bills or waives what is parked, as it stood at `version` of the account; returns the decision's id. Raises
    CustomerUnknown, DecisionUnsuitable, BillingDisabled, NothingParked, Changed."""
    check_decision(body)
    on = is_on(session, customer_id)
    account = accounts.lock(session, [customer_id])[customer_id]
    if not on:
        raise BillingDisabled(
            "Billing is off for this customer, so nothing of what is parked can be billed; switch it on"
            " (PATCH /customers/{customer_id}/portal-settings, billing_enabled) and decide then.",
            facts={"parked": account.parked_count},
        )
    if account.version != version:
        raise Changed(
            "The customer's charges have changed since you read them; look at what is parked now"
            " (GET /customers/{customer_id}/pending-billing) and decide about that.",
            facts={"current_version": account.version},
        )
    context: Context = session.info["context"]
    decision = {
        "id": new_id(),
        "customer_id": customer_id,
        "decision": body["decision"],
        "from_day": body.get("from_day"),
        "reason": body.get("reason"),
        "actor": context.actor,
        "actor_label": context.actor_label,
        "decided_at": moment(session),
    }
    sums = _apply(session, decision)
    if not sums:
        raise NothingParked(
            "Nothing that was delivered on that day or later is parked; name an earlier day, or none."
            if decision["from_day"]
            else "Nothing of this customer is parked.",
            facts={"parked": account.parked_count},
        )
    for currency, one in sums.items():
        add_to(account.totals, PARKED, currency, -one["count"], -one["minor"])
        add_to(account.totals, LEADS_TO[decision["decision"]], currency, one["count"], one["minor"])
    decision |= {"count": sum(one["count"] for one in sums.values()), "sums": events.sums_of(sums)}
    account.parked_since = send(session, [(_SINCE, {"customer": customer_id})])[0][0][0]
    account.last_decision = accounts.last(decision)
    account.turn()
    insert(session, billing_decisions, [decision])
    accounts.save(session, [account])
    outbox.add(session, events.decided(account, decision))
    return str(decision["id"])


def _apply(session: Session, decision: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    values = {**decision, "state": LEADS_TO[decision["decision"]]}
    rows = send(session, [(_APPLY, values)], dict_row)[0]
    return {row["currency"]: {"count": row["count"], "minor": row["minor"]} for row in rows}


_APPLY = """
    WITH decided AS (
        UPDATE charges
        SET state = %(state)s, decision_id = %(id)s, version = version + 1, updated_at = %(decided_at)s
        WHERE customer_id = %(customer_id)s AND state = 'parked'
          AND (%(from_day)s::date IS NULL OR delivered_on >= %(from_day)s::date)
        RETURNING currency, amount_minor
    )
    SELECT currency, count(*) AS count, sum(amount_minor)::bigint AS minor FROM decided GROUP BY currency
    """
_SINCE = "SELECT min(delivered_on) FROM charges WHERE customer_id = %(customer)s AND state = 'parked'"
