"""Operations on listings."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from ordering.api.viewers import seen_for, sees_prices
from ordering.queries import listings as queries
from ordering.schemas.listings import ListingChanges, ListingFilter, ListingOut, NewListing, Viewpoint
from ordering.use_cases import listings, store

VIEW = "listings.view"
EDIT = "listings.edit"

routes = Routes("Listings", "What is offered: goods, services, and what customers offer to their own.")

_ONE = "/listings/<uuid:listing_id>"


@routes.list("/listings", permission=VIEW, portal=True, query=ListingFilter, out=ListingOut)
def list_listings(call: Call) -> Page:
    """Listings by name. In the portal, and where a customer is named, only what that customer sees, at its prices."""
    customer_id = seen_for(call)
    page = (call.limit, call.cursor, call.cursor_scope)
    if customer_id is None:
        return queries.listing_page(call.session, call.query, *page)
    require(call.principal, VIEW, customer_id)
    priced = sees_prices(call, customer_id)
    found = queries.seen_page(call.session, customer_id, call.query, *page, on=store.today(call.session), priced=priced)
    return Page([_told(call, item) for item in found.items], found.next_cursor)


@routes.get(_ONE, permission=VIEW, portal=True, query=Viewpoint, out=ListingOut)
def show_listing(call: Call, listing_id: str) -> Mapping[str, Any]:
    """One listing. What a customer does not see does not exist for its portal."""
    customer_id = seen_for(call)
    if customer_id is None:
        return queries.listing(call.session, listing_id)
    require(call.principal, VIEW, customer_id)
    priced = sees_prices(call, customer_id)
    on = store.today(call.session)
    return _told(call, queries.seen_listing(call.session, customer_id, listing_id, on=on, priced=priced))


@routes.post("/listings", permission=EDIT, body=NewListing, out=ListingOut)
def create_listing(call: Call) -> Mapping[str, Any]:
    """Makes a listing, as a draft."""
    listing_id = listings.create_listing(call.session, call.body)
    return queries.listing(call.session, listing_id)


@routes.patch(_ONE, permission=EDIT, body=ListingChanges, out=ListingOut)
def change_listing(call: Call, listing_id: str) -> Mapping[str, Any]:
    """Changes fields of a listing."""
    listings.change_listing(call.session, listing_id, call.version, call.body)
    return queries.listing(call.session, listing_id)


@routes.post(f"{_ONE}/publication", permission=EDIT, status=200, versioned=True, out=ListingOut)
def publish_listing(call: Call, listing_id: str) -> Mapping[str, Any]:
    """Publishes a draft, or a listing that is paused."""
    return _move(call, listing_id, "published")


@routes.post(f"{_ONE}/pause", permission=EDIT, status=200, versioned=True, out=ListingOut)
def pause_listing(call: Call, listing_id: str) -> Mapping[str, Any]:
    """Takes a published listing out of all catalogues for a while."""
    return _move(call, listing_id, "paused")


@routes.post(f"{_ONE}/retirement", permission=EDIT, status=200, versioned=True, out=ListingOut)
def retire_listing(call: Call, listing_id: str) -> Mapping[str, Any]:
    """Takes a listing out of all catalogues for good."""
    return _move(call, listing_id, "retired")


def _move(call: Call, listing_id: str, verb: str) -> Mapping[str, Any]:
    listings.move_listing(call.session, listing_id, call.version, verb)
    return queries.listing(call.session, listing_id)


def _told(call: Call, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the portal is told of a listing: from which list its price comes is the provider's affair."""
    return {name: value for name, value in item.items() if name != "price_source" or not call.principal.is_portal}
