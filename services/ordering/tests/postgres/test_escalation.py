"""Approvals that are overdue are told again and asked of others, and never decided by time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from common.service import Service
from common.testing import FixedClock, deliver, published
from ordering.tests.companies import Noted, company, decider, flow_of, lines, order, people_of, person, rule, staffed
from ordering.tests.told import example
from ordering.use_cases import approvals
from ordering.use_cases.approval_decisions import decide
from ordering.use_cases.escalation import escalate

pytestmark = pytest.mark.postgres


def after(service: Service, hours: int) -> int:
    """What is done about approvals so many hours from now."""

    def work(session: Session) -> int:
        publisher = session.info["publisher"]
        clock = FixedClock(publisher.clock.now() + timedelta(hours=hours))
        session.info["publisher"] = replace(publisher, clock=clock)
        return escalate(session, 100)

    return service.db.run(work)


def test_an_overdue_approval_is_reminded_of_then_asked_of_others_then_of_staff(service: Service) -> None:
    hq = company(service)
    node = company(service, parent_id=hq)
    ann, boss, requester = person("approver"), person("approver", subtree=True), person("admin")
    staffed(service, hq, boss)
    staffed(service, node, ann, requester, parent_id=hq)
    rule(service, node)
    given = order(node, requester_id=requester["account_id"])
    flow = service.db.run(lambda session: approvals.open_flow(session, given, lines()))
    assert flow is not None
    assert after(service, 47) == 0

    assert after(service, 49) == 1
    assert people_of(service.db, flow.id) == [ann["account_id"]]
    assert after(service, 49) == 0

    assert after(service, 98) == 1
    assert sorted(people_of(service.db, flow.id)) == sorted([ann["account_id"], boss["account_id"]])
    assert flow_of(service.db, flow.id)["staff_for"] == []

    assert after(service, 147) == 1
    assert flow_of(service.db, flow.id)["staff_for"] == [0]

    for round_ in range(3):
        assert after(service, 196 + 49 * round_) == 1
    now = flow_of(service.db, flow.id)
    assert (now["status"], now["escalation_level"]) == ("pending", 6)
    told = [one for one in published(service.db) if one.subject == flow.id]
    assert [one.version for one in told] == list(range(1, 8))
    assert {one.type for one in told[1:]} == {"ordering.approval.escalated.v1"}

    orders = Noted()
    body = {"decision": "approve", "version": now["version"]}
    service.db.run(lambda session: decide(session, flow.id, decider(boss["account_id"]), body, orders))
    assert orders.answers == [("approved", given["id"])]


def test_an_erased_account_is_forgotten_and_what_it_decided_stays(service: Service) -> None:
    node, ann = company(service), person("approver")
    staffed(service, node, ann)
    rule(service, node)
    given = order(node)
    flow = service.db.run(lambda session: approvals.open_flow(session, given, lines()))
    assert flow is not None
    body = {"decision": "reject", "comment": "Ann's words", "version": 1}
    service.db.run(lambda session: decide(session, flow.id, decider(ann["account_id"]), body, Noted()))
    erased = example(
        "identity.account.erased.v1",
        ann["account_id"],
        5,
        id=ann["account_id"],
        customer_id=node,
        erased_ids=[ann["account_id"]],
        everything=False,
    )
    deliver(service, replace(erased, partition_key=node, customer_id=node))
    assert flow_of(service.db, flow.id)["reason"] == "[erased]"
    [event] = [one for one in published(service.db, "ordering.approval.rejected.v1") if one.subject == flow.id]
    assert event.data["decision"]["decision"] == "reject"
    assert "Ann's words" not in str(event.data["decision"])
