"""Nothing is lost, doubled or out of order, whatever is killed: relay, consumer, broker, database sessions."""

import logging
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from bus_sample.processes import Supervised
from bus_sample.rig import count, empty
from bus_sample.services import change_many, consumer, correct, producer, write_contracts
from common.bus.port import Outcome, Outgoing
from common.bus.rabbitmq import RabbitMQ
from common.ids import new_id
from common.service import Service
from common.testing.bus_suite import assert_once_and_in_order, rows
from common.testing.databases import TestDatabase
from common.testing.figures import Figure
from common.testing.waiting import eventually
from support.rabbitmq import Node

log = logging.getLogger(__name__)

pytestmark = pytest.mark.faults

THINGS, VERSIONS = 500, 21  # 10,500 events


@dataclass
class Stage:
    """Both services' databases, and the processes that a test started."""

    things: TestDatabase
    readings: TestDatabase
    contracts: Path
    producer: Service
    consumer: Service
    started: list[Supervised] = field(default_factory=list)

    def start(self, broker: str, *, relay: list[str] | None = None, taker: list[str] | None = None) -> None:
        self.started = [
            Supervised("thing", self.things.app_url, broker, self.contracts, relay or []),
            Supervised("reader", self.readings.app_url, broker, self.contracts, taker or []),
        ]

    def end(self) -> None:
        for process in self.started:
            assert process.end() == 0

    def written(self) -> set[str]:
        return {row[0] for row in rows(self.producer.db, "SELECT id::text FROM outbox")}

    def done(self) -> int:
        return count(self.consumer.db, "SELECT count(*) FROM effects")

    def wait_for_all(self, seconds: float = 120) -> None:
        expected = self.written()
        eventually(lambda: self.done() >= len(expected), seconds, every=0.2)
        eventually(lambda: count(self.producer.db, "SELECT count(*) FROM outbox WHERE sent_at IS NULL") == 0, 30)
        effects = rows(self.consumer.db, "SELECT event_id::text, key, version FROM effects ORDER BY number")
        assert_once_and_in_order(effects, expected)
        assert count(self.consumer.db, "SELECT count(*) FROM held") == 0


@pytest.fixture(scope="module")
def databases_of_both(service_database: Callable[[str], TestDatabase]) -> tuple[TestDatabase, TestDatabase]:
    return service_database("bus_sample"), service_database("bus_sample")


@pytest.fixture
def stage(databases_of_both: tuple[TestDatabase, TestDatabase], tmp_path: Path) -> Iterator[Stage]:
    things, readings = databases_of_both
    for database in databases_of_both:
        empty(database.app_url)
    contracts = write_contracts(tmp_path)
    made = Stage(things, readings, tmp_path, producer(things.app_url, contracts), consumer(readings.app_url, contracts))
    yield made
    for process in made.started:
        if process.process.poll() is None:
            process.end()
    made.producer.db.dispose()
    made.consumer.db.dispose()


@pytest.fixture
def broker(rabbitmq_url: str) -> Iterator[str]:
    transport = RabbitMQ(rabbitmq_url)
    transport.remove("reader")
    yield rabbitmq_url
    transport.remove("reader")
    transport.close()


def told(stage: Stage, figure: Figure, killed: str) -> None:
    figure("lost, doubled or out of order", f"0 of {len(stage.written()):,} events; killed: {killed}")


def write_while_running(stage: Stage) -> threading.Thread:
    writing = threading.Thread(target=lambda: change_many(stage.producer.db, THINGS, VERSIONS))
    writing.start()
    return writing


def test_processes_killed_at_every_step_lose_and_double_nothing(stage: Stage, broker: str, figure: Figure) -> None:
    seed = random.randrange(10**9)
    log.warning("seed %s", seed)
    chance = random.Random(seed)

    def crashes(*points: str) -> list[str]:
        return [f"{point}:{chance.randint(100, 800)}" for point in points * 3]

    writing = write_while_running(stage)
    stage.start(
        broker,
        relay=crashes("relay.selected", "relay.published"),
        taker=crashes("inbox.handled", "inbox.committed"),
    )
    writing.join()
    relay, taker = stage.started
    eventually(lambda: relay.kills == 6, 240, every=0.2)
    eventually(lambda: taker.kills == 6, 240, every=0.2)
    stage.wait_for_all()
    told(stage, figure, f"relay {relay.kills} times, consumer {taker.kills} times")
    stage.end()


def test_a_broker_killed_under_load_loses_and_doubles_nothing(
    stage: Stage, rabbitmq_node: Node, figure: Figure
) -> None:
    stage.start(rabbitmq_node.url)
    writing = write_while_running(stage)
    for share in (0.1, 0.5):
        eventually(lambda share=share: stage.done() > share * THINGS * VERSIONS, 90)  # type: ignore[misc]
        rabbitmq_node.kill9()
        rabbitmq_node.start()
    writing.join()
    stage.wait_for_all()
    told(stage, figure, "broker twice")
    stage.end()


def test_database_sessions_cut_under_load_lose_and_double_nothing(stage: Stage, broker: str, figure: Figure) -> None:
    stage.start(broker)
    writing = write_while_running(stage)
    for share in (0.2, 0.4, 0.6, 0.8):
        eventually(lambda share=share: stage.done() > share * THINGS * VERSIONS, 60)  # type: ignore[misc]
        cut_sessions(stage.readings)
        if not writing.is_alive():
            cut_sessions(stage.things)
    writing.join()
    stage.wait_for_all()
    told(stage, figure, "database sessions four times")
    stage.end()


def test_an_event_that_ends_the_process_becomes_a_dead_letter_and_the_others_pass(stage: Stage, broker: str) -> None:
    change_many(stage.producer.db, 50, 2)
    change_many(stage.producer.db, 1, 1, name="deadly")
    change_many(stage.producer.db, 50, 2)
    stage.start(broker)
    transport = RabbitMQ(broker)
    eventually(lambda: transport.dead_count("reader") == 1, 60, every=0.2)
    eventually(lambda: stage.done() == 200, 30)
    assert b"deadly" in transport.dead_letters("reader")[0].body
    assert 6 <= stage.started[1].kills <= 8
    transport.close()
    stage.end()


def test_a_missing_queue_holds_its_events_until_it_is_declared_again(stage: Stage, broker: str) -> None:
    stage.start(broker)
    change_many(stage.producer.db, 20, 1)
    eventually(lambda: stage.done() == 20, 30)
    transport = RabbitMQ(broker)
    transport.remove("reader")
    change_many(stage.producer.db, 20, 2)
    stage.wait_for_all(60)
    assert transport.publish([Outgoing(new_id(), "nobody.reads.this.v1", 0, b"{}")]) == [Outcome.UNROUTABLE]
    transport.close()
    stage.end()


def test_held_events_apply_once_after_the_correction_although_two_ask(stage: Stage, broker: str) -> None:
    change_many(stage.producer.db, 20, 3, name="bad")
    stage.start(broker)
    eventually(lambda: count(stage.consumer.db, "SELECT count(*) FROM held") == 60, 30)
    correct(stage.consumer.db)
    stage.wait_for_all(30)
    stage.end()


def cut_sessions(database: TestDatabase) -> None:
    """Ends every session of a worker process, as a failover does."""
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND application_name = 'bus_sample'",
            [database.name],
        )
