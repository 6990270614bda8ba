"""What the operations on carts and on saved lists have in common."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page
from common.web.access import CustomerNotFound, require
from ordering.api.viewers import sees_prices
from ordering.domain.carts import Kind
from ordering.queries import carts as queries
from ordering.use_cases import carts, store

PLACE = "orders.place"


def page(call: Call, kind: Kind) -> Page:
    """Those of the customers for whom the caller orders; with `mine` only its own."""
    filters: dict[str, Any] = {name: call.query[name] for name in ("customer_id",) if name in call.query}
    own = call.principal.customer_ids
    if own is not None:
        filters["customer_ids"] = [customer_id for customer_id in own if call.principal.can(PLACE, customer_id)]
    if call.query.get("mine"):
        filters["owner"] = call.principal.actor
    return queries.cart_page(call.session, kind, filters, call.limit, call.cursor, call.cursor_scope)


def made(call: Call, kind: Kind) -> Mapping[str, Any]:
    """Makes one, and shows it."""
    _check(call, call.body["customer_id"])
    return shown(call, kind, carts.create_cart(call.session, kind, call.body))


def check(call: Call, kind: Kind, cart_id: str) -> None:
    """One of another customer does not exist for the caller; of its own it needs the permission there."""
    _check(call, queries.cart(call.session, cart_id, kind)["customer_id"])


def shown(call: Call, kind: Kind, cart_id: str) -> Mapping[str, Any]:
    """One as it stands now, with prices where the caller may see them."""
    priced = sees_prices(call, queries.cart(call.session, cart_id, kind)["customer_id"])
    return queries.priced_cart(call.session, kind, cart_id, on=store.today(call.session), priced=priced)


def _check(call: Call, customer_id: str) -> None:
    if not call.principal.sees(customer_id):
        raise CustomerNotFound("There is no such customer.")
    require(call.principal, PLACE, customer_id)
