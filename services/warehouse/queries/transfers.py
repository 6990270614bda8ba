"""Transfers between warehouses as they are shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from warehouse.domain.transfers import TRANSITIONS
from warehouse.errors.transfers import TransferNotFound
from warehouse.tables.transfers import transfer_lines, transfers


def transfer(session: Session, transfer_id: str) -> Mapping[str, Any]:
    """One transfer with its lines; raises TransferNotFound."""
    row = session.execute(select(transfers).where(transfers.c.id == transfer_id)).mappings().one_or_none()
    if row is None:
        raise TransferNotFound("There is no such transfer.")
    return _shown(dict(row), _lines(session, [transfer_id])[transfer_id])


def transfer_page(session: Session, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str) -> Page:
    """Transfers, the newest first."""
    statement = select(transfers)
    for name in ("customer_id", "status"):
        if name in query:
            statement = statement.where(transfers.c[name] == query[name])
    if "warehouse_id" in query:
        here = query["warehouse_id"]
        statement = statement.where(or_(transfers.c.from_id == here, transfers.c.to_id == here))
    if "open" in query:
        statement = statement.where(transfers.c.ended_at.is_(None) == query["open"])
    found = keyset(session, statement, [Key(transfers.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    lines = _lines(session, [row["id"] for row in found.rows])
    return Page([_shown(dict(row), lines[row["id"]]) for row in found.rows], found.next_cursor)


def _shown(row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    by_customer = (row["requested_by"] or "").startswith("portal:")
    return {**row, "by_customer": by_customer, "commands": sorted(TRANSITIONS[row["status"]]), "lines": lines}


def _lines(session: Session, ids: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {transfer_id: [] for transfer_id in ids}
    statement = select(transfer_lines).where(transfer_lines.c.transfer_id.in_(ids))
    for row in session.execute(statement.order_by(transfer_lines.c.position)).mappings():
        found[row["transfer_id"]].append(dict(row))
    return found
