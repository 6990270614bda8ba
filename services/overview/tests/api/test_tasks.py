"""What is to be done for a customer, in the document and on the timeline: what is open first, and for whom it is."""

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from overview.tests import events
from overview.tests.delivery import deliver
from overview.tests.told import told

SEES = ["customers.view", "tasks.view", "automation.view"]


@pytest.fixture
def customer(service: Service) -> str:
    id_ = new_id()
    deliver(service, events.customer(id_, name="Alder"))
    return id_


def test_open_tasks_come_first_and_a_company_sees_its_own(
    service: Service, staff: Client, tokens: TestTokens, customer: str
) -> None:
    keeper = client_for(service, tokens.staff(SEES))
    company = client_for(service, tokens.portal({customer: SEES}))
    done, late, soon = new_id(), new_id(), new_id()
    created, closed = "automation.task.created.v1", "automation.task.closed.v1"
    deliver(service, told(created, customer, done, 1, title="Done", due_on="2026-01-01"))
    deliver(service, told(created, customer, late, 1, title="Late", due_on=None, audience="customer"))
    deliver(service, told(created, customer, soon, 1, title="Soon", due_on="2026-04-01"))
    deliver(service, told(closed, customer, done, 2, title="Done", due_on="2026-01-01", status="done"))
    path = f"/customers/{customer}/overview"
    document = keeper.get(path).json
    assert [(one["title"], one["status"]) for one in document["tasks"]] == [
        ("Soon", "open"), ("Late", "open"), ("Done", "done")]  # fmt: skip
    assert document["counts"]["tasks"] == 3
    [seen] = company.get(path).json["tasks"]
    assert (seen["title"], "run_id" in seen) == ("Late", False)
    hidden = client_for(service, tokens.staff(["customers.view"])).get(path).json
    assert (hidden["tasks"], hidden["hidden_because"]["tasks"]) == (None, "missing_permission")


def test_what_a_guard_stopped_is_told_to_staff_with_the_reason(
    service: Service, tokens: TestTokens, customer: str
) -> None:
    deliver(service, told("automation.run.stopped.v1", customer, new_id(), 1, event_customer_id=customer))
    timeline = f"/customers/{customer}/timeline"
    [entry] = [
        one for one in client_for(service, tokens.staff(SEES)).get(timeline).json["items"] if one["verb"] == "stopped"
    ]
    assert entry["subject"]["label"] == "Write after each call"
    assert "go round in a circle" in str(entry)
    for client in (tokens.portal({customer: SEES}), tokens.staff(["customers.view"])):
        items = client_for(service, client).get(timeline).json["items"]
        assert [one for one in items if one["verb"] == "stopped"] == []
