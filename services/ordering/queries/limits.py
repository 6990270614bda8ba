"""Purchase limits, how much of them is used, and the stored rates."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from common.money import to_money
from common.paging import Key, keyset
from common.web import Page
from ordering.errors.limits import LimitNotFound
from ordering.tables.limits import exchange_rates, limit_buckets, purchase_limits

Record = Mapping[str, Any]
Filters = Mapping[str, Any]


def limit(session: Session, limit_id: str) -> Record:
    """One purchase limit; raises LimitNotFound."""
    return _shown(_row(session, limit_id))


def limit_page(session: Session, filters: Filters, page: int, cursor: str | None, scope: str) -> Page:
    """Purchase limits, the oldest first."""
    of = purchase_limits.c
    statement: Select[Any] = select(purchase_limits)
    for name in ("customer_id", "account_id", "status"):
        if name in filters:
            statement = statement.where(of[name] == filters[name])
    rows = keyset(session, statement, [Key(of.id)], cursor=cursor, limit=page, scope=scope)
    return Page([_shown(dict(row)) for row in rows.rows], rows.next_cursor)


def usage_page(session: Session, limit_id: str, page: int, cursor: str | None, scope: str) -> Page:
    """What is used of a limit, by period, account and SKU, the newest period first; raises LimitNotFound."""
    row = _row(session, limit_id)
    of = limit_buckets.c
    statement = select(of.bucket, of.period_start, of.used).where(of.limit_id == limit_id)
    keys = [Key(of.period_start, "desc"), Key(of.bucket)]
    rows = keyset(session, statement, keys, cursor=cursor, limit=page, scope=scope)
    return Page([_usage(row, dict(used)) for used in rows.rows], rows.next_cursor)


def rate_page(session: Session, page: int, cursor: str | None, scope: str) -> Page:
    """The stored rates, the newest first."""
    of = exchange_rates.c
    keys = [Key(of.as_of, "desc"), Key(of.base), Key(of.quote)]
    rows = keyset(session, select(exchange_rates), keys, cursor=cursor, limit=page, scope=scope)
    return Page([dict(row) for row in rows.rows], rows.next_cursor)


def _row(session: Session, limit_id: str) -> Record:
    row = session.execute(select(purchase_limits).where(purchase_limits.c.id == limit_id)).mappings().one_or_none()
    if row is None:
        raise LimitNotFound("There is no such purchase limit.")
    return dict(row)


def _shown(row: Record) -> Record:
    return {**row, "time_zone": row["zone"], "amount": to_money(row["amount_minor"], row["currency"])}


def _usage(limit: Record, row: Record) -> Record:
    counts = limit["kind"] == "qty_per_sku"
    account, _, sku = row["bucket"].partition("/") if counts else (row["bucket"], "", "")
    ceiling = limit["quantity"] if counts else limit["amount_minor"]
    left = None if ceiling is None else max(ceiling - row["used"], 0)
    told: dict[str, Any] = {
        "period_start": row["period_start"],
        "account_id": account or None,
        "sku": sku or None,
        "exceeded": ceiling is not None and row["used"] > ceiling,
    }
    if counts:
        return told | {"used_quantity": row["used"], "remaining_quantity": left}
    currency = limit["currency"]
    return told | {"used": to_money(row["used"], currency), "remaining": to_money(left, currency)}
