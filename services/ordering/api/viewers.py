"""For whom the caller looks, and what of prices it may see."""

from common.web import Call
from common.web.access import CustomerNotFound
from ordering.errors.listings import CustomerNeeded


def seen_for(call: Call) -> str | None:
    """The customer in whose place the caller looks: the one it names, else the only one of a portal account; None where
    staff names none. Raises CustomerNotFound, and CustomerNeeded of an account with several."""
    named: str | None = call.query.get("customer_id")
    own = call.principal.customer_ids
    if own is None:
        return named
    if named is not None:
        if named not in own:
            raise CustomerNotFound("There is no such customer.")
        return named
    if len(own) != 1:
        raise CustomerNeeded("You buy for several customers; add `customer_id` to say for which you look.")
    return own[0]


def sees_prices(call: Call, customer_id: str | None) -> bool:
    """Whether the caller may see what that customer pays."""
    return call.principal.can("prices.view", customer_id)
