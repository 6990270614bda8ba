"""The bus over RabbitMQ keeps its promises."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pika
import pytest

from bus_sample.rig import build
from bus_sample.services import write_contracts
from common.bus.port import TopologyMismatch
from common.bus.rabbitmq import RabbitMQ
from common.bus.topology import consumers
from common.testing.bus_suite import BusSuite, Rig
from common.testing.databases import TestDatabase
from support import run


@pytest.fixture(scope="module")
def urls(service_database: Callable[[str], TestDatabase]) -> tuple[str, str, str]:
    return tuple(service_database("bus_sample").app_url for _ in range(3))  # type: ignore[return-value]


@pytest.fixture(params=["classic", pytest.param("quorum", marks=pytest.mark.slow)])
def rig(request: pytest.FixtureRequest, rabbitmq_url: str, urls: tuple[str, str, str], tmp_path: Path) -> Iterator[Rig]:
    transport = RabbitMQ(rabbitmq_url, queue_type=request.param)
    for consumer in ("reader", "reader@2"):
        transport.remove(consumer)
    made = build(transport, urls, tmp_path)
    yield made
    for consumer in ("reader", "reader@2"):
        transport.remove(consumer)
    made.stop()


class TestRabbitMQ(BusSuite):
    """With queues of either type; quorum queues are those of production."""


@pytest.fixture
def quorum(rabbitmq_url: str) -> Iterator[RabbitMQ]:
    transport = RabbitMQ(rabbitmq_url, queue_type="quorum")
    transport.remove("careful")
    yield transport
    transport.remove("careful")
    transport.close()


def test_the_topology_of_production_is_accepted_and_declaring_it_twice_is_safe(
    quorum: RabbitMQ, tmp_path: Path
) -> None:
    wanted = consumers(write_contracts(tmp_path, ["careful"]))
    quorum.declare(wanted)
    quorum.declare(wanted)
    assert quorum.depths(["careful"]) == {("careful", shard): 0 for shard in range(8)}


def test_a_queue_with_other_arguments_is_a_readable_end(quorum: RabbitMQ, rabbitmq_url: str, tmp_path: Path) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(rabbitmq_url))
    connection.channel().queue_declare("careful.s3", durable=True)
    connection.close()
    with pytest.raises(TopologyMismatch, match=r"another queue careful\.s3 .*x-queue-type"):
        quorum.declare(consumers(write_contracts(tmp_path, ["careful"])))


def test_shards_given_up_and_taken_again_in_one_moment_are_consumed_once(
    quorum: RabbitMQ, rabbitmq_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    quorum.declare(consumers(write_contracts(tmp_path, ["careful"])))
    subscription = quorum.consume("careful")
    for _ in range(3):  # the first while the channel opens
        for shard in range(8):
            subscription.subscribe(shard)
            if shard % 2:
                subscription.unsubscribe(shard)
                subscription.subscribe(shard)
        run.wait_until(lambda: consuming(rabbitmq_url) == [1] * 8, 10, "each shard is consumed once")
        for shard in range(8):
            subscription.unsubscribe(shard)
    run.wait_until(lambda: not any(map(subscription.outstanding, range(8))), 10, "every shard has ended")
    run.wait_until(lambda: consuming(rabbitmq_url) == [0] * 8, 10, "no shard is consumed")
    subscription.close()
    assert "the connection's loop failed" not in caplog.text


def consuming(url: str) -> list[int]:
    """How many consumers each shard's queue has."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    counts = [channel.queue_declare(f"careful.s{shard}", passive=True).method.consumer_count for shard in range(8)]
    connection.close()
    return counts
