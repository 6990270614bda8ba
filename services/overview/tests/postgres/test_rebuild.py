"""Rebuilding: the new tables end equal to the old ones, under load, and readers never see a half."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from common.bus.inprocess import InProcessBroker
from common.envelope import Event, encode
from common.ids import new_id
from common.replay import replay
from common.service import Service
from common.testing import Client, Figure, eventually
from common.worker import Worker
from overview.bootstrap import for_generation
from overview.errors import RebuildRunning
from overview.jobs.rebuilding import Rebuild
from overview.tests import events
from overview.tests.tables import contents, serving

OUTBOX = text(
    "INSERT INTO outbox (id, type, subject, version, partition_key, customer_id, lane, body)"
    " VALUES (:id, :type, :subject, :version, :key, :customer, 0, :body)"
)


def publish(service: Service, *given: Event) -> None:
    """Writes events into this service's own log, which plays the owners' part here."""
    with service.db.transaction() as session:
        for event in given:
            values = {"id": event.id, "type": event.type, "subject": event.subject, "version": event.version}
            values |= {
                "key": event.partition_key,
                "customer": event.customer_id or None,
                "body": encode(event).decode(),
            }
            session.execute(OUTBOX, values)
    service.db.wake_relay()


def a_customer(number: int) -> list[Event]:
    id_, person = new_id(), new_id()
    return [
        events.customer(id_, name=f"Customer {number}", primary_contact_id=person),
        events.contact(id_, person, name=f"Person {number}"),
        events.address(id_, city=("Graz", "Linz", "Wien")[number % 3]),
    ]


@pytest.fixture
def broker() -> Iterator[InProcessBroker]:
    made = InProcessBroker(repeat_every=7)
    yield made
    made.close()


@pytest.fixture
def worker(service: Service, broker: InProcessBroker) -> Iterator[Worker]:
    made = Worker(service, broker)
    made.start()
    yield made
    assert made.stop()


def handled(service: Service) -> int:
    with service.db.transaction() as session:
        return int(session.execute(text("SELECT count(*) FROM inbox WHERE consumer = 'overview'")).scalar_one())


def test_a_rebuild_under_load_ends_equal_and_readers_never_see_a_half(
    service: Service, broker: InProcessBroker, worker: Worker, staff: Client, figure: Figure
) -> None:
    before = [event for number in range(40) for event in a_customer(number)]
    publish(service, *before)
    eventually(lambda: handled(service) == len(before), 30)
    stop, seen, later = threading.Event(), [], []

    def load() -> None:
        for number in range(40, 80):
            later.extend(a_customer(number))
            publish(service, *later[-3:])
            if stop.wait(0.02):
                return

    def read() -> None:
        while not stop.is_set():
            listed = staff.get("/customers/facets?facets=city").json["facets"]["city"]
            seen.append(sum(choice["count"] for choice in listed))

    first = serving(service)
    rebuild = Rebuild(service.db, broker, lambda number: for_generation(service, number))
    threads = [threading.Thread(target=work) for work in (load, read)]
    for thread in threads:
        thread.start()
    replay(service, broker, rebuild.consumer)
    assert rebuild.run(threading.Event(), lambda _progress: None)
    stop.set()
    for thread in threads:
        thread.join(20)
    eventually(lambda: handled(service) == len(before) + len(later), 30)
    assert serving(service) == first + 1
    assert seen == sorted(seen)
    assert seen[0] >= 40
    rebuilt = contents(service)
    again = Rebuild(service.db, broker, lambda number: for_generation(service, number))
    replay(service, broker, again.consumer)
    assert again.run(threading.Event(), lambda _progress: None)
    assert contents(service) == rebuilt
    assert len(rebuilt["directory"]) == 40 + len(later) // 3
    events = f"{len(before) + len(later)} events, {len(later)} of them meanwhile"
    figure("halves seen by readers of a rebuild under load", f"0 in {len(seen)} reads; equal after {events}")


def test_a_rebuild_that_is_stopped_leaves_everything_as_it_was(
    service: Service, broker: InProcessBroker, worker: Worker
) -> None:
    publish(service, *a_customer(1))
    eventually(lambda: handled(service) == 3)
    before, first, stop = contents(service), serving(service), threading.Event()
    stop.set()
    rebuild = Rebuild(service.db, broker, lambda number: for_generation(service, number))
    assert not rebuild.run(stop, lambda _progress: None)
    assert serving(service) == first
    assert contents(service) == before
    with service.db.transaction() as session:
        assert session.execute(text("SELECT count(*) FROM generations")).scalar_one() == 1


def test_two_rebuilds_at_once_are_refused(service: Service, broker: InProcessBroker) -> None:
    rebuild = Rebuild(service.db, broker, lambda number: for_generation(service, number))
    with pytest.raises(RebuildRunning):
        Rebuild(service.db, broker, lambda number: for_generation(service, number))
    stop = threading.Event()
    stop.set()
    rebuild.run(stop, lambda _progress: None)
