"""Workers of one consumer share its shards fairly, hand them over in order, and take those of one that is gone."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bus_sample.rig import build
from common.bus.port import Transport
from common.bus.rabbitmq import RabbitMQ
from common.ids import new_id
from common.testing.bus_suite import Rig, assert_once_and_in_order
from common.testing.databases import TestDatabase
from common.testing.waiting import eventually
from common.worker import Worker


@pytest.fixture(scope="module")
def urls(service_database: Callable[[str], TestDatabase]) -> tuple[str, str, str]:
    return tuple(service_database("bus_sample").app_url for _ in range(3))  # type: ignore[return-value]


@pytest.fixture
def rig(rabbitmq_url: str, urls: tuple[str, str, str], tmp_path: Path) -> Iterator[Rig]:
    transport = RabbitMQ(rabbitmq_url)
    transport.remove("reader")
    made = build(transport, urls, tmp_path)
    yield made
    made.stop()


@pytest.fixture
def another(rig: Rig, rabbitmq_url: str) -> Iterator[Callable[[], Worker]]:
    """Starts a further worker of the consumer, with a connection of its own as another process would have."""
    transports: list[Transport] = []

    def start() -> Worker:
        transport = RabbitMQ(rabbitmq_url)
        transports.append(transport)
        worker = Worker(rig.consumer, transport, rebalance_seconds=0.1)
        worker.start()
        rig.workers.append(worker)
        return worker

    yield start
    for worker in rig.workers:
        worker.stop(10)
    for transport in transports:
        transport.close()


def sizes(workers: list[Worker]) -> list[int]:
    return sorted(len(worker.health().shards) for worker in workers)


def test_each_further_worker_takes_its_share_and_leaves_it_when_it_stops(
    rig: Rig, another: Callable[[], Worker]
) -> None:
    first = another()
    eventually(lambda: sizes([first]) == [8])
    second = another()
    eventually(lambda: sizes([first, second]) == [4, 4])
    third = another()
    eventually(lambda: sizes([first, second, third]) == [2, 3, 3])
    held = [shard for worker in (first, second, third) for shard in worker.health().shards]
    assert sorted(held) == list(range(8))
    assert second.stop(10)
    eventually(lambda: sizes([first, third]) == [4, 4])


def test_order_and_single_effect_survive_workers_that_come_and_go_under_load(
    rig: Rig, another: Callable[[], Worker]
) -> None:
    rig.start(rig.producer)
    things = [new_id() for _ in range(30)]
    sent: set[str] = set()
    writing = threading.Thread(
        target=lambda: sent.update(rig.write(thing, version) for version in range(1, 41) for thing in things)
    )
    writing.start()
    first = another()
    eventually(lambda: len(rig.effects()) > 100, 20)
    second = another()
    eventually(lambda: sizes([first, second]) == [4, 4], 20)
    third = another()
    assert first.stop(10)
    eventually(lambda: sizes([second, third]) == [4, 4], 20)
    writing.join()
    eventually(lambda: len(rig.effects()) >= 1200, 40)
    assert_once_and_in_order(rig.effects(), sent)
