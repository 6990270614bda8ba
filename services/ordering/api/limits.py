"""Operations on purchase limits and exchange rates."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from ordering.queries import limits as queries
from ordering.schemas.limits import LimitChanges, LimitFilter, LimitOut, NewLimit, RateOut, Rates, UsageOut
from ordering.use_cases import purchase_limits

VIEW = "orders.view"
EDIT = "purchase_limits.edit"

routes = Routes(
    "Purchase limits",
    "How much may be ordered: an order takes of every limit that binds it, and the most restrictive one decides.",
)

_ONE = "/purchase-limits/<uuid:limit_id>"


@routes.list("/purchase-limits", permission=VIEW, portal=True, query=LimitFilter, out=LimitOut)
def list_purchase_limits(call: Call) -> Page:
    """Limits, the oldest first."""
    return queries.limit_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.get(_ONE, permission=VIEW, portal=True, out=LimitOut)
def show_purchase_limit(call: Call, limit_id: str) -> Mapping[str, Any]:
    """One limit."""
    return queries.limit(call.session, limit_id)


@routes.list(f"{_ONE}/usage", permission=VIEW, portal=True, out=UsageOut)
def show_purchase_limit_usage(call: Call, limit_id: str) -> Page:
    """What is used of a limit, the newest period first: reserved and spent together."""
    return queries.usage_page(call.session, limit_id, call.limit, call.cursor, call.cursor_scope)


@routes.post("/purchase-limits", permission=EDIT, portal=True, body=NewLimit, out=LimitOut)
def create_purchase_limit(call: Call) -> Mapping[str, Any]:
    """Sets a limit; it counts from the next order on."""
    require(call.principal, EDIT, call.body["customer_id"])
    return queries.limit(call.session, purchase_limits.create_limit(call.session, call.body))


@routes.patch(_ONE, permission=EDIT, portal=True, body=LimitChanges, out=LimitOut)
def change_purchase_limit(call: Call, limit_id: str) -> Mapping[str, Any]:
    """Changes a limit; what was ordered under it still counts."""
    require(call.principal, EDIT, queries.limit(call.session, limit_id)["customer_id"])
    purchase_limits.change_limit(call.session, limit_id, call.version, call.body)
    return queries.limit(call.session, limit_id)


@routes.delete(_ONE, permission=EDIT, portal=True, versioned=True)
def delete_purchase_limit(call: Call, limit_id: str) -> None:
    """Deletes a limit, with what it has counted."""
    require(call.principal, EDIT, queries.limit(call.session, limit_id)["customer_id"])
    purchase_limits.delete_limit(call.session, limit_id, call.version)


@routes.list("/exchange-rates", permission="prices.view", out=RateOut)
def list_exchange_rates(call: Call) -> Page:
    """The stored rates, the newest first."""
    return queries.rate_page(call.session, call.limit, call.cursor, call.cursor_scope)


@routes.put("/exchange-rates", permission="prices.edit", versioned=False, body=Rates, out=Rates)
def put_exchange_rates(call: Call) -> Mapping[str, Any]:
    """Stores rates of a day; a rate serves for a week."""
    purchase_limits.put_rates(call.session, call.body["rates"])
    return call.body
