"""Claims as they are shown."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer_replica import replica_customers
from warehouse.domain.claims import REQUESTED, commands, credit_pending, quantity_replaced
from warehouse.errors.claims import ClaimNotFound
from warehouse.tables.claims import claims


def claim_of(session: Session, claim_id: str, *, internal: bool) -> Mapping[str, Any]:
    """One claim; `internal` tells whether the caller sees why staff made an exception. Raises ClaimNotFound."""
    row = session.execute(select(claims).where(claims.c.id == claim_id)).mappings().one_or_none()
    if row is None:
        raise ClaimNotFound("There is no such claim.")
    return _shown(row, internal=internal)


def claim_page(
    session: Session, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str, *, internal: bool
) -> Page:
    """Claims, the newest first."""
    statement = _narrowed(select(claims), query)
    found = keyset(session, statement, [Key(claims.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([_shown(row, internal=internal) for row in found.rows], found.next_cursor)


def _narrowed(statement: Select[Any], query: Mapping[str, Any]) -> Select[Any]:
    for name in ("customer_id", "order_id", "shipment_id", "status", "kind"):
        if name in query:
            statement = statement.where(claims.c[name] == query[name])
    if "open" in query:
        statement = statement.where((claims.c.status == REQUESTED) == query["open"])
    if "customer_status" in query:
        of = select(replica_customers.c.id).where(replica_customers.c.status == query["customer_status"])
        statement = statement.where(claims.c.customer_id.in_(of))
    return statement


def _shown(row: Mapping[Any, Any], *, internal: bool) -> Mapping[str, Any]:
    return {
        **row,
        "override_reason": row["override_reason"] if internal else None,
        "credit_pending": credit_pending(row),
        "quantity_replaced": quantity_replaced(row),
        "commands": commands(row["status"]),
    }
