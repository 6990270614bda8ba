"""Rules that trigger each other end at a guard, whatever they make on their way; the log tells the way."""

from collections.abc import Callable
from typing import Any

import pytest

from automation.tests.conftest import ok
from automation.tests.told import CLOSED, CREATED, PLACED, happened, rule, task_titled
from common.ids import new_id
from common.service import Service
from common.testing import Client, published

pytestmark = pytest.mark.postgres

Make = Callable[..., Any]
CLOSE = {"kind": "close_task"}


def test_a_rule_that_answers_to_its_own_task_makes_one(
    staff: Client, make: Make, settle: Any, tasks_of: Any, runs_of: Any, customer_id: str
) -> None:
    made = make(staff, rule("Again", CREATED, task_titled("Again after {title}")))
    ok(staff.post("/automation/tasks", json={"title": "First", "customer_id": customer_id}), 201)
    settle()
    assert tasks_of(customer_id) == ["First", "Again after First"]
    first, second = runs_of(customer_id)
    assert (first["status"], first["chain"], first["chain_id"]) == ("done", [], first["id"])
    assert (second["status"], second["reason"], second["chain_id"]) == ("stopped", "repeated", first["id"])
    assert [(link["run_id"], link["rule_id"]) for link in second["chain"]] == [(first["id"], made["id"])]


def test_two_rules_that_trigger_each_other_by_different_events_are_stopped_and_told(
    service: Service, staff: Client, make: Make, settle: Any, tasks_of: Any, runs_of: Any, customer_id: str
) -> None:
    make(staff, rule("Close it", CREATED, CLOSE))
    make(staff, rule("Make another", CLOSED, task_titled("One more")))
    ok(staff.post("/automation/tasks", json={"title": "First", "customer_id": customer_id}), 201)
    settle()
    assert tasks_of(customer_id) == ["First", "One more"]
    assert [(run["rule_name"], run["status"]) for run in runs_of(customer_id)] == [
        ("Close it", "done"), ("Make another", "done"), ("Close it", "stopped")]  # fmt: skip
    told = published(service.db, "automation.run.stopped.v1")[-1]
    assert (told.customer_id, told.actor_label) == (customer_id, "Close it")
    assert [link["rule_name"] for link in told.data["chain"]] == ["Close it", "Make another"]
    assert "“Close it” → “Make another” → “Close it”" in told.data["detail"]
    assert ok(staff.get(f"/runs/{told.subject}"))["detail"] == told.data["detail"]


def test_what_a_person_does_with_a_task_of_a_rule_begins_a_chain_of_its_own(
    staff: Client, make: Make, settle: Any, tasks_of: Any, runs_of: Any, customer_id: str
) -> None:
    make(staff, rule("Next", CLOSED, task_titled("Next")))
    task = ok(staff.post("/automation/tasks", json={"title": "First", "customer_id": customer_id}), 201)
    for _ in range(3):
        ok(staff.post(f"/automation/tasks/{task['id']}/completion"))
        settle()
        task = ok(staff.get(f"/automation/tasks?customer_id={customer_id}&status=open"))["items"][0]
    assert tasks_of(customer_id) == ["First", "Next", "Next", "Next"]
    assert {run["status"] for run in runs_of(customer_id)} == {"done"}


def test_one_order_that_makes_several_tasks_lets_another_rule_answer_to_each(
    staff: Client, make: Make, tell: Any, settle: Any, tasks_of: Any, runs_of: Any, customer_id: str
) -> None:
    make(staff, rule("Order", PLACED, task_titled("Pick"), task_titled("Pack")))
    only = {"field": "title", "op": "in", "value": ["Pick", "Pack"]}
    make(staff, rule("Check", CREATED, task_titled("Check {title}"), condition=only))
    tell(happened(PLACED, customer_id))
    settle()
    assert tasks_of(customer_id) == ["Pick", "Pack", "Check Pick", "Check Pack"]
    assert [run["status"] for run in runs_of(customer_id)] == ["done"] * 3


def test_a_long_way_of_many_rules_ends_at_the_depth(
    staff: Client, make: Make, tell: Any, settle: Any, tasks_of: Any, runs_of: Any, customer_id: str
) -> None:
    make(staff, rule("Step 1", PLACED, task_titled("1")))
    for step in range(2, 9):
        before = {"field": "title", "op": "eq", "value": str(step - 1)}
        make(staff, rule(f"Step {step}", CREATED, task_titled(str(step)), condition=before))
    tell(happened(PLACED, customer_id))
    settle()
    assert tasks_of(customer_id) == ["1", "2", "3", "4", "5"]
    last = runs_of(customer_id)[-1]
    assert (last["rule_name"], last["status"], last["reason"]) == ("Step 6", "stopped", "chain_depth")
    assert [link["rule_name"] for link in last["chain"]] == [f"Step {step}" for step in range(1, 6)]


def test_the_way_leads_back_through_other_services(
    staff: Client, make: Make, tell: Any, settle: Any, runs_of: Any, customer_id: str
) -> None:
    make(staff, rule("Look"))
    tell(happened(PLACED, customer_id))
    settle()
    [first] = runs_of(customer_id)
    # Whoever answered to what the run did handed its actor on.
    tell(happened(PLACED, customer_id, actor=f"automation:{first['id']}", chain_depth=3))
    tell(happened(PLACED, customer_id, actor=f"automation:{new_id()}", chain_depth=3))
    settle()
    _, second, unknown = runs_of(customer_id)
    assert (second["reason"], second["chain_id"]) == ("repeated", first["id"])
    assert (unknown["status"], unknown["chain"]) == ("done", [])


def test_an_event_that_much_led_to_triggers_nothing(
    staff: Client, make: Make, tell: Any, settle: Any, tasks_of: Any, runs_of: Any, customer_id: str
) -> None:
    make(staff, rule("Look"))
    tell(happened(PLACED, customer_id, chain_depth=4), happened(PLACED, customer_id, chain_depth=5))
    settle()
    assert [(run["status"], run["reason"]) for run in runs_of(customer_id)] == [
        ("done", None), ("stopped", "chain_depth")]  # fmt: skip
    assert tasks_of(customer_id) == ["Look"]


def test_a_circle_of_a_company_s_and_the_provider_s_rule_is_stopped_and_neither_learns_more_than_it_may(
    staff: Client, admin: Client, make: Make, settle: Any, tasks_of: Any, customer_id: str
) -> None:
    make(staff, rule("Ours", CREATED, task_titled("For you", audience="customer")))
    make(admin, rule("Yours", CREATED, task_titled("For us"), customer_id=customer_id))
    ok(admin.post("/automation/tasks", json={"title": "First", "customer_id": customer_id}), 201)
    settle()
    assert sorted(tasks_of(customer_id)) == ["First", "For us", "For us", "For you", "For you"]
    seen = ok(admin.get("/runs"))["items"]
    assert {run["rule_name"] for run in seen} == {"Yours"}
    assert {(run["status"], run["reason"]) for run in seen} == {("done", None), ("stopped", "repeated")}
    tasks = ok(admin.get("/automation/tasks"))["items"]
    assert {(one["created_by_label"], one["rule_name"]) for one in tasks if one["run_id"]} == {
        ("Yours", "Yours"), ("Automation", None)}  # fmt: skip
    assert {link["rule_name"] for run in seen for link in run["chain"]} == {"Yours", "Automation"}
    assert "Ours" not in str(tasks) + str(seen)
