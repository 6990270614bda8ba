"""Operations on what orders are promised; orders themselves decide it."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from warehouse.queries import reservations as queries
from warehouse.schemas.reservations import ReservationFilter, ReservationOut

routes = Routes("Reservations", "What each order is promised of the stock: reserved, allocated, or waiting for more.")


@routes.list("/reservations", permission="orders.view", portal=True, query=ReservationFilter, out=ReservationOut)
def list_reservations(call: Call) -> Page:
    """What orders are promised, the newest order first."""
    return queries.reservation_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.get("/reservations/<uuid:order_id>", permission="orders.view", portal=True, out=ReservationOut)
def show_reservation(call: Call, order_id: str) -> Mapping[str, Any]:
    """What one order is promised."""
    return queries.reservation(call.session, order_id)
