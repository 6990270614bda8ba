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
