"""Operations that change an order after its submission."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Routes
from common.web.access import require
from ordering.api.approvals import decider
from ordering.api.orders import PLACE, VIEW, shown_to
from ordering.api.viewers import refused_without_amounts
from ordering.queries import orders as queries
from ordering.queries.approvals import approval
from ordering.schemas.approvals import ApprovalOut
from ordering.schemas.order_revisions import LineCancellation, Reduction, Revision, Withdrawal
from ordering.schemas.orders import OrderOut
from ordering.use_cases.orders import cancelling, reductions, revisions, withdrawal

routes = Routes(
    "Order revisions",
    "How an order changes after its submission: it is taken back, an approver leaves less of it, and lines are given up"
    " until they have left.",
)

_ONE = "/orders/<uuid:order_id>"


@routes.post(
    f"{_ONE}/line-cancellations", permission=PLACE, portal=True, status=200, body=LineCancellation, out=OrderOut
)
def cancel_order_lines(call: Call, order_id: str) -> Mapping[str, Any]:
    """Gives up lines or quantities. Of a confirmed order, `quantity_cancelling` tells what the warehouse still has to
    let go of; what left in the meantime stays ordered."""
    _allow(call, order_id)
    cancelling.cancel_lines(call.session, order_id, call.body)
    return shown_to(call, order_id)


@routes.post(f"{_ONE}/revisions", permission=PLACE, portal=True, status=200, body=Revision, out=OrderOut)
def revise_order(call: Call, order_id: str) -> Mapping[str, Any]:
    """Changes quantities, adds lines, and says when they are wanted. Less is given up; more is taken while nothing has
    left, and asks the company again where the total rises above what it approved. Until then what is promised stays
    promised, and nothing is sent."""
    _allow(call, order_id)
    with refused_without_amounts(call, order_id):
        revisions.revise(call.session, order_id, call.body)
    return shown_to(call, order_id)


@routes.post(f"{_ONE}/withdrawal", permission=PLACE, portal=True, status=200, body=Withdrawal, out=OrderOut)
def withdraw_order(call: Call, order_id: str) -> Mapping[str, Any]:
    """Takes an order back before it is confirmed: it is a draft again, to be changed and submitted anew."""
    _allow(call, order_id)
    withdrawal.withdraw(call.session, order_id, call.body)
    return shown_to(call, order_id)


@routes.post("/approvals/<uuid:approval_id>/reductions", permission=VIEW, portal=True, body=Reduction, out=ApprovalOut)
def reduce_order(call: Call, approval_id: str) -> Mapping[str, Any]:
    """Leaves less of the order that waits for the caller. Answers with the approval that is pending from now on, or
    with the superseded one where no rule asks any more and the order has gone on."""
    return approval(call.session, reductions.reduce(call.session, approval_id, decider(call), call.body))


def _allow(call: Call, order_id: str) -> None:
    require(call.principal, PLACE, queries.customer_of(call.session, order_id))
