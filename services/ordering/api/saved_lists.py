"""Operations on saved lists."""

from collections.abc import Mapping
from typing import Any, Final

from common.web import Call, Page, Routes
from ordering.api import baskets
from ordering.api.baskets import PLACE
from ordering.domain.carts import Kind
from ordering.schemas.carts import CartChanges, CartFilter, CartOut, CartSummary, NewCart, NewCartLine
from ordering.use_cases import carts

routes = Routes("Saved lists", "What a customer orders again and again.")

_KIND: Final[Kind] = "saved_list"
_ONE = "/saved-lists/<uuid:saved_list_id>"


@routes.list("/saved-lists", permission=PLACE, portal=True, query=CartFilter, out=CartSummary)
def list_saved_lists(call: Call) -> Page:
    """The saved lists of the caller and of its customers, the newest first."""
    return baskets.page(call, _KIND)


@routes.post("/saved-lists", permission=PLACE, portal=True, body=NewCart, out=CartOut)
def create_saved_list(call: Call) -> Mapping[str, Any]:
    """Makes a saved list: empty, or a copy of a cart or list."""
    return baskets.made(call, _KIND)


@routes.get(_ONE, permission=PLACE, portal=True, out=CartOut)
def show_saved_list(call: Call, saved_list_id: str) -> Mapping[str, Any]:
    """One saved list, each line at its present price, or as no longer available."""
    baskets.check(call, _KIND, saved_list_id)
    return baskets.shown(call, _KIND, saved_list_id)


@routes.patch(_ONE, permission=PLACE, portal=True, body=CartChanges, out=CartOut)
def rename_saved_list(call: Call, saved_list_id: str) -> Mapping[str, Any]:
    """Renames a saved list."""
    baskets.check(call, _KIND, saved_list_id)
    carts.rename_cart(call.session, _KIND, saved_list_id, call.version, call.body)
    return baskets.shown(call, _KIND, saved_list_id)


@routes.delete(_ONE, permission=PLACE, portal=True)
def delete_saved_list(call: Call, saved_list_id: str) -> None:
    """Throws a saved list away."""
    baskets.check(call, _KIND, saved_list_id)
    carts.delete_cart(call.session, _KIND, saved_list_id)


@routes.post(f"{_ONE}/lines", permission=PLACE, portal=True, status=200, body=NewCartLine, out=CartOut)
def put_saved_list_line(call: Call, saved_list_id: str) -> Mapping[str, Any]:
    """Sets how many of a listing are in the saved list."""
    baskets.check(call, _KIND, saved_list_id)
    carts.put_line(call.session, _KIND, saved_list_id, call.body["listing_id"], call.body["quantity"])
    return baskets.shown(call, _KIND, saved_list_id)


@routes.delete(f"{_ONE}/lines/<uuid:listing_id>", permission=PLACE, portal=True)
def remove_saved_list_line(call: Call, saved_list_id: str, listing_id: str) -> None:
    """Takes a listing out of the saved list."""
    baskets.check(call, _KIND, saved_list_id)
    carts.remove_line(call.session, _KIND, saved_list_id, listing_id)
