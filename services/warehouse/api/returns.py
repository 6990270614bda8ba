"""Operations on returns of goods."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from warehouse.queries import returns as queries
from warehouse.schemas.returns import (
    Arrival,
    Authorization,
    Denial,
    Inspection,
    NewReturn,
    Reason,
    ReturnFilter,
    ReturnOut,
    ReturnReceipt,
)
from warehouse.use_cases.returns import receiving, requests

VIEW = "orders.view"
PLACE = "orders.place"
EDIT = "shipments.edit"

routes = Routes(
    "Returns",
    "Goods that come back: requested, authorized or denied, counted in, inspected, closed. Only what is inspected, in"
    " condition A and to be restocked comes into stock.",
)

_ONE = "/returns/<uuid:return_id>"


@routes.list("/returns", permission=VIEW, portal=True, query=ReturnFilter, out=ReturnOut)
def list_returns(call: Call) -> Page:
    """Returns, the newest first."""
    return queries.return_page(
        call.session, call.query, call.limit, call.cursor, call.cursor_scope, internal=not call.principal.is_portal
    )


@routes.post("/returns", permission=EDIT, portal=True, portal_permission=PLACE, body=NewReturn, out=ReturnOut)
def request_return(call: Call) -> Mapping[str, Any]:
    """Requests a return of shipped goods. A customer does so itself where it has its own warehouse, into that; staff of
    the provider does it for every customer."""
    return_id = requests.request_return(call.session, call.body, call.deps.return_terms)
    return _shown(call, return_id)


@routes.get(_ONE, permission=VIEW, portal=True, out=ReturnOut)
def show_return(call: Call, return_id: str) -> Mapping[str, Any]:
    """One return."""
    return _shown(call, return_id)


@routes.post(f"{_ONE}/authorization", permission=EDIT, status=200, body=Authorization, out=ReturnOut)
def authorize_return(call: Call, return_id: str) -> Mapping[str, Any]:
    """Lets goods come back, all that were requested or a part of them."""
    requests.authorize_return(call.session, return_id, call.body, call.deps.return_terms)
    return _shown(call, return_id)


@routes.post(f"{_ONE}/denial", permission=EDIT, status=200, body=Denial, out=ReturnOut)
def deny_return(call: Call, return_id: str) -> Mapping[str, Any]:
    """Denies a requested return."""
    requests.deny_return(call.session, return_id, call.body["reason"])
    return _shown(call, return_id)


@routes.post(f"{_ONE}/arrival", permission=EDIT, status=200, body=Arrival, out=ReturnOut)
def note_arrival_of_return(call: Call, return_id: str) -> Mapping[str, Any]:
    """Notes what a carrier has brought; it is not counted or inspected by that."""
    receiving.note_arrival(call.session, return_id, call.body)
    return _shown(call, return_id)


@routes.post(f"{_ONE}/receipt", permission=EDIT, status=200, body=ReturnReceipt, out=ReturnOut)
def receive_return(call: Call, return_id: str) -> Mapping[str, Any]:
    """Counts in what has come, also what is too much or nobody announced. It does not change stock."""
    receiving.receive_return(call.session, return_id, call.body)
    return _shown(call, return_id)


@routes.post(f"{_ONE}/inspection", permission=EDIT, status=200, body=Inspection, out=ReturnOut)
def inspect_return(call: Call, return_id: str) -> Mapping[str, Any]:
    """Decides what becomes of everything that has come, and brings it into stock or quarantine."""
    receiving.inspect_return(call.session, return_id, call.body)
    return _shown(call, return_id)


@routes.post(f"{_ONE}/closure", permission=EDIT, status=200, body=Reason, out=ReturnOut)
def close_return(call: Call, return_id: str) -> Mapping[str, Any]:
    """Closes an inspected return; its serial numbers may leave again."""
    receiving.close_return(call.session, return_id, call.body.get("reason"))
    return _shown(call, return_id)


@routes.post(
    f"{_ONE}/cancellation",
    permission=EDIT,
    portal=True,
    portal_permission=PLACE,
    status=200,
    body=Reason,
    out=ReturnOut,
)
def cancel_return(call: Call, return_id: str) -> Mapping[str, Any]:
    """Cancels a return of which nothing has been counted in."""
    requests.cancel_return(call.session, return_id, call.body.get("reason"))
    return _shown(call, return_id)


def _shown(call: Call, return_id: str) -> Mapping[str, Any]:
    return queries.return_of(call.session, return_id, internal=not call.principal.is_portal)
