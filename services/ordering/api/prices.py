"""Operations on price lists and the prices in them."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from ordering.queries import price_lists as queries
from ordering.schemas.prices import (
    NewPriceList,
    NewPrices,
    PriceFilter,
    PriceListChanges,
    PriceListFilter,
    PriceListOut,
    PriceOut,
    PricesSet,
)
from ordering.use_cases import prices

VIEW = "prices.view"
EDIT = "prices.edit"

routes = Routes("Prices", "Lists of prices: the standard ones, and those of groups, customers and contracts.")

_ONE = "/price-lists/<uuid:list_id>"


@routes.list("/price-lists", permission=VIEW, query=PriceListFilter, out=PriceListOut)
def list_price_lists(call: Call) -> Page:
    """The price lists, by code."""
    return queries.price_list_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.post("/price-lists", permission=EDIT, body=NewPriceList, out=PriceListOut)
def create_price_list(call: Call) -> Mapping[str, Any]:
    """Makes a price list, without prices."""
    list_id = prices.create_price_list(call.session, call.body)
    return queries.price_list(call.session, list_id)


@routes.get(_ONE, permission=VIEW, out=PriceListOut)
def show_price_list(call: Call, list_id: str) -> Mapping[str, Any]:
    """One price list."""
    return queries.price_list(call.session, list_id)


@routes.patch(_ONE, permission=EDIT, body=PriceListChanges, out=PriceListOut)
def change_price_list(call: Call, list_id: str) -> Mapping[str, Any]:
    """Changes what a list is called, how it ranks and when it holds."""
    prices.change_price_list(call.session, list_id, call.version, call.body)
    return queries.price_list(call.session, list_id)


@routes.list(f"{_ONE}/prices", permission=VIEW, query=PriceFilter, out=PriceOut)
def list_prices(call: Call, list_id: str) -> Page:
    """The prices of a list, by SKU and quantity."""
    return queries.price_page(call.session, list_id, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.post(f"{_ONE}/prices", permission=EDIT, status=200, body=NewPrices, out=PricesSet)
def set_prices(call: Call, list_id: str) -> Mapping[str, Any]:
    """Sets many prices at once: all, or where one is refused none."""
    return {"changed": prices.set_prices(call.session, list_id, call.body["prices"])}
