"""Returns as they are shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer_replica import replica_customers
from warehouse.domain.returns import commands, credit_wanted
from warehouse.errors.returns import ReturnNotFound
from warehouse.tables.returns import return_lines, returns
from warehouse.tables.stock import warehouses

# A portal user sees no row of the provider's warehouses.
_SHOWN = select(
    returns, warehouses.c.code.label("warehouse_code"), warehouses.c.name.label("warehouse_name")
).outerjoin(warehouses, warehouses.c.id == returns.c.warehouse_id)


def return_of(session: Session, return_id: str, *, internal: bool) -> Mapping[str, Any]:
    """One return with its lines; `internal` tells whether the caller sees why staff made an exception. Raises
    ReturnNotFound."""
    row = session.execute(_SHOWN.where(returns.c.id == return_id)).mappings().one_or_none()
    if row is None:
        raise ReturnNotFound("There is no such return.")
    return _shown(dict(row), _lines(session, [return_id])[return_id], internal=internal)


def return_page(
    session: Session, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str, *, internal: bool
) -> Page:
    """Returns, the newest first."""
    found = keyset(
        session, _narrowed(_SHOWN, query), [Key(returns.c.id, "desc")], cursor=cursor, limit=limit, scope=scope
    )
    lines = _lines(session, [row["id"] for row in found.rows])
    shown = [_shown(dict(row), lines[row["id"]], internal=internal) for row in found.rows]
    return Page(shown, found.next_cursor)


def _narrowed(statement: Select[Any], query: Mapping[str, Any]) -> Select[Any]:
    for name in ("customer_id", "warehouse_id", "status"):
        if name in query:
            statement = statement.where(returns.c[name] == query[name])
    for name in ("order_id", "shipment_id"):
        if name in query:
            of = select(return_lines.c.return_id).where(return_lines.c[name] == query[name])
            statement = statement.where(returns.c.id.in_(of))
    if "open" in query:
        statement = statement.where(returns.c.ended_at.is_(None) == query["open"])
    if "customer_status" in query:
        of = select(replica_customers.c.id).where(replica_customers.c.status == query["customer_status"])
        statement = statement.where(returns.c.customer_id.in_(of))
    return statement


def _shown(row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], *, internal: bool) -> Mapping[str, Any]:
    return {
        **row,
        "override_reason": row["override_reason"] if internal else None,
        "order_ids": list(dict.fromkeys(line["order_id"] for line in lines if line["order_id"])),
        "credit_wanted": credit_wanted(lines),
        "commands": commands(row["status"]),
        "lines": lines,
    }


def _lines(session: Session, ids: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {return_id: [] for return_id in ids}
    statement = select(return_lines).where(return_lines.c.return_id.in_(ids)).order_by(return_lines.c.position)
    for row in session.execute(statement).mappings():
        found[row["return_id"]].append(dict(row))
    return found
