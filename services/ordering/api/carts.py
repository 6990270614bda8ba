"""Operations on carts."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import CustomerNotFound, require
from ordering.api.viewers import sees_prices
from ordering.queries import carts as queries
from ordering.schemas.carts import CartChanges, CartFilter, CartOut, CartSummary, NewCart, NewCartLine
from ordering.use_cases import carts, store

PLACE = "orders.place"

routes = Routes("Carts", "What a customer is about to order.")

_ONE = "/carts/<uuid:cart_id>"


@routes.list("/carts", permission=PLACE, portal=True, query=CartFilter, out=CartSummary)
def list_carts(call: Call) -> Page:
    """The carts of the caller and of its customers, the newest first."""
    filters: dict[str, Any] = {name: call.query[name] for name in ("customer_id",) if name in call.query}
    own = call.principal.customer_ids
    if own is not None:
        filters["customer_ids"] = [customer_id for customer_id in own if call.principal.can(PLACE, customer_id)]
    if call.query.get("mine"):
        filters["owner"] = call.principal.actor
    return queries.cart_page(call.session, filters, call.limit, call.cursor, call.cursor_scope)


@routes.post("/carts", permission=PLACE, portal=True, body=NewCart, out=CartOut)
def create_cart(call: Call) -> Mapping[str, Any]:
    """Makes an empty cart."""
    _check(call, call.body["customer_id"])
    cart_id = carts.create_cart(call.session, call.body["customer_id"], call.body.get("name"))
    return _shown(call, cart_id)


@routes.get(_ONE, permission=PLACE, portal=True, out=CartOut)
def show_cart(call: Call, cart_id: str) -> Mapping[str, Any]:
    """One cart, each line at its present price, or as no longer available."""
    _check_cart(call, cart_id)
    return _shown(call, cart_id)


@routes.patch(_ONE, permission=PLACE, portal=True, body=CartChanges, out=CartOut)
def rename_cart(call: Call, cart_id: str) -> Mapping[str, Any]:
    """Renames a cart."""
    _check_cart(call, cart_id)
    carts.rename_cart(call.session, cart_id, call.version, call.body)
    return _shown(call, cart_id)


@routes.delete(_ONE, permission=PLACE, portal=True)
def delete_cart(call: Call, cart_id: str) -> None:
    """Throws a cart away."""
    _check_cart(call, cart_id)
    carts.delete_cart(call.session, cart_id)


@routes.post(f"{_ONE}/lines", permission=PLACE, portal=True, status=200, body=NewCartLine, out=CartOut)
def put_cart_line(call: Call, cart_id: str) -> Mapping[str, Any]:
    """Sets how many of a listing are in the cart."""
    _check_cart(call, cart_id)
    carts.put_line(call.session, cart_id, call.body["listing_id"], call.body["quantity"])
    return _shown(call, cart_id)


@routes.delete(f"{_ONE}/lines/<uuid:listing_id>", permission=PLACE, portal=True)
def remove_cart_line(call: Call, cart_id: str, listing_id: str) -> None:
    """Takes a listing out of the cart."""
    _check_cart(call, cart_id)
    carts.remove_line(call.session, cart_id, listing_id)


def _check(call: Call, customer_id: str) -> None:
    if not call.principal.sees(customer_id):
        raise CustomerNotFound("There is no such customer.")
    require(call.principal, PLACE, customer_id)


def _check_cart(call: Call, cart_id: str) -> None:
    """A cart of another customer does not exist for the caller; of its own it needs the permission there."""
    _check(call, queries.cart(call.session, cart_id)["customer_id"])


def _shown(call: Call, cart_id: str) -> Mapping[str, Any]:
    priced = sees_prices(call, queries.cart(call.session, cart_id)["customer_id"])
    return queries.priced_cart(call.session, cart_id, on=store.today(call.session), priced=priced)
