"""Operations on approval rules, and on how far people may approve orders of their own."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from ordering.queries import approval_preview
from ordering.queries import approvals as queries
from ordering.schemas.approvals import (
    NewRule,
    Policy,
    PolicyOut,
    PreviewedRule,
    PreviewOut,
    RuleChanges,
    RuleFilter,
    RuleOut,
)
from ordering.use_cases import approval_rules, store

VIEW = "orders.view"
EDIT = "approval_rules.edit"

routes = Routes(
    "Approval rules",
    "Which orders of a customer, and of those below it, need an approval, and whose. All rules that ask are merged.",
)

_ONE = "/approval-rules/<uuid:rule_id>"
_POLICY = "/customers/<uuid:customer_id>/approval-policy"


@routes.list("/approval-rules", permission=VIEW, portal=True, query=RuleFilter, out=RuleOut)
def list_approval_rules(call: Call) -> Page:
    """Rules, the oldest first."""
    return queries.rule_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.get(_ONE, permission=VIEW, portal=True, out=RuleOut)
def show_approval_rule(call: Call, rule_id: str) -> Mapping[str, Any]:
    """One rule."""
    return queries.rule(call.session, rule_id)


@routes.post("/approval-rules", permission=EDIT, portal=True, body=NewRule, out=RuleOut)
def create_approval_rule(call: Call) -> Mapping[str, Any]:
    """Makes a rule; it asks from the next order on."""
    require(call.principal, EDIT, call.body["customer_id"])
    return queries.rule(call.session, approval_rules.create_rule(call.session, call.body))


@routes.post("/approval-rules/preview", permission=EDIT, portal=True, status=200, body=PreviewedRule, out=PreviewOut)
def preview_approval_rule(call: Call) -> Mapping[str, Any]:
    """Which of the last 100 orders a rule would have asked about. Changes nothing."""
    require(call.principal, EDIT, call.body["customer_id"])
    approval_rules.check_customer(call.session, call.body["customer_id"])
    return approval_preview.preview(call.session, call.body, store.moment(call.session))


@routes.patch(_ONE, permission=EDIT, portal=True, body=RuleChanges, out=RuleOut)
def change_approval_rule(call: Call, rule_id: str) -> Mapping[str, Any]:
    """Changes a rule; approvals that are asked for already keep to what it was."""
    require(call.principal, EDIT, queries.rule(call.session, rule_id)["customer_id"])
    approval_rules.change_rule(call.session, rule_id, call.version, call.body)
    return queries.rule(call.session, rule_id)


@routes.delete(_ONE, permission=EDIT, portal=True, versioned=True)
def delete_approval_rule(call: Call, rule_id: str) -> None:
    """Deletes a rule; approvals that are asked for already stay."""
    require(call.principal, EDIT, queries.rule(call.session, rule_id)["customer_id"])
    approval_rules.delete_rule(call.session, rule_id, call.version)


@routes.get(_POLICY, permission=VIEW, portal=True, out=PolicyOut)
def show_approval_policy(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Up to which amount people of the company may approve orders of their own."""
    approval_rules.check_customer(call.session, customer_id)
    return queries.policy(call.session, customer_id)


@routes.put(_POLICY, permission=EDIT, body=Policy, out=PolicyOut)
def set_approval_policy(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Sets that amount; only the provider does. Each such approval is marked as one."""
    approval_rules.set_policy(call.session, customer_id, call.version, call.body)
    return queries.policy(call.session, customer_id)
