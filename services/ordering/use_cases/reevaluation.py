"""The rules of today asked about an order whose approval is pending by those of its submission."""

from sqlalchemy.orm import Session

from ordering.domain.approval_flows import is_self
from ordering.errors.approvals import ApprovalEnded, ApprovalNotFound, SelfApproval
from ordering.tables.approvals import approval_flows
from ordering.use_cases import orders, store
from ordering.use_cases.acting import as_service
from ordering.use_cases.approvals import as_flow, open_flow
from ordering.use_cases.orders import store as of_orders
from ordering.use_cases.orders.lines import standing


def reevaluate(session: Session, flow_id: str, account_id: str) -> str:
    """Opens the approval anew by the rules and people of today and returns its id; where no rule asks any more, the
    order goes on, and the id is that of the approval that was superseded. Nobody does that for an order of their own.
    Raises ApprovalNotFound, SelfApproval, ApprovalEnded."""
    seen = store.find(session, approval_flows, flow_id)
    if seen is None:
        raise ApprovalNotFound("There is no such approval.")
    if is_self(seen["behind"], account_id):
        raise SelfApproval("You asked for this order, so somebody else has its rules asked again.")
    with as_service(session):
        order = of_orders.lock(session, seen["order_id"])
        flow = store.find(session, approval_flows, flow_id, lock=True)
        if flow is None or flow["status"] != "pending":
            raise ApprovalEnded("The approval has ended; read the order again to see how it goes on.")
        opened = open_flow(session, *standing(order.row, order.lines))
        if opened is not None:
            return opened.id
        orders.approved(session, order.id, as_flow(flow))
        return flow_id
