"""Operations on standing orders."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import CustomerNotFound, require
from ordering.api.viewers import sees_prices
from ordering.queries import standing_orders as queries
from ordering.schemas.standing_orders import (
    NewStandingOrder,
    RunOut,
    StandingOrderChanges,
    StandingOrderFilter,
    StandingOrderOut,
    StandingOrderSummary,
)
from ordering.use_cases import standing_orders, store

VIEW = "orders.view"
PLACE = "orders.place"

routes = Routes("Standing orders", "Orders that make themselves, again and again, by the rules of any other.")

_ONE = "/standing-orders/<uuid:order_id>"


@routes.list("/standing-orders", permission=VIEW, portal=True, query=StandingOrderFilter, out=StandingOrderSummary)
def list_standing_orders(call: Call) -> Page:
    """Standing orders, the newest first, each with what its last day has brought."""
    page = (call.limit, call.cursor, call.cursor_scope)
    return queries.standing_order_page(call.session, call.query, *page, only=_own(call, VIEW))


@routes.post("/standing-orders", permission=PLACE, portal=True, body=NewStandingOrder, out=StandingOrderOut)
def create_standing_order(call: Call) -> Mapping[str, Any]:
    """Makes a standing order, in the caller's name."""
    _check(call, call.body["customer_id"], PLACE)
    return _standing(call, standing_orders.create_standing_order(call.session, call.body))


@routes.get(_ONE, permission=VIEW, portal=True, out=StandingOrderOut)
def show_standing_order(call: Call, order_id: str) -> Mapping[str, Any]:
    """One standing order."""
    _check(call, queries.customer_of_standing_order(call.session, order_id), VIEW)
    return _standing(call, order_id)


@routes.list(f"{_ONE}/runs", permission=VIEW, portal=True, out=RunOut)
def list_runs(call: Call, order_id: str) -> Page:
    """What its days have brought, the newest first: an order, or the reason why there is none."""
    _check(call, queries.customer_of_standing_order(call.session, order_id), VIEW)
    return queries.runs(call.session, order_id, call.limit, call.cursor, call.cursor_scope)


@routes.patch(_ONE, permission=PLACE, portal=True, body=StandingOrderChanges, out=StandingOrderOut)
def change_standing_order(call: Call, order_id: str) -> Mapping[str, Any]:
    """Changes a standing order, which goes on in the caller's name."""
    _check(call, queries.customer_of_standing_order(call.session, order_id), PLACE)
    standing_orders.change_standing_order(call.session, order_id, call.version, call.body)
    return _standing(call, order_id)


@routes.post(f"{_ONE}/pause", permission=PLACE, portal=True, status=200, out=StandingOrderOut)
def pause_standing_order(call: Call, order_id: str) -> Mapping[str, Any]:
    """Lets it order nothing until it is resumed."""
    _check(call, queries.customer_of_standing_order(call.session, order_id), PLACE)
    standing_orders.pause(call.session, order_id)
    return _standing(call, order_id)


@routes.post(f"{_ONE}/resumption", permission=PLACE, portal=True, status=200, out=StandingOrderOut)
def resume_standing_order(call: Call, order_id: str) -> Mapping[str, Any]:
    """Lets it go on with its first day from today on; the days of the pause are left out."""
    _check(call, queries.customer_of_standing_order(call.session, order_id), PLACE)
    standing_orders.resume(call.session, order_id)
    return _standing(call, order_id)


@routes.post(f"{_ONE}/end", permission=PLACE, portal=True, status=200, out=StandingOrderOut)
def end_standing_order(call: Call, order_id: str) -> Mapping[str, Any]:
    """Ends it for good; what it has ordered goes on."""
    _check(call, queries.customer_of_standing_order(call.session, order_id), PLACE)
    standing_orders.end(call.session, order_id)
    return _standing(call, order_id)


def _own(call: Call, permission: str) -> list[str] | None:
    ids = call.principal.customer_ids
    return None if ids is None else [one for one in ids if call.principal.can(permission, one)]


def _check(call: Call, customer_id: str, permission: str) -> None:
    if not call.principal.sees(customer_id):
        raise CustomerNotFound("There is no such customer.")
    require(call.principal, permission, customer_id)


def _standing(call: Call, order_id: str) -> Mapping[str, Any]:
    priced = sees_prices(call, queries.customer_of_standing_order(call.session, order_id))
    return queries.standing_order(call.session, order_id, on=store.today(call.session), priced=priced)
