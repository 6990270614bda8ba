"""Operations on carts."""

from collections.abc import Mapping
from typing import Any, Final

from common.web import Call, Page, Routes
from ordering.api import baskets
from ordering.api.baskets import PLACE
from ordering.domain.carts import Kind
from ordering.schemas.carts import CartChanges, CartFilter, CartOut, CartSummary, NewCart, NewCartLine
from ordering.use_cases import carts

routes = Routes("Carts", "What a customer is about to order.")

_KIND: Final[Kind] = "cart"
_ONE = "/carts/<uuid:cart_id>"


@routes.list("/carts", permission=PLACE, portal=True, query=CartFilter, out=CartSummary)
def list_carts(call: Call) -> Page:
    """The carts of the caller and of its customers, the newest first."""
    return baskets.page(call, _KIND)


@routes.post("/carts", permission=PLACE, portal=True, body=NewCart, out=CartOut)
def create_cart(call: Call) -> Mapping[str, Any]:
    """Makes a cart: empty, or a copy of a cart or list."""
    return baskets.made(call, _KIND)


@routes.get(_ONE, permission=PLACE, portal=True, out=CartOut)
def show_cart(call: Call, cart_id: str) -> Mapping[str, Any]:
    """One cart, each line at its present price, or as no longer available."""
    baskets.check(call, _KIND, cart_id)
    return baskets.shown(call, _KIND, cart_id)


@routes.patch(_ONE, permission=PLACE, portal=True, body=CartChanges, out=CartOut)
def rename_cart(call: Call, cart_id: str) -> Mapping[str, Any]:
    """Renames a cart."""
    baskets.check(call, _KIND, cart_id)
    carts.rename_cart(call.session, _KIND, cart_id, call.version, call.body)
    return baskets.shown(call, _KIND, cart_id)


@routes.delete(_ONE, permission=PLACE, portal=True)
def delete_cart(call: Call, cart_id: str) -> None:
    """Throws a cart away."""
    baskets.check(call, _KIND, cart_id)
    carts.delete_cart(call.session, _KIND, cart_id)


@routes.post(f"{_ONE}/lines", permission=PLACE, portal=True, status=200, body=NewCartLine, out=CartOut)
def put_cart_line(call: Call, cart_id: str) -> Mapping[str, Any]:
    """Sets how many of a listing are in the cart."""
    baskets.check(call, _KIND, cart_id)
    carts.put_line(call.session, _KIND, cart_id, call.body["listing_id"], call.body["quantity"])
    return baskets.shown(call, _KIND, cart_id)


@routes.delete(f"{_ONE}/lines/<uuid:listing_id>", permission=PLACE, portal=True)
def remove_cart_line(call: Call, cart_id: str, listing_id: str) -> None:
    """Takes a listing out of the cart."""
    baskets.check(call, _KIND, cart_id)
    carts.remove_line(call.session, _KIND, cart_id, listing_id)
