"""Operations on bundles."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import CustomerNotFound, require
from ordering.api.orders import show_order
from ordering.api.viewers import seen_for, sees_prices
from ordering.errors.bundles import BundleNotFound
from ordering.queries import bundles as queries
from ordering.schemas.bundles import BundleChanges, BundleFilter, BundleOrder, BundleOut, BundleViewpoint, NewBundle
from ordering.schemas.orders import OrderOut
from ordering.use_cases import bundles, store

VIEW = "listings.view"
PLACE = "orders.place"
EDIT = "bundles.edit"

routes = Routes(
    "Bundles",
    "What a role or a department is given, ordered at once for it. A customer's hold for its branches, the provider's"
    " for everybody.",
)

_ONE = "/bundles/<uuid:bundle_id>"


@routes.list("/bundles", permission=VIEW, portal=True, query=BundleFilter, out=BundleOut)
def list_bundles(call: Call) -> Page:
    """Bundles by name; for a role or department those that are for it, and those for everybody."""
    return queries.bundle_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.post("/bundles", permission=EDIT, portal=True, body=NewBundle, out=BundleOut)
def create_bundle(call: Call) -> Mapping[str, Any]:
    """Makes a bundle."""
    _allow(call, call.body.get("customer_id"))
    return queries.bundle(call.session, bundles.create_bundle(call.session, call.body))


@routes.get(_ONE, permission=VIEW, portal=True, query=BundleViewpoint, out=BundleOut)
def show_bundle(call: Call, bundle_id: str) -> Mapping[str, Any]:
    """One bundle; its lines as they stand now for the customer that looks."""
    customer_id = seen_for(call)
    if customer_id is None:
        return queries.bundle(call.session, bundle_id)
    require(call.principal, VIEW, customer_id)
    priced = sees_prices(call, customer_id)
    return queries.seen_bundle(call.session, bundle_id, customer_id, on=store.today(call.session), priced=priced)


@routes.patch(_ONE, permission=EDIT, portal=True, body=BundleChanges, out=BundleOut)
def change_bundle(call: Call, bundle_id: str) -> Mapping[str, Any]:
    """Changes fields of a bundle."""
    _allow_one(call, bundle_id)
    bundles.change_bundle(call.session, bundle_id, call.version, call.body)
    return queries.bundle(call.session, bundle_id)


@routes.delete(_ONE, permission=EDIT, portal=True, versioned=True)
def delete_bundle(call: Call, bundle_id: str) -> None:
    """Deletes a bundle; what was ordered by it stays."""
    _allow_one(call, bundle_id)
    bundles.delete_bundle(call.session, bundle_id, call.version)


@routes.post(f"{_ONE}/orders", permission=PLACE, portal=True, body=BundleOrder, out=OrderOut)
def order_bundle(call: Call, bundle_id: str) -> Mapping[str, Any]:
    """Begins an order of a bundle, as a draft, for a department or a person."""
    if not call.principal.sees(call.body["customer_id"]):
        raise CustomerNotFound("There is no such customer.")
    require(call.principal, PLACE, call.body["customer_id"])
    shown: Mapping[str, Any] = show_order(call, bundles.order_bundle(call.session, bundle_id, call.body))
    return shown


def _allow_one(call: Call, bundle_id: str) -> None:
    owner_id = queries.bundle(call.session, bundle_id)["customer_id"]
    if call.principal.is_portal and (owner_id is None or not call.principal.sees(owner_id)):
        raise BundleNotFound("This is no bundle of yours.")
    require(call.principal, EDIT, owner_id)


def _allow(call: Call, customer_id: str | None) -> None:
    """In the portal a bundle is a customer's, which the caller names."""
    if call.principal.is_portal and (customer_id is None or not call.principal.sees(customer_id)):
        raise CustomerNotFound("Name a customer of yours as `customer_id`.")
    require(call.principal, EDIT, customer_id)
