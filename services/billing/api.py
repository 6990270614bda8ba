"""HTTP in: what was charged to customers, and what is decided about what was parked."""

from collections.abc import Mapping
from typing import Any

from billing import queries
from billing.schemas import ChargeFilter, ChargeOut, DriftOut, NewDecision, PendingOfCustomer, PendingOut, WaitingOut
from billing.use_cases import decisions
from common.web import Call, Page, Routes

VIEW = "billing.view"
EDIT = "billing.edit"

routes = Routes(
    "Charges",
    "What was delivered and what it costs, before it is on an invoice. What was delivered while billing was off is"
    " parked until staff bills or waives it.",
)

_PENDING = "/customers/<uuid:customer_id>/pending-billing"


@routes.list("/customers/<uuid:customer_id>/charges", permission=VIEW, portal=True, query=ChargeFilter, out=ChargeOut)
def list_charges(call: Call, customer_id: str) -> Page:
    """A customer's charges, the newest first; its portal has them while billing is on."""
    return queries.charge_page(call.session, customer_id, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.list("/pending-billing", permission=VIEW, out=PendingOut)
def list_pending_billing(call: Call) -> Page:
    """The customers of which something is parked, and which of them need a decision."""
    return queries.pending_page(call.session, call.limit, call.cursor, call.cursor_scope)


@routes.get(_PENDING, permission=VIEW, portal=True, out=PendingOfCustomer)
def show_pending_billing(call: Call, customer_id: str) -> Mapping[str, Any]:
    """What of a customer is parked, and what was decided before; its portal has it while billing is on."""
    return queries.pending_of(call.session, customer_id)


@routes.post(f"{_PENDING}/decision", permission=EDIT, versioned=True, body=NewDecision, out=PendingOfCustomer)
def decide_pending_billing(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Bills or waives what is parked, as it was shown."""
    decisions.decide(call.session, customer_id, call.body, call.version)
    return queries.pending_of(call.session, customer_id)


@routes.list("/operations/waiting-deliveries", permission="operations.view", out=WaitingOut)
def list_waiting_deliveries(call: Call) -> Page:
    """What was delivered and cannot be charged yet, the oldest first; what stands here long lacks its order."""
    return queries.waiting_page(call.session, call.limit, call.cursor, call.cursor_scope)


@routes.get("/operations/account-drift", permission="operations.view", out=DriftOut)
def show_account_drift(call: Call) -> Mapping[str, Any]:
    """Accounts that differ from the sums of their charges; there should be none."""
    return {"items": queries.account_drift(call.session)}
