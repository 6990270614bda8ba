"""Operations on approvals: what waits for whom, and decisions."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from ordering.api.viewers import sees_prices
from ordering.queries import approvals as queries
from ordering.schemas.approvals import (
    ApprovalFilter,
    ApprovalOut,
    Decision,
    DelegationFilter,
    DelegationOut,
    NewDelegation,
)
from ordering.use_cases import approval_decisions, delegations, orders, reevaluation, store

VIEW = "orders.view"
APPROVE = "orders.approve"
EDIT_RULES = "approval_rules.edit"

routes = Routes(
    "Approvals",
    "What a company decides about its own orders before the provider sees them. Nobody approves an order of their own.",
)

_ONE = "/approvals/<uuid:approval_id>"
_DELEGATION = "/approval-delegations/<uuid:delegation_id>"


@routes.list("/approvals", permission=VIEW, portal=True, query=ApprovalFilter, out=ApprovalOut)
def list_approvals(call: Call) -> Page:
    """Approvals, the newest first: in the portal those that wait for the caller, for staff all of them."""
    portal = call.principal.is_portal
    waiting = None
    if call.query.get("waiting", portal):
        now = store.moment(call.session)
        waiting = queries.waits_for(call.principal.account_id, now) if portal else queries.waits_for_staff()
    page = (call.limit, call.cursor, call.cursor_scope)
    found = queries.approval_page(call.session, call.query, *page, waiting_for=waiting)
    return Page([_told(call, item) for item in found.items], found.next_cursor)


@routes.get(_ONE, permission=VIEW, portal=True, out=ApprovalOut)
def show_approval(call: Call, approval_id: str) -> Mapping[str, Any]:
    """One approval, with its tiers, who may decide now, and every decision."""
    return _told(call, queries.approval(call.session, approval_id))


@routes.post(f"{_ONE}/decisions", permission=VIEW, portal=True, body=Decision, out=ApprovalOut)
def decide_approval(call: Call, approval_id: str) -> Mapping[str, Any]:
    """Approves or rejects. One rejection rejects the order; the same decision sent again changes nothing."""
    approval_decisions.decide(call.session, approval_id, decider(call), call.body, orders)
    return _told(call, queries.approval(call.session, approval_id))


@routes.post(f"{_ONE}/reevaluation", permission=EDIT_RULES, portal=True, out=ApprovalOut)
def reevaluate_approval(call: Call, approval_id: str) -> Mapping[str, Any]:
    """Asks the rules and people of today, in place of those of the submission. Answers with the approval that is
    pending from now on, or with the superseded one where no rule asks any more and the order has gone on."""
    require(call.principal, EDIT_RULES, queries.approval(call.session, approval_id)["customer_id"])
    found = reevaluation.reevaluate(call.session, approval_id, call.principal.account_id)
    return _told(call, queries.approval(call.session, found))


@routes.list("/approval-delegations", permission=VIEW, portal=True, query=DelegationFilter, out=DelegationOut)
def list_delegations(call: Call) -> Page:
    """Who decides in whose place, the newest first."""
    return queries.delegation_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.post("/approval-delegations", permission=VIEW, portal=True, body=NewDelegation, out=DelegationOut)
def create_delegation(call: Call) -> Mapping[str, Any]:
    """Lets somebody decide in the caller's place for a while; an admin also in another's."""
    body = {"delegator_id": call.principal.account_id, **call.body}
    _may_lend(call, body["delegator_id"], body["customer_id"])
    return queries.delegation(call.session, delegations.create_delegation(call.session, body))


@routes.post(f"{_DELEGATION}/revocation", permission=VIEW, portal=True, status=200, versioned=True, out=DelegationOut)
def revoke_delegation(call: Call, delegation_id: str) -> Mapping[str, Any]:
    """Ends a delegation before its time; what was decided by it stays."""
    present = queries.delegation(call.session, delegation_id)
    _may_lend(call, present["delegator_id"], present["customer_id"])
    delegations.revoke_delegation(call.session, delegation_id, call.version)
    return queries.delegation(call.session, delegation_id)


def decider(call: Call) -> approval_decisions.Decider:
    """Who calls, as one who decides."""
    principal = call.principal
    return approval_decisions.Decider(
        principal.account_id,
        principal.label,
        principal.kind,
        lambda customer_id: principal.can(APPROVE, customer_id),
        not principal.is_portal,
    )


def _may_lend(call: Call, delegator_id: str, customer_id: str) -> None:
    own = delegator_id == call.principal.account_id
    require(call.principal, APPROVE if own else EDIT_RULES, customer_id)


def _told(call: Call, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The approval, without its total where the caller may not see what that customer pays."""
    if not call.principal.is_portal or sees_prices(call, item["customer_id"]):
        return item
    return {**item, "total": None}
