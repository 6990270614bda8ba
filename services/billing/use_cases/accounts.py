"""The accounts of customers: locked, changed and written. Whoever changes a customer's charges holds its account."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from psycopg.rows import dict_row
from sqlalchemy.orm import Session

from billing import events
from billing.domain.accounts import Account, add_to
from common import outbox
from common.pipeline import send
from common.records import as_json, moment

_SOURCE = itemgetter("source", "source_id")


def lock(session: Session, customer_ids: Sequence[str]) -> dict[str, Account]:
    """Locks the accounts of customers in their order, made where there are none yet."""
    if not customer_ids:
        return {}
    values = {"ids": sorted(customer_ids), "now": moment(session)}
    rows = send(session, [(_MAKE, values), (_LOCK, values)], dict_row)[1]
    return {row["customer_id"]: Account(**row) for row in rows}


def record(session: Session, account: Account, charges: Sequence[Mapping[str, Any]]) -> None:
    """Adds new charges of one order, and tells those of each shipment, return or claim."""
    for _source, group in groupby(sorted(charges, key=_SOURCE), _SOURCE):
        ones = list(group)
        account.take(ones)
        outbox.add(session, events.recorded(account, ones))


def save(session: Session, accounts: Iterable[Account]) -> None:
    """Writes accounts that have changed."""
    rows = [
        {name: getattr(one, name) for name in _WRITTEN} | {"updated_at": moment(session)}
        for one in accounts
        if one.changed
    ]
    if rows:
        send(session, [(_SAVE, {"rows": as_json(rows)})])


def recount(session: Session, customer_ids: Sequence[str]) -> list[Account]:
    """Locks accounts of customers whose charges have come or gone, adds up anew what they hold, and writes them."""
    accounts = lock(session, customer_ids)
    values = {"ids": sorted(accounts)}
    charged, decided = send(session, [(_CHARGED, values), (_DECIDED, values)], dict_row)
    for account in accounts.values():
        account.totals, account.parked_since, account.last_decision = {}, None, None
        account.turn()
    for row in charged:
        account = accounts[row["customer_id"]]
        add_to(account.totals, row["state"], row["currency"], row["count"], row["minor"])
        account.parked_since = min(filter(None, (account.parked_since, row["parked_since"])), default=None)
    for row in decided:
        accounts[row.pop("customer_id")].last_decision = last(row)
    save(session, accounts.values())
    return list(accounts.values())


def last(decision: Mapping[str, Any]) -> dict[str, Any]:
    """What an account says of its last decision."""
    return {name: decision[name] for name in ("id", "decision", "count")} | {
        "decided_at": decision["decided_at"].isoformat()
    }


_WRITTEN = ("customer_id", "totals", "parked_count", "parked_since", "last_decision", "version")
_MAKE = """
    INSERT INTO billing_accounts (customer_id, updated_at)
    SELECT id, %(now)s FROM unnest(%(ids)s::uuid[]) AS c (id) ORDER BY id ON CONFLICT DO NOTHING
    """
_LOCK = """
    SELECT customer_id::text, totals, parked_since, last_decision, version FROM billing_accounts
    WHERE customer_id = ANY (%(ids)s::uuid[]) ORDER BY customer_id FOR NO KEY UPDATE
    """
_SAVE = """
    UPDATE billing_accounts AS a
    SET totals = r.totals, parked_count = r.parked_count, parked_since = r.parked_since,
        last_decision = r.last_decision, version = r.version, updated_at = r.updated_at
    FROM jsonb_populate_recordset(NULL::billing_accounts, CAST(%(rows)s AS jsonb)) AS r
    WHERE a.customer_id = r.customer_id
    """
_CHARGED = """
    SELECT customer_id::text, state, currency, count(*) AS count, sum(amount_minor)::bigint AS minor,
           min(delivered_on) FILTER (WHERE state = 'parked') AS parked_since
    FROM charges WHERE customer_id = ANY (%(ids)s::uuid[]) GROUP BY customer_id, state, currency
    """
_DECIDED = """
    SELECT DISTINCT ON (customer_id) customer_id::text, id::text, decision, count, decided_at
    FROM billing_decisions WHERE customer_id = ANY (%(ids)s::uuid[]) ORDER BY customer_id, id DESC
    """
