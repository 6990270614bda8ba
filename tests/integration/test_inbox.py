"""The inbox on a real database: one effect each, failures held with what they wrote undone, contexts that carry on."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bus_sample.rig import count, empty
from bus_sample.services import CHANGED, ECHOED, consumer, replica_things, write_contracts
from common import held, inbox, outbox, replicas
from common.bus.port import Delivery
from common.envelope import Event
from common.ids import new_id
from common.outbox import Draft
from common.service import Handler, Service
from common.testing.bus_suite import rows
from common.testing.databases import TestDatabase
from common.testing.events import event, published

NAME = "reader"


@pytest.fixture(scope="module")
def database(service_database: Callable[[str], TestDatabase]) -> TestDatabase:
    return service_database("bus_sample")


@pytest.fixture
def service(database: TestDatabase, tmp_path: Path) -> Iterator[Service]:
    empty(database.app_url)
    made = consumer(database.app_url, write_contracts(tmp_path))
    yield made
    made.db.dispose()


def changed(thing: str | None = None, version: int = 1, name: str = "good", **attributes: object) -> Event:
    thing = thing or new_id()
    return event(CHANGED, thing, {"id": thing, "name": name}, version=version, **attributes)


def handled_by(service: Service, handler: Handler) -> Service:
    return replace(service, handlers={CHANGED: handler})


def take(service: Service, *events: Event, **how: object) -> dict[int, str]:
    batch = [replace(Delivery.of(one), tag=number, **how) for number, one in enumerate(events)]  # type: ignore[arg-type]
    dead: dict[int, str] = {}
    for portion in inbox.portions(service, NAME, batch):
        dead |= inbox.process(service, NAME, portion)
    return dead


def echo(session: Session, one: Event) -> None:
    outbox.add(session, Draft(ECHOED, one.subject, one.version, one.data))
    replicas.put(session, replica_things, {"id": one.subject}, one.version, {"name": one.data["name"]})
    if one.data["name"] == "bad":
        raise ValueError("it is bad")


def waiting(service: Service) -> list[held.HeldEvent]:
    with service.db.transaction() as session:
        return held.list_held(session, NAME)


def test_what_a_failing_handler_wrote_is_undone_and_the_rest_of_its_batch_stays(service: Service) -> None:
    service = handled_by(service, echo)
    good, bad = [changed() for _ in range(5)], changed(name="bad")
    take(service, *good[:3], bad, *good[3:])
    assert {one.subject for one in published(service.db)} == {one.subject for one in good}
    assert count(service.db, "SELECT count(*) FROM replica_things") == 5
    assert [one.event_id for one in waiting(service)] == [bad.id]
    assert count(service.db, "SELECT count(*) FROM inbox") == 6


def test_events_that_a_handler_adds_carry_on_who_and_why(service: Service) -> None:
    service = handled_by(service, echo)
    cause = changed(actor="staff:7", actor_label="Ann", correlation_id="c", chain_depth=2)
    take(service, cause)
    effect = published(service.db, ECHOED)[0]
    assert (effect.actor, effect.actor_label, effect.correlation_id) == ("staff:7", "Ann", "c")
    assert (effect.causation_id, effect.chain_depth) == (cause.id, 3)


@pytest.mark.parametrize(
    ("actor", "lane", "expected"),
    [("staff:1", "interactive", 0), ("staff:1", "bulk", 1), ("import:1", "interactive", 1)],
)
def test_what_a_mass_change_causes_is_a_mass_change(service: Service, actor: str, lane: str, expected: int) -> None:
    take(handled_by(service, echo), changed(actor=actor), lane=lane)
    assert rows(service.db, "SELECT lane FROM outbox") == [(expected,)]


def test_a_commit_that_fails_holds_only_the_event_that_made_it_fail(service: Service) -> None:
    def leave_a_promise(session: Session, one: Event) -> None:
        echo(session, replace(one, data={**one.data, "name": "good"}))
        if one.data["name"] == "breaks the commit":
            session.info["outbox"].append(replace(one, id="no uuid"))

    guilty, innocent = changed(name="breaks the commit"), changed()
    take(handled_by(service, leave_a_promise), innocent, guilty)
    assert [one.event_id for one in waiting(service)] == [guilty.id]
    assert [one.subject for one in published(service.db)] == [innocent.subject]


def test_an_older_version_changes_nothing_and_an_ended_thing_stays_ended(service: Service) -> None:
    thing = new_id()

    def keep(session: Session, one: Event) -> None:
        if one.data["name"] == "ended":
            replicas.drop(session, replica_things, {"id": one.subject}, one.version)
        else:
            replicas.put(session, replica_things, {"id": one.subject}, one.version, {"name": one.data["name"]})

    service = handled_by(service, keep)
    for version, name in ((2, "second"), (1, "first"), (4, "ended"), (3, "third")):
        take(service, changed(thing, version, name))
    assert rows(service.db, "SELECT version, gone FROM replica_things") == [(4, True)]


def test_a_lost_database_is_no_failure_of_the_event(service: Service, database: TestDatabase) -> None:
    def cut(session: Session, _: Event) -> None:
        pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg.connect(database.admin_url) as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", [pid])
        session.execute(text("SELECT 1"))

    one = changed()
    with pytest.raises(OperationalError):
        take(handled_by(service, cut), one)
    take(service, one)
    assert waiting(service) == []
    assert count(service.db, "SELECT count(*) FROM effects") == 1


def test_a_redelivered_batch_is_taken_apart_only_when_it_comes_for_the_third_time(service: Service) -> None:
    batch = [Delivery.of(changed(), redelivered=True) for _ in range(3)]
    assert len(inbox.portions(service, NAME, batch)) == 1
    assert len(inbox.portions(service, NAME, batch)) == 3


def test_an_event_that_ended_the_process_five_times_is_dead_and_an_innocent_one_is_not(service: Service) -> None:
    deadly, innocent = changed(), changed()
    with service.db.transaction() as session:
        session.execute(
            text("INSERT INTO deliveries (consumer, event_id, times) VALUES ('reader', :id, 5)"), {"id": deadly.id}
        )
    dead = take(service, innocent, deadly, redelivered=True)
    assert dead == {1: "ended the process 5 times"}
    assert rows(service.db, "SELECT event_id::text FROM effects") == [(innocent.id,)]


def test_an_event_is_parked_after_ten_attempts_and_a_person_can_still_replay_it(service: Service) -> None:
    bad = changed(name="bad")
    later = changed(bad.subject, 2)
    take(service, bad, later)
    for _ in range(9):
        with service.db.transaction() as session:
            session.execute(text("UPDATE held SET next_attempt_at = now() WHERE attempts > 0"))
        assert held.retry_due(service, NAME)
    assert [one.state for one in waiting(service)] == ["parked", "waiting"]
    assert not held.retry_due(service, NAME)
    assert held.replay(service, NAME) == (0, 2)
    with service.db.transaction() as session:
        session.execute(text("INSERT INTO switches VALUES ('corrected')"))
    assert held.replay(service, NAME, [bad.partition_key]) == (2, 0)
    assert rows(service.db, "SELECT version FROM effects ORDER BY number") == [(1,), (2,)]


def test_pauses_grow_between_attempts(service: Service) -> None:
    take(service, changed(name="bad"))
    pauses = []
    for _ in range(4):
        pauses.append(rows(service.db, "SELECT extract(epoch FROM next_attempt_at - now()) FROM held")[0][0])
        with service.db.transaction() as session:
            session.execute(text("UPDATE held SET next_attempt_at = now()"))
        held.retry_due(service, NAME)
    assert pauses == sorted(pauses)
    assert 0 < pauses[0] <= 1 < pauses[1] <= 2 < pauses[2] <= 4


def test_an_event_without_a_handler_here_is_held_and_not_lost(service: Service) -> None:
    take(replace(service, handlers={}), changed())
    assert waiting(service)[0].error == f"LookupError: no handler for {CHANGED}"
