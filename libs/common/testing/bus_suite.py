"""One suite for every transport: what relay, transport, inbox and held promise together.

A test module subclasses `BusSuite` and gives the fixture `rig`: a producer, a consumer and a transport, not started.
"""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from common import held
from common.bus.port import Outcome, Outgoing, Transport
from common.db import Database
from common.envelope import Event, decode, encode
from common.ids import new_id
from common.replay import replay
from common.service import Service
from common.testing.figures import Figure
from common.testing.waiting import eventually
from common.worker import Worker


@dataclass
class Rig:
    """What a suite works with. `write(thing, version, name, lane, event_type)` commits a change, returns its event id;
    `new_consumer(name)` is another consumer, of an empty database; `correct()` lets the consumer handle bad things."""

    producer: Service
    consumer: Service
    transport: Transport
    write: Callable[..., str]
    new_consumer: Callable[[str], Service]
    correct: Callable[[], None]
    changed: str
    unread: str
    workers: list[Worker] = field(default_factory=list)

    def start(self, service: Service, consumer: str | None = None) -> Worker:
        worker = Worker(service, self.transport, consumer, rebalance_seconds=0.1)
        worker.start()
        self.workers.append(worker)
        eventually(lambda: worker.health().ready)
        return worker

    def start_both(self) -> None:
        self.start(self.producer)
        self.start(self.consumer)

    def stop(self) -> None:
        for worker in self.workers:
            worker.stop(10)
        self.transport.close()
        for service in (self.producer, self.consumer, *(worker.service for worker in self.workers)):
            service.db.dispose()

    def effects(self, service: Service | None = None) -> list[Any]:
        return rows((service or self.consumer).db, "SELECT event_id::text, key, version FROM effects ORDER BY number")

    def unsent(self) -> int:
        return int(rows(self.producer.db, "SELECT count(*) FROM outbox WHERE sent_at IS NULL")[0][0])


def rows(database: Database, statement: str, **values: Any) -> list[Any]:
    """What a statement returns, in a transaction of its own."""
    with database.transaction() as session:
        return list(session.execute(text(statement), values).all())


def assert_once_and_in_order(effects: list[Any], expected: set[str]) -> None:
    """Every expected event had one effect, and each key saw its versions in order."""
    ids = [row[0] for row in effects]
    assert len(ids) == len(set(ids)), "an event took effect twice"
    assert set(ids) == expected
    versions: dict[str, list[int]] = defaultdict(list)
    for _, key, version in effects:
        versions[key].append(version)
    assert all(seen == sorted(seen) for seen in versions.values()), "a key saw its versions out of order"


class BusSuite:
    """The promises."""

    def test_every_event_takes_effect_once_and_in_the_order_of_its_key(self, rig: Rig) -> None:
        rig.start_both()
        things = [new_id() for _ in range(20)]
        sent = {rig.write(thing, version) for version in range(1, 11) for thing in things}
        eventually(lambda: len(rig.effects()) >= len(sent))
        assert_once_and_in_order(rig.effects(), sent)
        eventually(lambda: rig.unsent() == 0)
        names = rows(rig.consumer.db, "SELECT version FROM replica_things")
        assert [row[0] for row in names] == [10] * 20

    def test_events_written_before_anyone_runs_are_sent_later(self, rig: Rig) -> None:
        sent = {rig.write(new_id(), 1) for _ in range(30)}
        rig.start(rig.producer)
        rig.start(rig.consumer)
        eventually(lambda: len(rig.effects()) == 30)
        assert_once_and_in_order(rig.effects(), sent)

    def test_a_message_delivered_twice_has_one_effect(self, rig: Rig) -> None:
        rig.start_both()
        sent = {rig.write(new_id(), 1) for _ in range(10)}
        eventually(lambda: len(rig.effects()) == 10 and rig.unsent() == 0)
        bodies = rows(rig.producer.db, "SELECT id::text, body FROM outbox ORDER BY seq")
        again = [self.message(body.encode()) for _, body in bodies] * 2
        assert set(rig.transport.publish(again)) == {Outcome.CONFIRMED}
        last = rig.write(new_id(), 1)
        eventually(lambda: len(rig.effects()) == 11)
        assert_once_and_in_order(rig.effects(), sent | {last})

    def test_a_failing_event_is_held_with_the_later_ones_of_its_key_while_others_flow(self, rig: Rig) -> None:
        rig.start_both()
        bad, good = new_id(), new_id()
        failing = [rig.write(bad, 1, "bad"), rig.write(bad, 2), rig.write(bad, 3)]
        flowing = {rig.write(good, version) for version in range(1, 6)}
        eventually(lambda: len(self.held(rig)) == 3 and len(rig.effects()) == 5)
        assert_once_and_in_order(rig.effects(), flowing)
        assert [one.event_id for one in self.held(rig)] == failing
        first = self.held(rig)[0]
        assert first.error == "ValueError: this thing is bad"
        assert first.state == "retrying"
        rig.correct()
        held.replay(rig.consumer, rig.consumer.name)
        # Also when the worker's own retry was faster.
        eventually(lambda: not self.held(rig))
        assert_once_and_in_order(rig.effects(), flowing | set(failing))

    def test_a_corrected_event_is_retried_without_anybody_asking(self, rig: Rig) -> None:
        rig.start_both()
        thing = new_id()
        sent = {rig.write(thing, 1, "bad"), rig.write(thing, 2)}
        eventually(lambda: len(self.held(rig)) == 2)
        rig.correct()
        eventually(lambda: len(rig.effects()) == 2)
        assert_once_and_in_order(rig.effects(), sent)

    def test_a_dropped_event_lets_the_later_ones_of_its_key_pass(self, rig: Rig) -> None:
        rig.start_both()
        thing = new_id()
        bad, later = rig.write(thing, 1, "bad"), rig.write(thing, 2)
        eventually(lambda: len(self.held(rig)) == 2)
        with rig.consumer.db.transaction() as session:
            assert held.drop(session, rig.consumer.name, bad, who="a test", reason="it is bad")
        eventually(lambda: len(rig.effects()) == 1)
        assert_once_and_in_order(rig.effects(), {later})

    def test_an_event_that_breaks_its_contract_is_held(self, rig: Rig) -> None:
        rig.start_both()
        thing = new_id()
        event = decode(self.body(rig, rig.write(thing, 1)))
        eventually(lambda: len(rig.effects()) == 1)
        broken = Event(new_id(), rig.changed, event.source, thing, event.time, 2, thing, {"id": 7})
        rig.transport.publish([self.message(b"", broken)])
        eventually(lambda: [one.error for one in self.held(rig)])
        assert "is not what reader reads" in self.held(rig)[0].error

    def test_bytes_that_are_no_event_become_a_dead_letter(self, rig: Rig) -> None:
        rig.start_both()
        nonsense = Outgoing(new_id(), rig.changed, 3, b"\xff no event")
        assert rig.transport.publish([nonsense]) == [Outcome.CONFIRMED]
        good = rig.write(new_id(), 1)
        eventually(lambda: rig.transport.dead_count(rig.consumer.name) == 1)
        letters = rig.transport.dead_letters(rig.consumer.name)
        assert [(letter.body, letter.shard) for letter in letters] == [(nonsense.body, 3)]
        eventually(lambda: len(rig.effects()) == 1)
        assert_once_and_in_order(rig.effects(), {good})
        assert rig.transport.dead_count(rig.consumer.name) == 1

    def test_a_type_that_nobody_reads_is_marked_as_sent(self, rig: Rig) -> None:
        rig.start_both()
        rig.write(new_id(), 1, event_type=rig.unread)
        eventually(lambda: rig.unsent() == 0)

    def test_an_unroutable_message_is_told_apart(self, rig: Rig) -> None:
        rig.start_both()
        rig.write(new_id(), 1)
        eventually(lambda: len(rig.effects()) == 1)
        message = Outgoing(new_id(), "nobody.reads.this.v1", 1, b"{}")
        alone = Outgoing(new_id(), rig.changed, 1, b"{}", only="nobody")
        optional = Outgoing(new_id(), "nobody.reads.this.v1", 1, b"{}", mandatory=False)
        assert rig.transport.publish([message, optional, alone]) == [
            Outcome.UNROUTABLE,
            Outcome.CONFIRMED,
            Outcome.UNROUTABLE,
        ]

    def test_a_bulk_event_is_not_overtaken_by_an_edit_of_its_key(self, rig: Rig) -> None:
        things = [new_id() for _ in range(40)]
        sent = {rig.write(thing, 1, lane="bulk") for thing in things}
        sent |= {rig.write(thing, 2) for thing in things[::2]}
        sent |= {rig.write(thing, 3, lane="bulk") for thing in things[::2]}
        rig.start_both()
        eventually(lambda: len(rig.effects()) == len(sent))
        assert_once_and_in_order(rig.effects(), sent)

    def test_a_worker_that_stops_finishes_and_the_next_one_goes_on(self, rig: Rig) -> None:
        rig.start(rig.producer)
        worker = rig.start(rig.consumer)
        things = [new_id() for _ in range(10)]
        sent: set[str] = set()
        writing = threading.Thread(
            target=lambda: sent.update(rig.write(thing, version) for version in range(1, 21) for thing in things)
        )
        writing.start()
        eventually(lambda: len(rig.effects()) > 20)
        assert worker.stop(10)
        writing.join()
        rig.start(rig.consumer)
        eventually(lambda: len(rig.effects()) == 200, 20)
        assert_once_and_in_order(rig.effects(), sent)

    def test_a_consumer_added_later_ends_equal_after_a_replay(self, rig: Rig, figure: Figure) -> None:
        rig.start_both()
        things = [new_id() for _ in range(10)]
        sent = {rig.write(thing, version) for version in range(1, 6) for thing in things}
        eventually(lambda: len(rig.effects()) == 50)
        late = rig.new_consumer("reader@2")
        rig.start(late, "reader@2")
        sent |= {rig.write(thing, 6) for thing in things}
        assert replay(rig.producer, rig.transport, "reader@2") >= 50
        eventually(lambda: len(rig.effects(late)) == len(rig.effects()) == 60)
        assert {row[0] for row in rig.effects(late)} == sent
        known = "SELECT id::text, version, name, gone FROM replica_things ORDER BY id"
        assert rows(late.db, known) == rows(rig.consumer.db, known)
        assert len(rig.effects()) == 60
        transport = type(rig.transport).__name__
        figure("a consumer added later and filled by a replay", f"equal after {len(sent)} events ({transport})")

    def test_the_relays_heartbeat_arrives(self, rig: Rig) -> None:
        beats: list[Event] = []
        object.__setattr__(rig.consumer, "on_beat", lambda _session, event: beats.append(event))
        rig.start(rig.consumer)
        rig.start(rig.producer)
        eventually(lambda: [beat for beat in beats if beat.data["service"] == rig.producer.name])

    def held(self, rig: Rig) -> list[held.HeldEvent]:
        with rig.consumer.db.transaction() as session:
            return held.list_held(session, rig.consumer.name)

    def body(self, rig: Rig, event_id: str) -> bytes:
        found = rows(rig.producer.db, "SELECT body FROM outbox WHERE id = CAST(:id AS uuid)", id=event_id)
        return str(found[0][0]).encode()

    def message(self, body: bytes, event: Event | None = None) -> Outgoing:
        event = event or decode(body)
        return Outgoing(event.id, event.type, event.shard, body or encode(event))
