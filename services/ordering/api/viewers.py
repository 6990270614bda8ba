"""For whom the caller looks, and what of prices it may see."""

from collections.abc import Iterator
from contextlib import contextmanager

from common.web import Call
from common.web.access import CustomerNotFound
from ordering.errors.listings import CustomerNeeded
from ordering.errors.orders import LimitExceeded, PriceChanged
from ordering.errors.purchase_orders import PoBudgetExceeded
from ordering.queries.orders import customer_of


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


@contextmanager
def refused_without_amounts(call: Call, order_id: str) -> Iterator[None]:
    """Lets a refusal name amounts only to who may see prices; its sentence has none."""
    try:
        yield
    except (LimitExceeded, PoBudgetExceeded, PriceChanged) as refused:
        if sees_prices(call, customer_of(call.session, order_id)):
            raise
        raise type(refused)(refused.detail, errors=refused.errors) from refused
