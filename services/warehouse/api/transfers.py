"""Operations on transfers between warehouses."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from warehouse.queries import transfers as queries
from warehouse.schemas.transfers import (
    NewOwnTransfer,
    NewTransfer,
    TransferFilter,
    TransferOut,
    TransferReason,
    TransferReceipt,
)
from warehouse.use_cases import own_transfers, transfers

VIEW = "stock.view"
EDIT = "stock.edit"
APPROVE = "warehouses.edit"
ASK = "transfers.request"

routes = Routes(
    "Transfers",
    "Goods that move between warehouses: requested, approved, on their way in no balance, counted in, closed.",
)

_ONE = "/transfers/<uuid:transfer_id>"


@routes.list("/transfers", permission=VIEW, portal=True, query=TransferFilter, out=TransferOut)
def list_transfers(call: Call) -> Page:
    """Transfers, the newest first; a portal user sees those of its customers' own warehouses."""
    return queries.transfer_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.post("/transfers", permission=EDIT, body=NewTransfer, out=TransferOut)
def request_transfer(call: Call) -> Mapping[str, Any]:
    """Asks for goods to be moved from one warehouse into another; they keep their owner."""
    return queries.transfer(call.session, transfers.request_transfer(call.session, call.body))


@routes.post(
    "/customers/<uuid:customer_id>/warehouse/transfers",
    permission=EDIT,
    portal=True,
    portal_permission=ASK,
    body=NewOwnTransfer,
    out=TransferOut,
)
def request_own_transfer(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Asks for goods to be moved into a customer's own warehouse or out of it. A customer's people do so while the
    switch `warehouse_enabled` is on; staff of the provider approves and moves them."""
    return queries.transfer(call.session, own_transfers.request_own_transfer(call.session, customer_id, call.body))


@routes.get(_ONE, permission=VIEW, portal=True, out=TransferOut)
def show_transfer(call: Call, transfer_id: str) -> Mapping[str, Any]:
    """One transfer."""
    return queries.transfer(call.session, transfer_id)


@routes.post(f"{_ONE}/approval", permission=APPROVE, status=200, out=TransferOut)
def approve_transfer(call: Call, transfer_id: str) -> Mapping[str, Any]:
    """Approves a requested transfer."""
    transfers.approve_transfer(call.session, transfer_id)
    return queries.transfer(call.session, transfer_id)


@routes.post(f"{_ONE}/dispatch", permission=EDIT, status=200, out=TransferOut)
def dispatch_transfer(call: Call, transfer_id: str) -> Mapping[str, Any]:
    """Lets the goods leave; only what is free does."""
    transfers.dispatch_transfer(call.session, transfer_id)
    return queries.transfer(call.session, transfer_id)


@routes.post(f"{_ONE}/receipt", permission=EDIT, status=200, body=TransferReceipt, out=TransferOut)
def receive_transfer(call: Call, transfer_id: str) -> Mapping[str, Any]:
    """Counts in what has arrived, with the cost at which it left."""
    transfers.receive_transfer(call.session, transfer_id, call.body)
    return queries.transfer(call.session, transfer_id)


@routes.post(f"{_ONE}/closure", permission=EDIT, status=200, body=TransferReason, out=TransferOut)
def close_transfer(call: Call, transfer_id: str) -> Mapping[str, Any]:
    """Closes a transfer; what has not arrived is written off for a reason."""
    transfers.close_transfer(call.session, transfer_id, call.body.get("reason"))
    return queries.transfer(call.session, transfer_id)


@routes.post(
    f"{_ONE}/cancellation",
    permission=EDIT,
    portal=True,
    portal_permission=ASK,
    status=200,
    body=TransferReason,
    out=TransferOut,
)
def cancel_transfer(call: Call, transfer_id: str) -> Mapping[str, Any]:
    """Cancels a transfer whose goods have not left; a customer's people take back what nobody has decided about."""
    before = queries.transfer(call.session, transfer_id)
    if call.principal.is_portal:
        require(call.principal, ASK, before["customer_id"])
        own_transfers.cancel_own_transfer(call.session, transfer_id, call.body.get("reason"))
    else:
        transfers.cancel_transfer(call.session, transfer_id, call.body.get("reason"))
    return queries.transfer(call.session, transfer_id)
