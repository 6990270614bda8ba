"""What the suites over the whole product, and over the saga of orders, share."""

from collections.abc import Callable, Iterator

import pytest

from common.bus.rabbitmq import RabbitMQ
from common.testing import TestDatabase, TestTokens

from .product import Product
from .saga import SERVICES, Saga


@pytest.fixture(scope="module")
def product(
    service_database: Callable[[str], TestDatabase], tokens: TestTokens, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    running = Product(service_database, tokens, tmp_path_factory.mktemp("files"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def saga(
    service_database: Callable[[str], TestDatabase],
    tokens: TestTokens,
    rabbitmq_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Saga]:
    """Ordering and warehouse with their workers, over the run's RabbitMQ."""
    made = Saga(service_database, tokens, rabbitmq_url, tmp_path_factory.mktemp("saga"))
    made.start()
    yield made
    made.close()
    transport = RabbitMQ(rabbitmq_url)
    for name in SERVICES:
        transport.remove(name)
    transport.close()
