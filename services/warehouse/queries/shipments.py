"""Shipments as they are shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.money import to_money
from common.paging import Key, keyset
from common.web import Page
from warehouse.domain.shipments import by_line
from warehouse.errors.shipments import ShipmentNotFound
from warehouse.tables.shipments import shipment_lines, shipments
from warehouse.tables.stock import warehouses

# A portal user sees no row of the provider's warehouses.
_SHOWN = select(
    shipments, warehouses.c.code.label("warehouse_code"), warehouses.c.name.label("warehouse_name")
).outerjoin(warehouses, warehouses.c.id == shipments.c.warehouse_id)


def shipment(session: Session, shipment_id: str, *, costs: bool) -> Mapping[str, Any]:
    """One shipment with its lines. `costs` tells whether the caller sees what goods cost. Raises ShipmentNotFound."""
    row = session.execute(_SHOWN.where(shipments.c.id == shipment_id)).mappings().one_or_none()
    if row is None:
        raise ShipmentNotFound("There is no such shipment.")
    return _shipment(dict(row), _lines(session, [shipment_id])[shipment_id], costs=costs)


def shipment_page(
    session: Session, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str, *, costs: bool
) -> Page:
    """Shipments, the newest first."""
    statement = _SHOWN
    for name in ("order_id", "customer_id", "warehouse_id", "status"):
        if name in query:
            statement = statement.where(shipments.c[name] == query[name])
    found = keyset(session, statement, [Key(shipments.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    lines = _lines(session, [row["id"] for row in found.rows])
    return Page([_shipment(dict(row), lines[row["id"]], costs=costs) for row in found.rows], found.next_cursor)


def _shipment(row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], *, costs: bool) -> Mapping[str, Any]:
    tracking = {"carrier": row["carrier"], "number": row["tracking_number"], "url": row["tracking_url"]}
    return {
        **row,
        "tracking": tracking if row["shipped_at"] else None,
        "lines": by_line(lines),
        "cost": to_money(row["cost_minor"], row["currency"]) if costs else None,
    }


def _lines(session: Session, ids: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {shipment_id: [] for shipment_id in ids}
    statement = select(shipment_lines).where(shipment_lines.c.shipment_id.in_(ids))
    for row in session.execute(statement.order_by(shipment_lines.c.position, shipment_lines.c.line_id)).mappings():
        found[row["shipment_id"]].append(dict(row))
    return found
