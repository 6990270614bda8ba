"""Operations on orders, from draft to end."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from common.web.call import Answer
from ordering.api.viewers import refused_without_amounts, sees_prices
from ordering.queries import orders as queries
from ordering.queries.orphans import orphans_page
from ordering.schemas.orders import (
    Cancellation,
    Confirmation,
    Decline,
    NewOrder,
    OrderChanges,
    OrderFilter,
    OrderOut,
    OrderSummary,
    OrphanOut,
    Provision,
    ReorderOut,
    Submission,
    SubmittedOut,
)
from ordering.use_cases.orders import decisions, drafts, endings, submission

VIEW = "orders.view"
PLACE = "orders.place"
CONFIRM = "orders.confirm"

routes = Routes(
    "Orders",
    "What customers order. A submitted order passes two gates: its company approves it where a rule asks for that, and"
    " the provider confirms it, or the customer's setting does.",
)

_ONE = "/orders/<uuid:order_id>"


@routes.list("/orders", permission=VIEW, portal=True, query=OrderFilter, out=OrderSummary)
def list_orders(call: Call) -> Page:
    """Orders, the newest first."""
    ids = call.principal.customer_ids
    only = None if ids is None else [one for one in ids if call.principal.can(VIEW, one)]
    page = queries.order_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope, only=only)
    return Page([_priced(call, order) for order in page.items], page.next_cursor)


@routes.get(_ONE, permission=VIEW, portal=True, out=OrderOut)
def show_order(call: Call, order_id: str) -> Mapping[str, Any]:
    """One order with its lines, its shipments, and what is to come back or came back of it."""
    _allow(call, order_id, VIEW)
    return shown_to(call, order_id)


@routes.post("/orders", permission=PLACE, portal=True, body=NewOrder, out=OrderOut)
def create_order(call: Call) -> Mapping[str, Any]:
    """Begins an order as a draft, with prices."""
    if call.principal.sees(call.body["customer_id"]):
        require(call.principal, PLACE, call.body["customer_id"])
    return shown_to(call, drafts.create(call.session, call.body))


@routes.patch(_ONE, permission=PLACE, portal=True, body=OrderChanges, out=OrderOut)
def change_order(call: Call, order_id: str) -> Mapping[str, Any]:
    """Changes a draft."""
    _allow(call, order_id, PLACE)
    drafts.change(call.session, order_id, call.version, call.body)
    return shown_to(call, order_id)


@routes.post(f"{_ONE}/submission", permission=PLACE, portal=True, status=200, body=Submission, out=SubmittedOut)
def submit_order(call: Call, order_id: str) -> Mapping[str, Any]:
    """Submits a draft: prices, switches and limits are checked and frozen, and stock is reserved."""
    _allow(call, order_id, PLACE)
    with refused_without_amounts(call, order_id):
        warnings = submission.submit(call.session, order_id, call.body, call.deps.auto_confirm_ceiling)
    return {**shown_to(call, order_id), "warnings": warnings}


@routes.post(f"{_ONE}/confirmation", permission=CONFIRM, status=200, body=Confirmation, out=OrderOut)
def confirm_order(call: Call, order_id: str) -> Mapping[str, Any]:
    """Confirms an order for the provider."""
    decisions.confirm(call.session, order_id, call.body)
    return shown_to(call, order_id)


@routes.post(f"{_ONE}/decline", permission=CONFIRM, status=200, body=Decline, out=OrderOut)
def decline_order(call: Call, order_id: str) -> Mapping[str, Any]:
    """Declines an order for the provider."""
    decisions.decline(call.session, order_id, call.body)
    return shown_to(call, order_id)


@routes.post(f"{_ONE}/hold-release", permission=CONFIRM, status=200, out=OrderOut)
def release_order(call: Call, order_id: str) -> Mapping[str, Any]:
    """Lets a held order go on."""
    decisions.release_hold(call.session, order_id)
    return shown_to(call, order_id)


@routes.post(f"{_ONE}/provisions", permission=CONFIRM, status=200, body=Provision, out=OrderOut)
def provide_lines(call: Call, order_id: str) -> Mapping[str, Any]:
    """Tells that services of a confirmed order were provided."""
    decisions.provide(call.session, order_id, call.body)
    return shown_to(call, order_id)


@routes.post(f"{_ONE}/cancellation", permission=PLACE, portal=True, status=200, body=Cancellation, out=OrderOut)
def cancel_order(call: Call, order_id: str) -> Mapping[str, Any]:
    """Cancels what is not on its way. A confirmed order is cancelled as soon as the warehouse has let go of it."""
    _allow(call, order_id, PLACE)
    endings.cancel(call.session, order_id, call.body)
    return shown_to(call, order_id)


@routes.post(f"{_ONE}/reorder", permission=PLACE, portal=True, out=ReorderOut)
def reorder(call: Call, order_id: str) -> Answer:
    """Begins a new draft with what an order held, and tells what differs now."""
    _allow(call, order_id, PLACE)
    new_id, differences = drafts.reorder(call.session, order_id)
    if not sees_prices(call, queries.customer_of(call.session, order_id)):
        differences = [one for one in differences if one["what"] != "unit_price"]
    shown = {**shown_to(call, new_id), "differences": differences}
    return call.ok(shown, headers={"Location": f"/orders/{new_id}"})


@routes.list("/operations/orphans", permission="operations.view", out=OrphanOut)
def list_orphans(call: Call) -> Page:
    """Reservations without an open order, and orders that the warehouse has not answered; the oldest first. There must
    be none."""
    return orphans_page(call.session, call.limit, call.cursor, call.cursor_scope)


def _allow(call: Call, order_id: str, permission: str) -> None:
    require(call.principal, permission, queries.customer_of(call.session, order_id))


def shown_to(call: Call, order_id: str) -> Mapping[str, Any]:
    """The order as its answer shows it to this caller."""
    return _priced(call, queries.order(call.session, order_id))


def _priced(call: Call, order: Mapping[str, Any]) -> Mapping[str, Any]:
    """The order, without amounts where the caller's roles at that customer do not let it see prices."""
    if not call.principal.is_portal or sees_prices(call, order["customer_id"]):
        return order
    hidden = {"unit_price": None, "total": None, "price_source": None, "discount": None}
    lines = {"lines": [line | hidden for line in order["lines"]]} if "lines" in order else {}
    return {**order, **lines, "total": None}
