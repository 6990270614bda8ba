"""Which rules answer to which events, how often, and what becomes of runs that wait."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Event as Stop
from typing import Any

import pytest

from automation.jobs.upkeep import Forgetting, Runs
from automation.tests.conftest import ok
from automation.tests.told import CREATED, PLACED, happened, rule, task_titled
from automation.use_cases import running, tasks
from common import inbox
from common.bus.port import Delivery
from common.clock import rfc3339
from common.ids import new_id
from common.service import Service
from common.testing import Client, published
from common.testing.clock import FixedClock

pytestmark = pytest.mark.postgres

Make = Callable[..., Any]


def statuses(runs: list[Any]) -> list[tuple[str, str | None]]:
    return [(run["status"], run["reason"]) for run in runs]


def test_a_rule_makes_what_it_says_of_whom_it_is_about(
    staff: Client, make: Make, tell: Any, work: Any, runs_of: Any, customer_id: str
) -> None:
    action = task_titled("Look at {number} of {customer}", due_in_days=2, assignee="Sales")
    made = make(staff, rule("Large", PLACED, action))
    event = happened(PLACED, customer_id)
    tell(event)
    [waits] = runs_of(customer_id)
    assert (waits["status"], waits["event_id"], waits["rule_version"]) == ("queued", event.id, 1)
    work()
    [run] = runs_of(customer_id)
    [task] = ok(staff.get(f"/automation/tasks?customer_id={customer_id}"))["items"]
    assert (task["title"], task["due_on"], task["assignee"], task["audience"]) == (
        "Look at O-000001 of Alderwick", "2026-03-04", "Sales", "staff")  # fmt: skip
    assert (task["run_id"], task["rule_id"], task["created_by_label"]) == (run["id"], made["id"], "Large")
    assert (run["status"], run["steps"][0]["task_id"]) == ("done", task["id"])


def test_what_a_rule_does_carries_why(
    service: Service, staff: Client, make: Make, tell: Any, work: Any, runs_of: Any, customer_id: str
) -> None:
    make(staff, rule("Large"))
    event = happened(PLACED, customer_id, chain_depth=2)
    tell(event)
    work()
    told = published(service.db, CREATED)[-1]
    [run] = runs_of(customer_id)
    assert (told.actor, told.actor_label) == (f"automation:{run['id']}", "Large")
    assert (told.causation_id, told.correlation_id, told.chain_depth) == (event.id, event.correlation_id, 3)


def test_an_event_that_comes_twice_makes_one_run(
    service: Service, staff: Client, make: Make, tell: Any, work: Any, runs_of: Any, tasks_of: Any, customer_id: str
) -> None:
    make(staff, rule("Large"))
    event = happened(PLACED, customer_id)
    for again in (False, True):
        inbox.process(service, "automation", [Delivery.of(event, redelivered=again)])
    # Also where the inbox has forgotten it.
    tell(event)
    work()
    assert (len(runs_of(customer_id)), tasks_of(customer_id)) == (1, ["Large"])


def test_another_customer_s_events_never_trigger_a_company_s_rule(
    admin: Client, make: Make, tell: Any, work: Any, runs_of: Any, switch: Any, customer_id: str
) -> None:
    make(admin, rule("Own", customer_id=customer_id))
    other = new_id()
    switch(other, "on")
    tell(happened(PLACED, other), replace(happened(PLACED, customer_id), customer_id=""))
    work()
    assert (runs_of(other), runs_of(customer_id)) == ([], [])


def test_a_task_of_staff_never_triggers_a_company_s_rule(
    staff: Client, admin: Client, make: Make, settle: Any, runs_of: Any, customer_id: str
) -> None:
    make(admin, rule("Own", CREATED, customer_id=customer_id))
    for title, audience in (("Inside", "staff"), ("For you", "customer")):
        ok(
            staff.post("/automation/tasks", json={"title": title, "customer_id": customer_id, "audience": audience}),
            201,
        )
    settle()
    assert statuses(runs_of(customer_id)) == [("done", None), ("stopped", "repeated")]


def test_what_happened_before_a_rule_was_enabled_triggers_nothing(
    staff: Client, make: Make, tell: Any, runs_of: Any, customer_id: str, clock: FixedClock
) -> None:
    make(staff, rule("Late"))
    tell(happened(PLACED, customer_id, time="2026-03-02T09:29:59.999999Z"))
    assert runs_of(customer_id) == []
    tell(happened(PLACED, customer_id, time=rfc3339(clock.now())))
    assert len(runs_of(customer_id)) == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("disabled", ("dropped", "rule_disabled")),
        ("deleted", ("dropped", "rule_deleted")),
        ("switched off", ("dropped", "switch_off")),
        ("reworded", ("done", None)),
    ],
)
def test_a_run_that_waits_is_dropped_where_its_rule_may_no_longer_run(
    admin: Client, make: Make, tell: Any, work: Any, runs_of: Any, tasks_of: Any, switch: Any, customer_id: str,
    change: str, expected: tuple[str, str | None],
) -> None:  # fmt: skip
    own = make(admin, rule("Own", customer_id=customer_id))
    tell(happened(PLACED, customer_id))
    place = f"/rules/{own['id']}"
    if change == "disabled":
        ok(admin.patch(place, json={"enabled": False}, version=1))
    elif change == "deleted":
        assert admin.delete(place, version=1).status_code == 204
    elif change == "switched off":
        switch(customer_id, "off")
    else:
        ok(admin.patch(place, json={"actions": [task_titled("Other")]}, version=1))
    work()
    [run] = runs_of(customer_id)
    assert (run["status"], run["reason"]) == expected
    assert (run["detail"] is None) is (run["status"] == "done")
    # What waits keeps to what the rule was.
    assert tasks_of(customer_id) == (["Own"] if run["status"] == "done" else [])


def test_a_rule_that_runs_too_often_is_paused_until_somebody_enables_it(
    service: Service, staff: Client, make: Make, tell: Any, work: Any, runs_of: Any, customer_id: str, clock: FixedClock
) -> None:
    made = make(staff, rule("Often", most_per_hour=3))
    other = make(staff, rule("Other"))
    events = [happened(PLACED, customer_id) for _ in range(6)]
    tell(*events[:5])
    work()
    of_often = [run for run in runs_of(customer_id) if run["rule_id"] == made["id"]]
    assert statuses(of_often) == [("done", None)] * 3 + [("stopped", "rate_cap")]
    paused = ok(staff.get(f"/rules/{made['id']}"))
    assert (paused["enabled"], paused["paused_reason"], paused["version"]) == (False, "rate_cap", 2)
    [told] = published(service.db, "automation.rule.paused.v1")
    assert (told.subject, told.data["paused_reason"]) == (made["id"], "rate_cap")
    assert "3 times within an hour" in of_often[-1]["detail"]
    assert len([run for run in runs_of(customer_id) if run["rule_id"] == other["id"]]) == 5, "others go on"
    clock.move(minutes=61)
    on = ok(staff.patch(f"/rules/{made['id']}", json={"enabled": True}, version=2))
    assert (on["enabled"], on["paused_reason"]) == (True, None)
    tell(replace(events[5], time=rfc3339(clock.now())))
    assert len([run for run in runs_of(customer_id) if run["rule_id"] == made["id"]]) == 5


def test_a_run_that_cannot_be_carried_out_fails_whole_and_stops_none_behind_it(
    service: Service, staff: Client, make: Make, tell: Any, runs_of: Any, tasks_of: Any, customer_id: str,
    monkeypatch: pytest.MonkeyPatch, clock: FixedClock,
) -> None:  # fmt: skip
    make(staff, rule("Two", PLACED, task_titled("Good {number}"), task_titled("Bad {number}")))
    tell(*(happened(PLACED, customer_id, number=number, time=rfc3339(clock.now())) for number in ("O-1", "O-2")))
    write = tasks.write_tasks

    def broken(session: Any, wanted: Any) -> list[str]:
        ids = write(session, wanted)
        if wanted[-1][1]["title"] == "Bad O-1":
            raise RuntimeError("no more room")
        return ids

    monkeypatch.setattr(tasks, "write_tasks", broken)
    Runs(service.db).run(Stop())
    failed, done = runs_of(customer_id)
    assert (failed["status"], done["status"]) == ("failed", "done")
    assert "no more room" in failed["detail"]
    assert tasks_of(customer_id) == ["Good O-2", "Bad O-2"], "of the failed run nothing was kept"
    told = published(service.db, "automation.run.failed.v1")[-1]
    assert (told.subject, told.data["detail"]) == (failed["id"], failed["detail"])


def test_what_is_about_no_customer_is_for_staff_alone(staff: Client, make: Make, settle: Any, rows: Any) -> None:
    only = {"field": "title", "op": "eq", "value": "Order labels"}
    actions = (task_titled("Theirs", audience="customer"), task_titled("Ours"))
    made = make(staff, rule("Both", CREATED, *actions, condition=only))
    ok(staff.post("/automation/tasks", json={"title": "Order labels"}), 201)
    settle()
    [run] = ok(staff.get(f"/runs?rule_id={made['id']}"))["items"]
    assert [step["outcome"] for step in run["steps"]] == ["nothing to do", "done"]
    assert [row["title"] for row in rows("SELECT title FROM tasks WHERE run_id = :id", id=run["id"])] == ["Ours"]


def test_two_workers_carry_out_each_run_once(
    service: Service, staff: Client, make: Make, tell: Any, tasks_of: Any, runs_of: Any, customer_id: str,
    clock: FixedClock,
) -> None:  # fmt: skip
    make(staff, rule("Once"))
    tell(happened(PLACED, customer_id, time=rfc3339(clock.now())))
    [run] = runs_of(customer_id)
    with service.db.transaction() as first:
        running.carry_out(first, run["id"])
        service.db.run(partial(running.carry_out, run_id=run["id"]))
    assert (tasks_of(customer_id), runs_of(customer_id)[0]["status"]) == (["Once"], "done")


def test_runs_that_ended_long_ago_are_forgotten_and_their_tasks_stay(
    service: Service, staff: Client, make: Make, tell: Any, work: Any, runs_of: Any, tasks_of: Any, customer_id: str,
    clock: FixedClock,
) -> None:  # fmt: skip
    make(staff, rule("Old"))
    tell(happened(PLACED, customer_id, time=rfc3339(clock.now())))
    work()
    clock.move(days=91)
    while Forgetting(service.db, 90).run(Stop()):
        pass
    assert (runs_of(customer_id), tasks_of(customer_id)) == ([], ["Old"])
