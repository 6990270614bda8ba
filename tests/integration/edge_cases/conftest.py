"""One product for all edge cases."""

from collections.abc import Iterator

import pytest

from common.bus.rabbitmq import RabbitMQ
from common.testing import Databases, TestTokens
from embedded.programs import SERVICES
from integration.product import Product

from .market import Market


@pytest.fixture(scope="package")
def market(
    databases: Databases, tokens: TestTokens, rabbitmq_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Market]:
    """The whole product over the run's RabbitMQ, with a marketplace. Its queues are gone afterwards."""
    transport = RabbitMQ(rabbitmq_url)
    for name in SERVICES:
        transport.remove(name)
    product = Product(databases.of, tokens, tmp_path_factory.mktemp("edges"), transport)
    yield Market(product)
    product.stop()
    for name in SERVICES:
        transport.remove(name)
    transport.close()
