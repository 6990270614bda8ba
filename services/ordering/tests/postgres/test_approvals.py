"""Approvals of orders: opened, routed around those who may not decide, and decided once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.db import Scope
from common.errors import Refusal
from common.service import Service
from common.testing import deliver, published
from ordering.domain.approval_flows import Flow
from ordering.errors.approvals import (
    ApprovalChanged,
    ApprovalEnded,
    NotAnApprover,
    ReasonNeeded,
    SelfApproval,
)
from ordering.tests.companies import (
    APPROVER_TIER,
    Noted,
    company,
    decider,
    flow_of,
    limit,
    lines,
    order,
    people_of,
    person,
    rule,
    staffed,
    told_moment,
)
from ordering.tests.told import example
from ordering.use_cases import approvals, limits
from ordering.use_cases.approval_decisions import decide

pytestmark = pytest.mark.postgres


@pytest.fixture
def branch(service: Service) -> dict[str, str]:
    """A branch with one approver below a head office with another one, whose role reaches down."""
    hq = company(service)
    node = company(service, parent_id=hq)
    found = {"hq": hq, "node": node}
    ann, boss = person("approver"), person("approver", subtree=True)
    staffed(service, hq, boss)
    staffed(service, node, ann, parent_id=hq)
    return found | {"ann": ann["account_id"], "boss": boss["account_id"]}


def opened(service: Service, given: dict[str, Any], **quantities: int) -> Flow | None:
    return service.db.run(lambda session: approvals.open_flow(session, given, lines(**quantities)))


def asked(service: Service, given: dict[str, Any]) -> Flow:
    flow = opened(service, given)
    assert flow is not None
    return flow


def said(
    service: Service,
    flow_id: str,
    account_id: str,
    decision: str = "approve",
    *,
    version: int | None = None,
    **more: Any,
) -> Noted:
    orders = more.pop("orders", None) or Noted()
    by = decider(account_id, staff=more.pop("staff", False), may=more.pop("may", True))
    at = version if version is not None else flow_of(service.db, flow_id)["version"]
    body = {"decision": decision, "comment": "Because", "version": at} | more
    service.db.run(lambda session: decide(session, flow_id, by, body, orders))
    return orders


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


# Edge case 7: approver is requester; sole admin company; approver leaves; delegate is requester.


def test_an_approver_who_is_the_requester_does_not_decide(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["node"])
    flow = asked(service, order(branch["node"], requester_id=branch["ann"]))
    assert people_of(service.db, flow.id) == [branch["boss"]]
    with pytest.raises(SelfApproval):
        said(service, flow.id, branch["ann"])


def test_somebody_who_ordered_in_another_s_name_does_not_approve_it(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["node"])
    flow = asked(service, order(branch["node"], placed_by=branch["ann"]))
    assert people_of(service.db, flow.id) == [branch["boss"]]
    with pytest.raises(SelfApproval):
        said(service, flow.id, branch["ann"])


def test_a_company_of_one_admin_leaves_its_orders_to_the_provider_s_staff(service: Service) -> None:
    solo, amy = company(service), person("admin")
    staffed(service, solo, amy)
    rule(service, solo)
    given = order(solo, requester_id=amy["account_id"])
    flow = asked(service, given)
    assert people_of(service.db, flow.id) == []
    assert flow_of(service.db, flow.id)["staff_for"] == [0]
    with pytest.raises(SelfApproval):
        said(service, flow.id, amy["account_id"])
    someone = order(solo)["requester_id"]
    with pytest.raises(NotAnApprover):
        said(service, flow.id, someone)
    assert said(service, flow.id, someone, staff=True).answers == [("approved", given["id"])]


def test_a_policy_lets_the_sole_trader_approve_up_to_an_amount_and_says_so(service: Service) -> None:
    solo, amy = company(service), person("admin")
    staffed(service, solo, amy)
    rule(service, solo)
    with service.db.transaction() as session:
        session.execute(
            text("INSERT INTO approval_policies VALUES (CAST(:id AS uuid), 100000, 'EUR', 1, now())"), {"id": solo}
        )
    flow = asked(service, order(solo, 100_000, requester_id=amy["account_id"]))
    said(service, flow.id, amy["account_id"])
    [decision] = [one for one in published(service.db, "ordering.approval.approved.v1") if one.subject == flow.id]
    assert decision.data["decision"]["self_approval"] is True
    above = asked(service, order(solo, 100_001, requester_id=amy["account_id"]))
    with pytest.raises(SelfApproval):
        said(service, above.id, amy["account_id"])


def test_where_an_approver_leaves_others_are_asked(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["node"])
    flow = asked(service, order(branch["node"]))
    assert people_of(service.db, flow.id) == [branch["ann"]]
    staffed(service, branch["node"], parent_id=branch["hq"], version=2)
    assert people_of(service.db, flow.id) == [branch["boss"]]
    with pytest.raises(NotAnApprover):
        said(service, flow.id, branch["ann"])
    staffed(service, branch["hq"], version=2)
    assert flow_of(service.db, flow.id)["staff_for"] == [0]


def test_what_an_approver_decided_before_leaving_counts(service: Service, branch: dict[str, str]) -> None:
    ben = person("approver")
    ann = person("approver", account_id=branch["ann"])
    staffed(service, branch["node"], ann, ben, version=2)
    rule(service, branch["node"], tiers=[APPROVER_TIER | {"mode": "all"}])
    given = order(branch["node"])
    flow = asked(service, given)
    said(service, flow.id, branch["ann"])
    noted = Noted()
    staffed(service, branch["node"], ben, version=3, orders=noted)
    assert noted.answers == []
    assert said(service, flow.id, ben["account_id"]).answers == [("approved", given["id"])]


def test_nobody_leaving_ever_approves_an_order(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["node"], tiers=[APPROVER_TIER | {"mode": "all"}])
    flow = asked(service, order(branch["node"]))
    noted = Noted()
    staffed(service, branch["node"], version=2, orders=noted)
    assert (noted.answers, flow_of(service.db, flow.id)["status"]) == ([], "pending")


def delegate(service: Service, customer_id: str, delegator: str, delegate_id: str, *, days: int = 7) -> None:
    with service.db.transaction() as session:
        session.execute(
            text(
                """
                INSERT INTO approval_delegations
                SELECT gen_random_uuid(), CAST(:customer AS uuid), CAST(:delegator AS uuid), 'Ann',
                       CAST(:delegate AS uuid), 'Bob', now() - interval '8 days', now() + make_interval(days => :days),
                       NULL, NULL, 1, now()
                """
            ),
            {"customer": customer_id, "delegator": delegator, "delegate": delegate_id, "days": days},
        )


def test_a_delegate_decides_in_the_other_s_place(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["node"])
    bob = person("buyer")["account_id"]
    delegate(service, branch["node"], branch["ann"], bob)
    given = order(branch["node"])
    flow = asked(service, given)
    assert said(service, flow.id, bob, may=False).answers == [("approved", given["id"])]
    [event] = [one for one in published(service.db, "ordering.approval.approved.v1") if one.subject == flow.id]
    assert event.data["decision"]["on_behalf_of"] == branch["ann"]


def test_a_delegate_who_is_the_requester_does_not_decide(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["node"])
    bob = person("buyer")["account_id"]
    delegate(service, branch["node"], branch["ann"], bob)
    flow = asked(service, order(branch["node"], requester_id=bob))
    with pytest.raises(SelfApproval):
        said(service, flow.id, bob, may=False, on_behalf_of=branch["ann"])


def test_the_requester_s_own_seat_cannot_be_lent(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["node"])
    bob = person("buyer")["account_id"]
    delegate(service, branch["node"], branch["ann"], bob)
    flow = asked(service, order(branch["node"], requester_id=branch["ann"]))
    with pytest.raises(SelfApproval):
        said(service, flow.id, bob, may=False, on_behalf_of=branch["ann"])
    with pytest.raises(NotAnApprover):
        said(service, flow.id, bob, may=False)


def test_a_delegation_that_has_ended_lends_nothing(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["node"])
    bob = person("buyer")["account_id"]
    delegate(service, branch["node"], branch["ann"], bob, days=-1)
    flow = asked(service, order(branch["node"]))
    with pytest.raises(NotAnApprover):
        said(service, flow.id, bob, may=False)


def test_who_no_longer_may_approve_decides_nothing(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["node"])
    flow = asked(service, order(branch["node"]))
    with pytest.raises(NotAnApprover):
        said(service, flow.id, branch["ann"], may=False)


def test_the_manager_of_the_requester_is_the_contact_with_that_role(service: Service, branch: dict[str, str]) -> None:
    contact_id = "01980a2e-6d1c-7b04-9f6e-2a51c0de0e01"
    gil = person("approver", contact_id=contact_id)
    ann = person("approver", account_id=branch["ann"])
    staffed(service, branch["node"], ann, gil, parent_id=branch["hq"], version=2)
    rule(service, branch["node"], tiers=[{"approvers": [{"kind": "manager_of_requester"}], "mode": "any"}])
    before = asked(service, order(branch["node"]))
    assert people_of(service.db, before.id) == [branch["boss"]]
    deliver(
        service,
        example("customer.contact.updated.v1", contact_id, 2, customer_id=branch["node"], roles=["manager"]),
    )
    assert people_of(service.db, before.id) == [gil["account_id"]]


def test_an_approver_whose_own_limit_is_below_the_total_needs_one_above(
    service: Service, branch: dict[str, str]
) -> None:
    rule(service, branch["node"])
    limit(
        service, branch["node"], scope="user", account_id=branch["ann"], kind="per_order", period=None, amount_minor=500
    )
    given = order(branch["node"], 501)
    flow = asked(service, given)
    assert said(service, flow.id, branch["ann"]).answers == []
    assert said(service, flow.id, branch["boss"]).answers == [("approved", given["id"])]
    small = order(branch["node"], 500)
    assert said(service, asked(service, small).id, branch["ann"]).answers == [("approved", small["id"])]


# Edge case 8: two approvers decide at the same moment, one approves, one rejects.


def test_of_two_opposite_decisions_at_one_moment_exactly_one_counts(service: Service, branch: dict[str, str]) -> None:
    ben = person("approver")
    staffed(service, branch["node"], person("approver", account_id=branch["ann"]), ben, version=2)
    rule(service, branch["node"])
    for _ in range(10):
        given = order(branch["node"])
        flow, orders, gate = asked(service, given), Noted(), Barrier(2)

        def cast(account: str, decision: str, flow: Flow = flow, orders: Noted = orders, gate: Barrier = gate) -> str:
            gate.wait()
            try:
                said(service, flow.id, account, decision, version=1, orders=orders)
            except Refusal as refused:
                return refused.code
            return decision

        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(cast, branch["ann"], "approve")
            two = pool.submit(cast, ben["account_id"], "reject")
            results = {one.result(), two.result()}
        won = "approved" if "approve" in results else "rejected"
        assert results - {"approve", "reject"} == {"ordering.approval_ended"}
        assert [answer[0] for answer in orders.answers] == [won]
        assert flow_of(service.db, flow.id)["status"] == won


def test_a_decision_about_an_older_version_is_refused(service: Service, branch: dict[str, str]) -> None:
    ben = person("approver")
    staffed(service, branch["node"], person("approver", account_id=branch["ann"]), ben, version=2)
    rule(service, branch["node"], tiers=[APPROVER_TIER | {"mode": "all"}])
    flow = asked(service, order(branch["node"]))
    said(service, flow.id, branch["ann"], version=1)
    with pytest.raises(ApprovalChanged):
        said(service, flow.id, ben["account_id"], "reject", version=1)


def test_the_same_decision_sent_again_succeeds_and_changes_nothing(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["node"])
    flow = asked(service, order(branch["node"]))
    said(service, flow.id, branch["ann"], version=1)
    again = said(service, flow.id, branch["ann"], version=1)
    assert (again.answers, flow_of(service.db, flow.id)["version"]) == ([], 3)
    with pytest.raises(ApprovalEnded):
        said(service, flow.id, branch["ann"], "reject")


def test_decisions_are_only_added(service: Service, branch: dict[str, str]) -> None:
    rule(service, branch["node"])
    flow = asked(service, order(branch["node"]))
    said(service, flow.id, branch["ann"])
    for statement in (
        "UPDATE approval_decisions SET decision = 'reject' WHERE flow_id = CAST(:id AS uuid)",
        "UPDATE approval_decisions SET comment = 'Other words' WHERE flow_id = CAST(:id AS uuid)",
        "DELETE FROM approval_decisions WHERE flow_id = CAST(:id AS uuid)",
    ):
        with pytest.raises(DBAPIError, match="only added"), service.db.transaction() as session:
            session.execute(text(statement), {"id": flow.id})
    with service.db.transaction() as session:
        session.execute(
            text("UPDATE approval_decisions SET comment = '[erased]' WHERE flow_id = CAST(:id AS uuid)"),
            {"id": flow.id},
        )


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
