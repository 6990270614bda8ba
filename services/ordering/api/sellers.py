"""For which customers the caller sells."""

from common.web import Call
from common.web.access import CustomerNotFound, require
from ordering.errors.listings import CustomerNeeded, ListingNotFound
from ordering.queries.listings import owner_of

SELL = "listings.sell"


def sellers_of(call: Call) -> list[str]:
    """The customers of a portal account for which it may sell."""
    return [one for one in call.principal.customer_ids or () if call.principal.can(SELL, one)]


def seller_of(call: Call, named: str | None) -> str:
    """The customer for which a portal account sells: the one named, else the only one. Raises CustomerNotFound,
    PermissionMissing, and CustomerNeeded of an account with several."""
    if named is None:
        own = sellers_of(call)
        if len(own) != 1:
            raise CustomerNeeded("You sell for several customers; name one of them as `owner_id`.")
        return own[0]
    if not call.principal.sees(named):
        raise CustomerNotFound("There is no such customer.")
    require(call.principal, SELL, named)
    return named


def own_listing(call: Call, listing_id: str) -> str:
    """The customer for which a portal account sells this listing. What others sell is no listing of the caller's;
    raises ListingNotFound."""
    owner_id = owner_of(call.session, listing_id)
    if owner_id is None or not call.principal.sees(owner_id):
        raise ListingNotFound("This is no listing of yours.")
    return seller_of(call, owner_id)
