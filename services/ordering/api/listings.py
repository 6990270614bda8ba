"""Operations on listings."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from ordering.api.sellers import SELL, own_listing, seller_of, sellers_of
from ordering.api.viewers import seen_for, sees_prices
from ordering.queries import listings as queries
from ordering.schemas.listings import ListingChanges, ListingFilter, ListingOut, NewListing, Viewpoint
from ordering.use_cases import listings, selling, store

VIEW = "listings.view"
EDIT = "listings.edit"

routes = Routes("Listings", "What is offered: goods, services, and what customers offer to their own.")

_ONE = "/listings/<uuid:listing_id>"


@routes.list("/listings", permission=VIEW, portal=True, query=ListingFilter, out=ListingOut)
def list_listings(call: Call) -> Page:
    """Listings by name. In the portal, and where a customer is named, only what that customer sees, at its prices; with
    `selling` what the caller's customers sell, in every status."""
    page = (call.limit, call.cursor, call.cursor_scope)
    if call.query.get("selling") and call.principal.is_portal:
        return queries.sold_page(call.session, sellers_of(call), call.query, *page)
    customer_id = seen_for(call)
    if customer_id is None:
        return queries.listing_page(call.session, call.query, *page)
    require(call.principal, VIEW, customer_id)
    priced = sees_prices(call, customer_id)
    found = queries.seen_page(call.session, customer_id, call.query, *page, on=store.today(call.session), priced=priced)
    return Page([_told(call, item) for item in found.items], found.next_cursor)


@routes.get(_ONE, permission=VIEW, portal=True, query=Viewpoint, out=ListingOut)
def show_listing(call: Call, listing_id: str) -> Mapping[str, Any]:
    """One listing. What a customer does not see does not exist for its portal, but for what it sells itself."""
    if call.query.get("selling"):
        return _shown(call, listing_id, _seller(call, listing_id))
    customer_id = seen_for(call)
    if customer_id is None:
        return queries.listing(call.session, listing_id)
    require(call.principal, VIEW, customer_id)
    priced = sees_prices(call, customer_id)
    on = store.today(call.session)
    return _told(call, queries.seen_listing(call.session, customer_id, listing_id, on=on, priced=priced))


@routes.post("/listings", permission=EDIT, portal=True, portal_permission=SELL, body=NewListing, out=ListingOut)
def create_listing(call: Call) -> Mapping[str, Any]:
    """Makes a listing, as a draft. In the portal it is one of the caller's own customer, whose number its SKU begins
    with, and is offered to that customer's tree unless something else is said."""
    if not call.principal.is_portal:
        return queries.listing(call.session, listings.create_listing(call.session, call.body))
    seller_id = seller_of(call, call.body.get("owner_id"))
    return queries.listing(call.session, selling.create_listing(call.session, seller_id, call.body))


@routes.patch(_ONE, permission=EDIT, portal=True, portal_permission=SELL, body=ListingChanges, out=ListingOut)
def change_listing(call: Call, listing_id: str) -> Mapping[str, Any]:
    """Changes fields of a listing; in the portal of one that the caller's own customer sells."""
    seller_id = _seller(call, listing_id)
    if seller_id is None:
        listings.change_listing(call.session, listing_id, call.version, call.body)
    else:
        selling.change_listing(call.session, seller_id, listing_id, call.version, call.body)
    return queries.listing(call.session, listing_id)


@routes.post(
    f"{_ONE}/publication",
    permission=EDIT,
    portal=True,
    portal_permission=SELL,
    status=200,
    versioned=True,
    out=ListingOut,
)
def publish_listing(call: Call, listing_id: str) -> Mapping[str, Any]:
    """Publishes a draft, or a listing that is paused."""
    return _move(call, listing_id, "published")


@routes.post(
    f"{_ONE}/pause", permission=EDIT, portal=True, portal_permission=SELL, status=200, versioned=True, out=ListingOut
)
def pause_listing(call: Call, listing_id: str) -> Mapping[str, Any]:
    """Takes a published listing out of all catalogues for a while."""
    return _move(call, listing_id, "paused")


@routes.post(
    f"{_ONE}/retirement",
    permission=EDIT,
    portal=True,
    portal_permission=SELL,
    status=200,
    versioned=True,
    out=ListingOut,
)
def retire_listing(call: Call, listing_id: str) -> Mapping[str, Any]:
    """Takes a listing out of all catalogues for good."""
    return _move(call, listing_id, "retired")


@routes.post(f"{_ONE}/global-publication", permission=EDIT, status=200, versioned=True, out=ListingOut)
def publish_listing_globally(call: Call, listing_id: str) -> Mapping[str, Any]:
    """Offers a listing to everybody who inherits the marketplace, also one that a customer sells."""
    listings.publish_globally(call.session, listing_id, call.version)
    return queries.listing(call.session, listing_id)


def _move(call: Call, listing_id: str, verb: str) -> Mapping[str, Any]:
    seller_id = _seller(call, listing_id)
    if seller_id is None:
        listings.move_listing(call.session, listing_id, call.version, verb)
    else:
        selling.move_listing(call.session, seller_id, listing_id, call.version, verb)
    return queries.listing(call.session, listing_id)


def _seller(call: Call, listing_id: str) -> str | None:
    """The customer for which a portal account sells this listing; None where it is staff that asks."""
    return own_listing(call, listing_id) if call.principal.is_portal else None


def _shown(call: Call, listing_id: str, seller_id: str | None) -> Mapping[str, Any]:
    if seller_id is not None:
        selling.check_selling(call.session, seller_id)
    return queries.listing(call.session, listing_id)


def _told(call: Call, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the portal is told of a listing that it may order: from where its price comes is its seller's affair."""
    if not call.principal.is_portal:
        return item
    return {name: value for name, value in item.items() if name not in {"price_source", "own_price"}}
