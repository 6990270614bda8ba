"""What orders are promised, as it is shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from warehouse.errors.shipments import ReservationNotFound
from warehouse.tables.reservations import order_reservations, reservation_lines, reservation_sources
from warehouse.tables.supplies import promised_dates


def reservation(session: Session, order_id: str) -> Mapping[str, Any]:
    """All that an order is promised; raises ReservationNotFound."""
    statement = select(order_reservations).where(order_reservations.c.order_id == order_id)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise ReservationNotFound("Nothing has been reserved for such an order.")
    return {**row, "lines": _lines(session, [order_id])[order_id]}


def reservation_page(session: Session, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str) -> Page:
    """What orders are promised, the newest order first."""
    statement = select(order_reservations)
    for name in ("customer_id", "state"):
        if name in query:
            statement = statement.where(order_reservations.c[name] == query[name])
    keys = [Key(order_reservations.c.order_id, "desc")]
    found = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    lines = _lines(session, [row["order_id"] for row in found.rows])
    return Page([{**row, "lines": lines[row["order_id"]]} for row in found.rows], found.next_cursor)


def _lines(session: Session, orders: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    shown: dict[str, list[dict[str, Any]]] = {order_id: [] for order_id in orders}
    by_id: dict[str, dict[str, Any]] = {}
    lines = select(reservation_lines).where(reservation_lines.c.order_id.in_(orders))
    for row in session.execute(lines.order_by(reservation_lines.c.position, reservation_lines.c.line_id)).mappings():
        line = {**row, "sources": [], "reserved": 0, "allocated": 0, "at_risk": 0}
        line |= {"queue_place": None, "promised_dates": []}
        shown[row["order_id"]].append(line)
        by_id[row["line_id"]] = line
    sources = select(reservation_sources).where(reservation_sources.c.order_id.in_(orders))
    for row in session.execute(sources.order_by(reservation_sources.c.balance_id)).mappings():
        line = by_id[row["line_id"]]
        line["sources"].append(row)
        for name in ("reserved", "allocated", "at_risk"):
            line[name] += row[name]
    dates = select(promised_dates).where(promised_dates.c.order_id.in_(orders))
    for row in session.execute(dates.order_by(promised_dates.c.line_id, promised_dates.c.number)).mappings():
        by_id[row["line_id"]]["promised_dates"].append(row)
    waiting = [line_id for line_id, line in by_id.items() if line["backordered"]]
    for place in session.execute(_PLACES, {"lines": waiting}) if waiting else ():
        by_id[place.line_id]["queue_place"] = place.place
    for line in by_id.values():
        promised = line["shipped"] + line["backordered"] + line["reserved"] + line["allocated"]
        line["short"] = max(0, line["quantity"] - promised)
    return shown


_PLACES = text("SELECT line_id::text, place FROM queue_places(CAST(:lines AS uuid[]))")
