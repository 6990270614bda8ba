"""The life of a service in use, and what the progress of an order line makes of it."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordering.domain import services
from ordering.domain.services import COMMANDS, STATUSES, TRANSITIONS, Step, after, at_its_end, follow, renewed
from ordering.errors.services import ServiceStatus, TermUnsuitable

TODAY = date(2026, 3, 2)
PLACES = ("property_id", "property_label", "org_unit_id", "org_unit_label", "person_id", "person_label", "cost_centre")
BLANK = dict.fromkeys((*PLACES, "serial", "started_on", "ended_on", "reason"))


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_leads_on_or_is_refused_with_what_is_possible(status: str, command: str) -> None:
    to = TRANSITIONS[status].get(command)
    if to is not None:
        assert after(status, command) == to
        return
    with pytest.raises(ServiceStatus) as refused:
        after(status, command)
    assert refused.value.facts["commands"] == sorted(TRANSITIONS[status])


def test_what_is_over_stays_over() -> None:
    assert [status for status in STATUSES if not TRANSITIONS[status]] == ["ended", "replaced", "lost"]


def line(quantity: int = 10, shipped: int = 0, cancelled: int = 0) -> dict[str, Any]:
    return {"quantity": quantity, "quantity_shipped": shipped, "quantity_cancelled": cancelled}


def kept(known: list[dict[str, Any]], steps: list[Step]) -> list[dict[str, Any]]:
    """What is known after these steps."""
    found = {one["id"]: one for one in known}
    for step in steps:
        assert step.is_new == (step.record["id"] not in found)
        found[step.record["id"]] = step.record
    return list(found.values())


def told(
    known: list[dict[str, Any]], of: dict[str, Any], *serials: str, is_open: bool = True
) -> tuple[list[dict[str, Any]], list[str]]:
    steps = follow(of, is_open=is_open, known=known, serials=serials, blank=dict(BLANK), today=TODAY)
    return kept(known, steps), [step.verb for step in steps]


def test_what_is_ordered_waits_and_what_is_provided_is_in_use() -> None:
    known, verbs = told([], line())
    assert verbs == ["planned"]
    known, verbs = told(known, line(shipped=4))
    assert verbs == ["started", "changed"]
    assert sorted((one["status"], one["quantity"]) for one in known) == [("active", 4), ("pending", 6)]
    known, verbs = told(known, line(shipped=10), is_open=False)
    assert verbs == ["started"]
    assert sorted((one["status"], one["quantity"]) for one in known) == [("active", 4), ("active", 6)]
    assert told(known, line(shipped=10), is_open=False)[1] == []


def test_each_serial_is_a_service_of_its_own() -> None:
    known, _ = told([], line(3))
    known, _ = told(known, line(3, shipped=3), "A", "B")
    assert sorted((str(one["serial"]), one["quantity"]) for one in known) == [("A", 1), ("B", 1), ("None", 1)]


def test_serials_that_are_told_late_are_given_to_what_is_in_use() -> None:
    known, _ = told([], line(3, shipped=3))
    known, verbs = told(known, line(3, shipped=3), "A", "B", "C")
    assert verbs == ["changed", "started", "started"]
    assert sorted((one["serial"], one["quantity"]) for one in known) == [("A", 1), ("B", 1), ("C", 1)]


def test_what_is_given_up_never_starts() -> None:
    known, _ = told([], line())
    known, verbs = told(known, line(shipped=0, cancelled=10), is_open=False)
    assert (verbs, known[0]["status"], known[0]["reason"]) == (["ended"], "ended", "not_delivered")
    assert told(known, line(cancelled=10), is_open=False)[1] == []


def test_what_splits_off_is_for_whom_the_waiting_one_was_meant() -> None:
    known, _ = told([], line())
    known[0] |= {"person_id": "p", "cost_centre": "4711"}
    known, _ = told(known, line(shipped=1))
    assert {(one["person_id"], one["cost_centre"]) for one in known} == {("p", "4711")}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 4)), max_size=8))
def test_whatever_is_told_the_services_add_up_to_the_line(progress: list[tuple[int, int, int]]) -> None:
    known: list[dict[str, Any]] = []
    shipped = cancelled = 0
    serials: list[str] = []
    for more, less, numbered in progress:
        shipped = min(shipped + more, 20 - cancelled)
        cancelled = min(cancelled + less, 20 - shipped)
        serials += [f"S{len(serials) + step}" for step in range(min(numbered, shipped - len(serials)))]
        known, _ = told(known, line(20, shipped, cancelled), *serials)
        started = [one for one in known if one["started_on"] is not None]
        assert sum(one["quantity"] for one in started) == shipped
        assert sorted(one["serial"] for one in started if one["serial"]) == sorted(serials)
        waiting = [one["quantity"] for one in known if one["status"] == services.PENDING]
        assert waiting == ([20 - shipped - cancelled] if shipped + cancelled < 20 else [])
        assert told(known, line(20, shipped, cancelled), *serials)[1] == []


def used(name: str, quantity: int = 1, serial: str | None = None, status: str = "active") -> dict[str, Any]:
    return {"id": name, "quantity": quantity, "serial": serial, "status": status, "started_on": TODAY}


@pytest.mark.parametrize(
    ("quantity", "serials", "left"),
    [
        (1, ["B"], {"a": 1, "c": 5, "d": 2}),
        (2, ["B"], {"a": 1, "c": 5, "d": 1}),
        (4, [], {"a": 1, "b": 1, "c": 3}),
        (99, [], {"a": 1, "b": 1}),
    ],
)
def test_what_came_back_ends_by_serial_then_as_it_was_asked_for(
    quantity: int, serials: list[str], left: dict[str, int]
) -> None:
    known = [used("a", serial="A"), used("b", serial="B"), used("c", 5), used("d", 2, status="return_requested")]
    steps = services.take_back(known, serials, quantity, ended_on=TODAY, reason="returned")
    now = kept(known, steps)
    assert {one["id"]: one["quantity"] for one in now if one["status"] in services.IN_USE} == left
    assert sum(one["quantity"] for one in now) == 9


def service(**fields: Any) -> dict[str, Any]:
    plain = {"status": "active", "started_on": date(2025, 1, 31), "ends_on": date(2026, 1, 31), "renewal": "none"}
    return plain | {"term_months": None} | fields


@pytest.mark.parametrize(
    ("asked", "ends_on"),
    [({"months": 1}, date(2026, 2, 28)), ({"ends_on": date(2027, 1, 1)}, date(2027, 1, 1)), ({"ends_on": None}, None)],
)
def test_a_renewal_moves_the_last_day(asked: dict[str, Any], ends_on: date | None) -> None:
    assert renewed(service(), asked)["ends_on"] == ends_on


@pytest.mark.parametrize(
    "asked",
    [
        {"ends_on": date(2026, 1, 31)},
        {"ends_on": date(2027, 1, 1), "renewal": "automatic"},
        {"ends_on": None, "renewal": "automatic", "term_months": 12},
    ],
)
def test_what_is_no_term_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(TermUnsuitable):
        renewed(service(), asked)


def test_at_its_end_a_service_ends_or_goes_on_by_whole_terms() -> None:
    assert at_its_end(service(), TODAY) == {"status": "ended", "ended_on": date(2026, 1, 31), "reason": "term_over"}
    assert at_its_end(service(renewal="automatic", term_months=1), TODAY) == {"ends_on": date(2026, 3, 31)}
    comes_back = service(renewal="automatic", term_months=1, status="return_requested")
    assert at_its_end(comes_back, TODAY)["status"] == "ended"
