"""Who decides on approvals: never who asked for the order, always somebody, and of two at one moment one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.errors import Refusal
from common.service import Service
from common.testing import deliver, published
from ordering.domain.approval_flows import Flow
from ordering.errors.approvals import (
    ApprovalChanged,
    ApprovalEnded,
    NotAnApprover,
    SelfApproval,
)
from ordering.tests.companies import (
    APPROVER_TIER,
    Noted,
    asked,
    company,
    flow_of,
    limit,
    order,
    people_of,
    person,
    rule,
    said,
    staffed,
)
from ordering.tests.told import example

pytestmark = pytest.mark.postgres


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
        flow, orders, gate = asked(service, given), Noted(), Barrier(2, timeout=30)

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


def test_a_guest_with_a_role_at_the_customer_decides_there(service: Service, branch: dict[str, str]) -> None:
    home = company(service)
    guest = {
        name: value for name, value in person("approver").items() if name not in {"username", "status", "contact_id"}
    }
    staffed(service, branch["node"], version=2, guests=[guest | {"home_customer_id": home}])
    rule(service, branch["node"])
    flow = asked(service, order(branch["node"]))
    assert people_of(service.db, flow.id) == [guest["account_id"]]
