"""Approvals of orders: opened, routed around those who may not decide, and decided once."""

from typing import Any

import pytest
from sqlalchemy import text

from common.db import Scope
from common.service import Service
from common.testing import published
from ordering.errors.approvals import (
    ApprovalEnded,
    ReasonNeeded,
)
from ordering.tests.companies import (
    APPROVER_TIER,
    asked,
    flow_of,
    limit,
    lines,
    opened,
    order,
    person,
    rule,
    said,
    staffed,
    told_moment,
)
from ordering.use_cases import approvals, limits

pytestmark = pytest.mark.postgres


def test_without_a_rule_no_approval_is_needed(service: Service, branch: dict[str, str]) -> None:
    assert opened(service, order(branch["node"])) is None


def test_an_order_is_approved_by_the_last_tier(service: Service, branch: dict[str, str]) -> None:
    second = {"approvers": [{"kind": "user", "value": branch["boss"]}], "mode": "any"}
    rule(service, branch["node"], tiers=[APPROVER_TIER, second])
    given = order(branch["node"])
    flow = asked(service, given)
    assert said(service, flow.id, branch["ann"]).answers == []
    assert flow_of(service.db, flow.id)["tier"] == 2
    assert said(service, flow.id, branch["boss"]).answers == [("approved", given["id"])]
    assert [(one.type, one.version) for one in published(service.db) if one.subject == flow.id] == [
        ("ordering.approval.requested.v1", 1),
        ("ordering.approval.decided.v1", 2),
        ("ordering.approval.decided.v1", 3),
        ("ordering.approval.approved.v1", 4),
    ]


def test_one_rejection_ends_the_whole_and_needs_a_reason(service: Service, branch: dict[str, str]) -> None:
    both = {"approvers": [{"kind": "role", "value": "approver"}], "mode": "all"}
    rule(service, branch["node"], tiers=[both, APPROVER_TIER])
    given = order(branch["node"])
    flow = asked(service, given)
    with pytest.raises(ReasonNeeded):
        said(service, flow.id, branch["ann"], "reject", comment=None)
    assert said(service, flow.id, branch["ann"], "reject").answers == [("rejected", given["id"], "Because")]
    assert flow_of(service.db, flow.id)["status"] == "rejected"


def test_an_approver_may_turn_to_reject_while_the_tier_lasts(service: Service, branch: dict[str, str]) -> None:
    staffed(service, branch["node"], person("approver", account_id=branch["ann"]), person("approver"), version=2)
    rule(service, branch["node"], tiers=[APPROVER_TIER | {"mode": "all"}])
    flow = asked(service, order(branch["node"]))
    said(service, flow.id, branch["ann"])
    assert said(service, flow.id, branch["ann"], "reject").answers[0][0] == "rejected"


# Edge case 9: an order that is edited after its approval.


def test_an_edit_that_raises_the_total_needs_a_new_approval_and_one_that_lowers_it_does_not(
    service: Service, branch: dict[str, str]
) -> None:
    rule(service, branch["node"])
    given = order(branch["node"], 50_000)
    flow = asked(service, given)
    said(service, flow.id, branch["ann"])
    less = given | {"total_minor": 40_000, "revision": 2}
    assert opened(service, less, A=4) is None
    more = given | {"total_minor": 50_001, "revision": 3}
    again = opened(service, more, A=5)
    assert again is not None
    assert (again.id != flow.id, again.revision) == (True, 3)


def test_other_goods_of_the_same_total_need_a_new_approval(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["node"])
    given = order(branch["node"])
    said(service, asked(service, given).id, branch["ann"])
    assert opened(service, given | {"revision": 2}, B=5) is not None


def test_an_edit_supersedes_the_approval_that_is_pending(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["node"])
    given = order(branch["node"])
    first = asked(service, given)
    second = asked(service, given | {"revision": 2})
    assert flow_of(service.db, first.id)["status"] == "superseded"
    assert flow_of(service.db, second.id)["status"] == "pending"
    with pytest.raises(ApprovalEnded):
        said(service, first.id, branch["ann"])


def test_an_approval_ends_with_its_order(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["node"])
    given = order(branch["node"])
    flow = asked(service, given)
    service.db.run(lambda session: approvals.cancel_flow(session, given["id"]))
    service.db.run(lambda session: approvals.cancel_flow(session, given["id"]))
    assert flow_of(service.db, flow.id)["status"] == "cancelled"
    [event] = [one for one in published(service.db, "ordering.approval.cancelled.v1") if one.subject == flow.id]
    assert event.version == 2


def test_rules_that_change_leave_what_is_pending_as_it_was(service: Service, branch: dict[str, str]) -> None:
    rule_id = rule(service, branch["node"])
    flow = asked(service, order(branch["node"]))
    with service.db.transaction() as session:
        session.execute(text("DELETE FROM approval_rules WHERE id = CAST(:id AS uuid)"), {"id": rule_id})
    assert said(service, flow.id, branch["ann"]).answers[0][0] == "approved"


def test_a_branch_s_buyer_is_bound_by_rules_that_it_cannot_see(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["hq"])
    given = order(branch["node"])
    scope = Scope((branch["node"],))
    with service.db.transaction(scope) as session:
        flow = approvals.open_flow(session, given, lines())
        assert flow is not None
        seen = session.execute(text("SELECT count(*) FROM approval_rules")).scalar_one()
        own = session.execute(text("SELECT array_agg(id::text) FROM replica_customers")).scalar_one()
        role = session.execute(text("SELECT current_setting('role')")).scalar_one()
    assert (seen, own, role) == (0, [branch["node"]], "ordering_portal")


def test_a_limit_that_asks_for_an_approval_opens_one_without_a_rule(service: Service, branch: dict[str, str]) -> None:
    limit(service, branch["node"], action="require_approval", amount_minor=99_999)
    given = order(branch["node"])

    def submit(session: Any) -> Any:
        limits.reserve(session, given, lines())
        return approvals.open_flow(session, given, lines())

    flow = service.db.run(submit)
    assert flow is not None
    assert flow_of(service.db, flow.id)["rules"][0] | {"id": None} == {"id": None, "name": "Monthly", "reason": "limit"}
    assert told_moment(service) < flow_of(service.db, flow.id)["due_at"]
