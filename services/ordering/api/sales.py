"""Operations on sales: what customers sell to others, as who sells it sees and decides it."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from ordering.api.sellers import SELL, sellers_of
from ordering.api.viewers import sees_prices
from ordering.errors.selling import SaleNotFound
from ordering.queries import sales as queries
from ordering.schemas.orders import Decline, Provision
from ordering.schemas.sales import SaleFilter, SaleOut
from ordering.use_cases.acting import as_service
from ordering.use_cases.orders import sale_decisions

VIEW = "orders.view"

routes = Routes(
    "Sales",
    "What customers sell. Whoever sells something of an order says yes or no to its part before the provider is asked;"
    " an order that the provider has no part in is confirmed by that alone.",
)

_ONE = "/sales/<uuid:sale_id>"


@routes.list("/sales", permission=VIEW, portal=True, portal_permission=SELL, query=SaleFilter, out=SaleOut)
def list_sales(call: Call) -> Page:
    """What the caller's customers sell, the newest first."""
    only = sellers_of(call) if call.principal.is_portal else None
    with as_service(call.session):
        page = queries.sale_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope, only=only)
    return Page([_told(call, item) for item in page.items], page.next_cursor)


@routes.get(_ONE, permission=VIEW, portal=True, portal_permission=SELL, out=SaleOut)
def show_sale(call: Call, sale_id: str) -> Mapping[str, Any]:
    """One sale."""
    _allow(call, sale_id)
    return _shown(call, sale_id)


@routes.post(f"{_ONE}/confirmation", permission=SELL, portal=True, status=200, out=SaleOut)
def confirm_sale(call: Call, sale_id: str) -> Mapping[str, Any]:
    """Says yes: the caller's customer delivers its part of the order."""
    _allow(call, sale_id)
    sale_decisions.confirm(call.session, sale_id)
    return _shown(call, sale_id)


@routes.post(f"{_ONE}/decline", permission=SELL, portal=True, status=200, body=Decline, out=SaleOut)
def decline_sale(call: Call, sale_id: str) -> Mapping[str, Any]:
    """Says no, for a reason, which ends the whole order."""
    _allow(call, sale_id)
    sale_decisions.decline(call.session, sale_id, call.body)
    return _shown(call, sale_id)


@routes.post(f"{_ONE}/provisions", permission=SELL, portal=True, status=200, body=Provision, out=SaleOut)
def provide_sale(call: Call, sale_id: str) -> Mapping[str, Any]:
    """Tells that what was sold has been provided."""
    _allow(call, sale_id)
    sale_decisions.provide(call.session, sale_id, call.body)
    return _shown(call, sale_id)


def _allow(call: Call, sale_id: str) -> None:
    """Who buys has a part in the sale, too, and is no seller of it."""
    seller_id = queries.seller_of(call.session, sale_id)
    if not call.principal.sees(seller_id):
        raise SaleNotFound("There is no such sale of yours.")
    if call.principal.is_portal:
        require(call.principal, SELL, seller_id)


def _shown(call: Call, sale_id: str) -> Mapping[str, Any]:
    with as_service(call.session):
        return _told(call, queries.sale(call.session, sale_id))


def _told(call: Call, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sale, without amounts where the caller may not see what its customer asks."""
    if sees_prices(call, item["seller"]["id"]):
        return item
    lines = [line | {"unit_price": None, "total": None} for line in item["lines"]]
    return {**item, "total": None, "lines": lines}
