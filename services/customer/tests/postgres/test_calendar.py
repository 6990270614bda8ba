"""What happens at properties as days go by: told on the day itself, once, whoever runs the job."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from threading import Event as Stop
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from common.errors import Refusal
from common.service import Service
from common.testing import FixedClock, TestDatabase, TestTokens, published
from customer.bootstrap import build
from customer.domain.numbers import Numbering
from customer.settings import Settings
from customer.use_cases import assignments, customers, moves, properties

NUMBERS = Numbering()
PLACE = {"name": "House", "line1": "Kai 3", "city": "Kiel", "country": "DE"}


@pytest.fixture(scope="module")
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(scope="module")
def service(
    service_database: Callable[[str], TestDatabase], tokens: TestTokens, clock: FixedClock
) -> Iterator[Service]:
    """The service on a database of its own, with a clock that these tests move."""
    told = Settings(database_url=service_database("customer").app_url, identity_public_key=tokens.public_key)
    made = build(told, clock=clock)
    yield made
    made.db.dispose()


def customer(service: Service, name: str = "Somebody") -> str:
    return str(service.db.run(lambda session: customers.create_customer(session, {"name": name}, NUMBERS))["id"])


def place(service: Service) -> str:
    numbers = Numbering(form="P{}")
    return str(service.db.run(lambda session: properties.create_property(session, PLACE, numbers))["id"])


def moving(service: Service, kind: Any, who: str, where: str, day: date, **fields: Any) -> dict[str, Any]:
    body = {"property_id": where, "customer_id": who, "role": "occupant", "day": day, "dry_run": False} | fields
    return service.db.run(lambda session: moves.move(session, kind, body))


def assigning(service: Service, who: str, where: str, start: date, until: date | None = None) -> dict[str, Any]:
    body = {"property_id": where, "role": "occupant", "starts_on": start, "until": until}
    return service.db.run(lambda session: assignments.assign(session, who, body))


def advance(service: Service) -> None:
    """Runs the job until nothing is due."""
    job = next(job for job in service.jobs if job.name == "days")
    while job.run(Stop()):
        pass


def told_since(service: Service, before: int) -> list[str]:
    return [event.type.removeprefix("customer.").removesuffix(".v1") for event in published(service.db)[before:]]


def states(service: Service, where: str) -> list[tuple[str, str]]:
    statement = text(
        "SELECT CAST(customer_id AS text), state FROM assignments WHERE property_id = :id ORDER BY starts_on"
    )
    with service.db.transaction() as session:
        return [(row[0], row[1]) for row in session.execute(statement, {"id": where})]


def test_a_move_is_executed_on_its_day_and_only_once(service: Service, clock: FixedClock) -> None:
    where, here, comes = place(service), customer(service), customer(service)
    today = clock.now().date()
    assigning(service, here, where, today - timedelta(days=9))
    invite = {"username": "comes", "email": "comes@example.test"}
    planned = moving(service, "in", comes, where, today + timedelta(days=3), invite=invite)
    before = len(published(service.db))
    for _ in range(2):
        advance(service)
        assert told_since(service, before) == []
        clock.move(days=1)
    advance(service)
    assert states(service, where) == [(here, "current"), (comes, "planned")]
    clock.move(days=1)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: advance(service), range(3)))
    assert told_since(service, before) == ["assignment.ended", "assignment.started", "move.executed"]
    assert states(service, where) == [(here, "ended"), (comes, "current")]
    executed = published(service.db)[-1]
    assert (executed.subject, executed.version, executed.data["invite"]) == (planned["id"], 2, invite)
    assert (executed.actor, executed.customer_id) == ("system:calendar", comes)
    advance(service)
    assert len(told_since(service, before)) == 3


def test_assignments_begin_and_end_on_their_day_without_a_move(service: Service, clock: FixedClock) -> None:
    where, who = place(service), customer(service)
    today = clock.now().date()
    assigning(service, who, where, today + timedelta(days=1), today + timedelta(days=3))
    before = len(published(service.db))
    seen = []
    for _ in range(3):
        clock.move(days=1)
        advance(service)
        seen.append((states(service, where)[0][1], told_since(service, before)))
    assert seen == [
        ("current", ["assignment.started"]),
        ("current", ["assignment.started"]),
        ("ended", ["assignment.started", "assignment.ended"]),
    ]


def test_after_a_long_silence_days_are_made_up_in_their_order(service: Service, clock: FixedClock) -> None:
    where, one, two, three = place(service), customer(service), customer(service), customer(service)
    today = clock.now().date()
    assigning(service, one, where, today)
    moving(service, "in", two, where, today + timedelta(days=5))
    moving(service, "in", three, where, today + timedelta(days=9))
    before = len(published(service.db))
    clock.move(days=30)
    advance(service)
    day_of_one_move = ["assignment.ended", "assignment.started", "move.executed"]
    assert told_since(service, before) == day_of_one_move * 2
    assert states(service, where) == [(one, "ended"), (two, "ended"), (three, "current")]


def test_a_cancelled_move_does_not_happen(service: Service, clock: FixedClock) -> None:
    where, here, comes = place(service), customer(service), customer(service)
    today = clock.now().date()
    assigning(service, here, where, today)
    planned = moving(service, "in", comes, where, today + timedelta(days=2))
    service.db.run(lambda session: moves.cancel_move(session, "in", planned["id"], "Not signed"))
    clock.move(days=5)
    before = len(published(service.db))
    advance(service)
    assert told_since(service, before) == []
    assert states(service, where) == [(here, "current")]


def test_a_property_that_somebody_holds_waits_and_others_go_on(service: Service, clock: FixedClock) -> None:
    who, held, free = customer(service), place(service), place(service)
    today = clock.now().date()
    for where in (held, free):
        assigning(service, who, where, today + timedelta(days=1))
    clock.move(days=1)
    with service.db.transaction() as session:
        properties.lock_property(session, held)
        advance(service)
        assert [states(service, where)[0][1] for where in (held, free)] == ["planned", "current"]
    advance(service)
    assert states(service, held)[0][1] == "current"


steps = st.one_of(
    st.tuples(st.just("assign"), st.integers(0, 2), st.integers(-6, 12), st.none() | st.integers(1, 10)),
    st.tuples(st.just("change"), st.integers(0, 9), st.integers(-3, 12), st.none() | st.integers(1, 10)),
    st.tuples(st.just("remove"), st.integers(0, 9)),
    st.tuples(st.sampled_from(["in", "out"]), st.integers(0, 2), st.integers(-2, 8)),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("days"), st.integers(1, 5)),
)


@given(sequence=st.lists(steps, min_size=3, max_size=14))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_shares_a_property_whatever_happens(service: Service, clock: FixedClock, sequence: list[Any]) -> None:
    """Every step is done or refused with a reason: the constraint of the table is never what says no."""
    where, people = place(service), [customer(service, f"Person {n}") for n in range(3)]
    before = len(published(service.db))
    for step in sequence:
        with suppress(Refusal):
            _take(service, clock, where, people, step)
        _check(service, clock, where)
    advance(service)
    _check(service, clock, where, settled=True)
    versions: dict[str, list[int]] = {}
    for event in published(service.db)[before:]:
        versions.setdefault(event.subject, []).append(event.version)
    assert all(found == list(range(found[0], found[0] + len(found))) for found in versions.values())


def _take(service: Service, clock: FixedClock, where: str, people: list[str], step: Any) -> None:
    today = clock.now().date()
    what, *rest = step
    if what == "days":
        clock.move(days=rest[0])
        advance(service)
    elif what in {"in", "out"}:
        moving(service, what, people[rest[0]], where, today + timedelta(days=rest[1]))
    elif what == "assign":
        start = today + timedelta(days=rest[1])
        assigning(service, people[rest[0]], where, start, rest[2] and start + timedelta(days=rest[2]))
    elif what == "cancel":
        found = _nth(service, "SELECT CAST(id AS text) AS id, kind FROM moves", where, rest[0])
        service.db.run(lambda session: moves.cancel_move(session, found["kind"], found["id"], "x"))
    else:
        columns = "SELECT CAST(id AS text) AS id, CAST(customer_id AS text) AS customer_id, version FROM assignments"
        found = _nth(service, columns, where, rest[0])
        ids = (found["customer_id"], found["id"], found["version"])
        if what == "remove":
            service.db.run(lambda session: assignments.remove_assignment(session, *ids))
            return
        start = today + timedelta(days=rest[1])
        body = {"starts_on": start, "until": rest[2] and start + timedelta(days=rest[2]), "reason": "x"}
        service.db.run(lambda session: assignments.change_assignment(session, *ids, body))


def _nth(service: Service, select: str, where: str, place_in_list: int) -> Any:
    with service.db.transaction() as session:
        rows = session.execute(text(f"{select} WHERE property_id = :id ORDER BY id"), {"id": where}).mappings().all()
    if not rows:
        raise Refusal("There is nothing yet.")
    return rows[place_in_list % len(rows)]


def _check(service: Service, clock: FixedClock, where: str, *, settled: bool = False) -> None:
    statement = text("SELECT * FROM assignments WHERE property_id = :id ORDER BY starts_on")
    with service.db.transaction() as session:
        rows = session.execute(statement, {"id": where}).mappings().all()
        open_moves = text("SELECT count(*) FROM moves WHERE property_id = :id AND state = 'planned' AND day <= :today")
        overdue = session.execute(open_moves, {"id": where, "today": clock.now().date()}).scalar_one()
    for earlier, later in pairwise(rows):
        assert earlier["until"] is not None
        assert earlier["until"] <= later["starts_on"]
    if settled:
        assert overdue == 0
        today = clock.now().date()
        for row in rows:
            over = row["until"] is not None and row["until"] <= today
            assert row["state"] == ("ended" if over else "current" if row["starts_on"] <= today else "planned")
