"""Each of the nine switches off against what a customer does with rules of its own, and what the provider's do for it:
the row of the rules' table 2.2 about them. Whatever the table leaves empty must have no effect."""

from collections.abc import Callable
from typing import Any

import pytest

from automation.tests.conftest import EVERYTHING, ok
from automation.tests.told import PLACED, happened, rule
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from portal_switches import KEYS

pytestmark = pytest.mark.postgres

ALL_ON = dict.fromkeys(KEYS, "on")
OFF = "automation.automation_disabled"

# What each operation answers while every switch is on.
USUAL = {
    "answer by an own rule": "done",
    "carry out what waits": "done",
    "answer by the provider's rule": "done",
    "create an own rule": "201",
    "create one through staff": "201",
    "enable an own rule": "200",
    "change an own rule": "200",
    "read an own rule": "200",
    "try an own rule": "200",
    "disable an own rule": "200",
    "delete an own rule": "204",
    "make a task": "201",
}
CELLS = {
    ("automation_enabled", "answer by an own rule"): "nothing",
    ("automation_enabled", "carry out what waits"): "dropped, switch_off",
    **{
        ("automation_enabled", operation): OFF
        for operation in ("create an own rule", "create one through staff", "enable an own rule", "change an own rule")
    },
}


class Case:
    """A customer with rules of its own, one of which has a run that waits, and a rule of the provider."""

    def __init__(self, service: Service, tokens: TestTokens, staff: Client, tell: Any, work: Any, runs_of: Any) -> None:
        self.staff, self.tell, self.work, self.runs_of = staff, tell, work, runs_of
        self.customer = new_id()
        self.person = client_for(service, tokens.portal({self.customer: EVERYTHING}))

    def prepare(self, switch: Callable[..., None]) -> None:
        """Makes rules while every switch is on."""
        self.switch = switch
        switch(self.customer, "on", **ALL_ON)
        own = {"customer_id": self.customer}
        self.own = ok(self.person.post("/rules", json=rule("Own") | own), 201)
        off = rule("Off") | own | {"enabled": False}
        self.off, self.changed = (ok(self.person.post("/rules", json=off), 201) for _ in range(2))
        event = happened(PLACED, self.customer)
        self.tell(event)
        self.waits = event.id

    def turn_off(self, key: str) -> None:
        """Turns one switch off."""
        self.switch(self.customer, **{"value": ALL_ON["automation_enabled"], **ALL_ON, key: "off"})

    def run(self, operation: str) -> str:
        """Tries an operation and says what came of it."""
        return str(getattr(self, f"_{operation.replace(' ', '_').replace(chr(39), '')}")())

    def _came_of(self, event_id: str, name: str) -> str:
        found = [run for run in self.runs_of(self.customer) if (run["event_id"], run["rule_name"]) == (event_id, name)]
        return ", ".join(filter(None, (found[0]["status"], found[0]["reason"]))) if found else "nothing"

    def _carry_out_what_waits(self) -> str:
        self.work()
        return self._came_of(self.waits, "Own")

    def _answer_by_an_own_rule(self) -> str:
        event = happened(PLACED, self.customer)
        self.tell(event)
        self.work()
        return self._came_of(event.id, "Own")

    def _answer_by_the_providers_rule(self) -> str:
        ok(self.staff.post("/rules", json=rule("Ours")), 201)
        event = happened(PLACED, self.customer)
        self.tell(event)
        self.work()
        return self._came_of(event.id, "Ours")

    def _create_an_own_rule(self) -> str:
        return _said(self.person.post("/rules", json=rule("New", customer_id=self.customer, enabled=False)))

    def _create_one_through_staff(self) -> str:
        return _said(self.staff.post("/rules", json=rule("New", customer_id=self.customer, enabled=False)))

    def _enable_an_own_rule(self) -> str:
        return _said(self.person.patch(f"/rules/{self.off['id']}", json={"enabled": True}, version=1))

    def _change_an_own_rule(self) -> str:
        return _said(self.person.patch(f"/rules/{self.changed['id']}", json={"name": "Other"}, version=1))

    def _read_an_own_rule(self) -> str:
        return _said(self.person.get(f"/rules/{self.own['id']}"))

    def _try_an_own_rule(self) -> str:
        data = happened(PLACED, self.customer).data
        return _said(self.person.post(f"/rules/{self.own['id']}/dry-run", json={"data": data}))

    def _disable_an_own_rule(self) -> str:
        return _said(self.person.patch(f"/rules/{self.own['id']}", json={"enabled": False}, version=1))

    def _delete_an_own_rule(self) -> str:
        version = ok(self.person.get(f"/rules/{self.own['id']}"))["version"]
        return _said(self.person.delete(f"/rules/{self.own['id']}", version=version))

    def _make_a_task(self) -> str:
        return _said(self.person.post("/automation/tasks", json={"title": "Call", "customer_id": self.customer}))


def _said(answer: Any) -> str:
    return str(answer.status_code if answer.status_code < 400 else answer.json["code"])


@pytest.fixture
def case(service: Service, tokens: TestTokens, staff: Client, tell: Any, work: Any, runs_of: Any, switch: Any) -> Case:
    made = Case(service, tokens, staff, tell, work, runs_of)
    made.prepare(switch)
    return made


@pytest.mark.parametrize("key", KEYS)
def test_a_switch_that_is_off_does_what_the_table_says(case: Case, key: str) -> None:
    case.turn_off(key)
    found = {operation: case.run(operation) for operation in USUAL}
    assert found == {operation: CELLS.get((key, operation), usual) for operation, usual in USUAL.items()}


def test_with_every_switch_on_everything_is_as_usual(case: Case) -> None:
    assert {operation: case.run(operation) for operation in USUAL} == USUAL


def test_rules_that_were_kept_answer_again_once_the_switch_is_on(case: Case) -> None:
    case.turn_off("automation_enabled")
    assert case.run("answer by an own rule") == "nothing"
    case.switch(case.customer, "on")
    assert case.run("answer by an own rule") == "done"
