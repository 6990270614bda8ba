"""Operations on quotes."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from ordering.api.viewers import sees_prices
from ordering.queries import quotes as queries
from ordering.schemas.quotes import (
    Acceptance,
    NewQuote,
    NewRevision,
    QuoteDecline,
    QuoteFilter,
    QuoteOut,
    RevisionOut,
)
from ordering.use_cases import quotes

VIEW = "orders.view"
PLACE = "orders.place"
CONFIRM = "orders.confirm"

routes = Routes(
    "Quotes",
    "What customers ask for and the provider offers. Accepting one makes a draft of an order at its prices, which"
    " passes both gates like any other.",
)

_ONE = "/quotes/<uuid:quote_id>"


@routes.list("/quotes", permission=VIEW, portal=True, query=QuoteFilter, out=QuoteOut)
def list_quotes(call: Call) -> Page:
    """Quotes, the newest first."""
    ids = call.principal.customer_ids
    only = None if ids is None else [one for one in ids if call.principal.can(VIEW, one)]
    found = queries.quote_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope, only=only)
    return Page([_told(call, item) for item in found.items], found.next_cursor)


@routes.get(_ONE, permission=VIEW, portal=True, out=QuoteOut)
def show_quote(call: Call, quote_id: str) -> Mapping[str, Any]:
    """One quote."""
    _allow(call, quote_id, VIEW)
    return _shown(call, quote_id)


@routes.list(f"{_ONE}/revisions", permission=CONFIRM, out=RevisionOut)
def list_revisions(call: Call, quote_id: str) -> Page:
    """Everything that was asked for and offered, the newest first."""
    return queries.revisions(call.session, quote_id, call.limit, call.cursor, call.cursor_scope)


@routes.post("/quotes", permission=PLACE, portal=True, body=NewQuote, out=QuoteOut)
def request_quote(call: Call) -> Mapping[str, Any]:
    """Asks for a quote; also where the customer may not order by itself."""
    if call.principal.sees(call.body["customer_id"]):
        require(call.principal, PLACE, call.body["customer_id"])
    return _shown(call, quotes.request_quote(call.session, call.body))


@routes.post(f"{_ONE}/revisions", permission=CONFIRM, body=NewRevision, out=QuoteOut)
def revise_quote(call: Call, quote_id: str) -> Mapping[str, Any]:
    """Works a quote out, or anew; the customer sees it once it is sent."""
    quotes.revise_quote(call.session, quote_id, call.body)
    return _shown(call, quote_id)


@routes.post(f"{_ONE}/sending", permission=CONFIRM, status=200, out=QuoteOut)
def send_quote(call: Call, quote_id: str) -> Mapping[str, Any]:
    """Offers the newest revision to the customer."""
    quotes.send_quote(call.session, quote_id)
    return _shown(call, quote_id)


@routes.post(f"{_ONE}/acceptance", permission=PLACE, portal=True, status=200, body=Acceptance, out=QuoteOut)
def accept_quote(call: Call, quote_id: str) -> Mapping[str, Any]:
    """Accepts a quote: `order_id` is the draft of an order at its prices, which is submitted like any other."""
    _allow(call, quote_id, PLACE)
    quotes.accept_quote(call.session, quote_id, call.body)
    return _shown(call, quote_id)


@routes.post(f"{_ONE}/decline", permission=PLACE, portal=True, status=200, body=QuoteDecline, out=QuoteOut)
def decline_quote(call: Call, quote_id: str) -> Mapping[str, Any]:
    """Declines a quote, or takes back what was asked for."""
    _allow(call, quote_id, PLACE)
    quotes.decline_quote(call.session, quote_id, call.body)
    return _shown(call, quote_id)


def _allow(call: Call, quote_id: str, permission: str) -> None:
    require(call.principal, permission, queries.customer_of(call.session, quote_id))


def _shown(call: Call, quote_id: str) -> Mapping[str, Any]:
    return _told(call, queries.quote(call.session, quote_id))


def _told(call: Call, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the portal is told of a quote: no prices where the caller may not see them."""
    if sees_prices(call, item["customer_id"]):
        return item
    lines = [{name: value for name, value in line.items() if name not in _PRICES} for line in item["lines"]]
    return {name: value for name, value in item.items() if name != "total"} | {"lines": lines}


_PRICES = ("unit_price", "total", "discount")
