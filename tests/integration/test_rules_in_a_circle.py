"""Rules that trigger each other, with automation's worker over real PostgreSQL and RabbitMQ beside ordering and the
warehouse: the circle ends at the guard, the log tells the way, and everything else goes on."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from automation.bootstrap import build
from automation.settings import Settings
from automation.tests.told import CLOSED, CREATED, PLACED, rule, task_titled
from common.bus.rabbitmq import RabbitMQ
from common.service import Service
from common.testing import Client, Figure, TestDatabase, TestTokens, client_for, deliver, eventually
from ordering.tests.told import customer, switches

from .saga import Process, Saga, contracts_of, environment_of, ok, rows

NAME = "automation"
EVERYTHING = ("automation.view", "automation.edit", "tasks.view", "tasks.edit")
# What somebody wrote a task about is answered by one rule, and what that makes by the other.
LETTER = {"field": "title", "op": "starts_with", "value": "Write"}
CALL = {"field": "title", "op": "starts_with", "value": "Call"}


class Automation:
    """The service with a worker process; `staff` talks to its API."""

    def __init__(self, database: TestDatabase, tokens: TestTokens, broker: str, folder: Path, saga: Saga) -> None:
        contracts = contracts_of(folder, NAME)
        url, key = database.app_url, tokens.public_key
        self.service: Service = build(Settings(database_url=url, identity_public_key=key, contracts_dir=contracts))
        self.staff: Client = client_for(self.service, tokens.staff(EVERYTHING))
        self.worker = Process(NAME, "worker", environment_of(url, broker, contracts, key), folder / "worker.log")
        self._saga = saga

    def company(self) -> str:
        """A customer that orders, known to all three services, whose own rules run."""
        customer_id = self._saga.company()
        told = [customer(customer_id, name="Alderwick"), switches("customer", customer_id, automation_enabled="on")]
        deliver(self.service, told)
        return customer_id

    def rule(self, name: str, event_type: str, action: dict[str, Any], condition: Any = None) -> Any:
        body = rule(name, event_type, action) | ({"condition": condition} if condition else {})
        return ok(self.staff.post("/rules", json=body), 201)

    def task(self, customer_id: str, title: str) -> Any:
        return ok(self.staff.post("/automation/tasks", json={"title": title, "customer_id": customer_id}), 201)

    def wait_until_quiet(self) -> None:
        """Returns when no run waits and all that automation told itself is heard: one look sees both."""
        eventually(lambda: rows(self.service, _UNDER_WAY) == [0], 30, every=0.05)

    def wait_for(self, event_type: str, customer_id: str) -> None:
        """Returns when a run answers to such an event of that customer, and all that it leads to has ended."""
        answered = "SELECT 1 FROM runs WHERE event_type = :type AND event_customer_id = CAST(:id AS uuid)"
        eventually(lambda: rows(self.service, answered, type=event_type, id=customer_id), 30, every=0.05)
        self.wait_until_quiet()

    def titles(self, customer_id: str) -> list[str]:
        """The titles of a customer's tasks, the oldest first."""
        items = ok(self.staff.get(f"/automation/tasks?customer_id={customer_id}&limit=200"))["items"]
        return [item["title"] for item in reversed(items)]

    def runs(self, customer_id: str) -> list[Any]:
        """The runs about a customer, the oldest first."""
        return list(reversed(ok(self.staff.get(f"/runs?customer_id={customer_id}&limit=200"))["items"]))

    def told(self, customer_id: str) -> list[str]:
        """The runs that were told to be stopped."""
        of = "SELECT subject FROM outbox WHERE type = 'automation.run.stopped.v1' AND customer_id = CAST(:id AS uuid)"
        return rows(self.service, of, id=customer_id)


@pytest.fixture(scope="module")
def running(
    saga: Saga,
    service_database: Callable[[str], TestDatabase],
    tokens: TestTokens,
    rabbitmq_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Automation]:
    folder = tmp_path_factory.mktemp(NAME)
    made = Automation(service_database(NAME), tokens, rabbitmq_url, folder, saga)
    made.worker.start()
    yield made
    status = made.worker.stop()
    made.service.db.dispose()
    transport = RabbitMQ(rabbitmq_url)
    transport.remove(NAME)
    transport.close()
    assert status == 0


@pytest.fixture
def automation(running: Automation) -> Iterator[Automation]:
    """Its rules end with the test, since those of the provider answer for everybody."""
    yield running
    for one in ok(running.staff.get("/rules"))["items"]:
        assert running.staff.delete(f"/rules/{one['id']}", version=one["version"]).status_code == 204


def link_names(run: Any) -> list[str]:
    return [link["rule_name"] for link in run["chain"]]


def test_a_rule_that_triggers_a_rule_that_triggers_it_is_stopped_and_the_rest_goes_on(
    automation: Automation, saga: Saga, figure: Figure
) -> None:
    automation.rule("Call", CREATED, task_titled("Call about: {title}"), LETTER)
    automation.rule("Write", CREATED, task_titled("Write about: {title}"), CALL)
    firm = automation.company()
    automation.task(firm, "Write to the firm")
    automation.wait_for(CREATED, firm)
    assert [title.partition(" ")[0] for title in automation.titles(firm)] == ["Write", "Call", "Write"]
    *done, stopped = automation.runs(firm)
    assert [run["status"] for run in done] == ["done", "done"]
    assert (stopped["status"], stopped["reason"], link_names(stopped)) == ("stopped", "repeated", ["Call", "Write"])
    assert "“Call” → “Write” → “Call”" in stopped["detail"]
    assert {run["chain_id"] for run in (*done, stopped)} == {done[0]["id"]}
    assert automation.told(firm) == [stopped["id"]]
    # What has nothing to do with it triggers as before, also of the same customer.
    automation.rule("Look", PLACED, task_titled("Look at {number}"))
    order = saga.submit(saga.draft(firm, (saga.listing(3), 2)))
    automation.wait_for(PLACED, firm)
    assert automation.titles(firm)[3:] == [f"Look at {order['number']}"]
    assert rows(automation.service, "SELECT type, error FROM held") == []
    figure("tasks that a circle of two rules made", f"{len(done)}, then it was stopped and told")


def test_a_circle_that_an_order_starts_ends_and_names_the_order(automation: Automation, saga: Saga) -> None:
    automation.rule("Order", PLACED, task_titled("Call about {number}"))
    automation.rule("Done at once", CREATED, {"kind": "close_task"}, CALL)
    automation.rule("Another", CLOSED, task_titled("Call again"))
    firm = automation.company()
    order = saga.submit(saga.draft(firm, (saga.listing(3), 2)))
    automation.wait_for(CLOSED, firm)
    assert automation.titles(firm) == [f"Call about {order['number']}", "Call again"]
    *done, stopped = automation.runs(firm)
    assert [(run["rule_name"], run["chain_depth"], run["status"]) for run in done] == [
        ("Order", 1, "done"), ("Done at once", 2, "done"), ("Another", 3, "done")]  # fmt: skip
    assert (stopped["rule_name"], stopped["reason"]) == ("Done at once", "repeated")
    assert link_names(stopped) == ["Order", "Done at once", "Another"]
    assert (stopped["chain"][0]["event_type"], stopped["chain"][0]["subject"]) == (PLACED, order["id"])
    # The order itself goes its way.
    saga.wait(order, "confirmed", allocated=2)


def test_without_a_circle_the_depth_ends_it_also_where_the_worker_is_killed_on_the_way(automation: Automation) -> None:
    for step in range(1, 8):
        before = {"field": "title", "op": "eq", "value": f"Step {step - 1}"}
        automation.rule(f"Rule {step}", CREATED, task_titled(f"Step {step}"), before)
    firm = automation.company()
    automation.task(firm, "Step 0")
    eventually(lambda: len(automation.titles(firm)) > 2, 30, every=0.02)
    automation.worker.kill9()
    automation.worker.start()
    automation.wait_until_quiet()
    assert automation.titles(firm) == [f"Step {step}" for step in range(6)]
    stopped = automation.runs(firm)[-1]
    assert (stopped["rule_name"], stopped["reason"]) == ("Rule 6", "chain_depth")
    assert link_names(stopped) == [f"Rule {step}" for step in range(1, 6)]
    assert automation.told(firm) == [stopped["id"]]


_UNDER_WAY = """
    SELECT (SELECT count(*) FROM runs WHERE status = 'queued')
         + (SELECT count(*) FROM outbox o WHERE o.type LIKE 'automation.task.%' AND o.type NOT LIKE '%.updated.%'
            AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.event_id = o.id))
    """
