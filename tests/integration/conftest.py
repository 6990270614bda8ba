"""What the suites over the whole product, and over the saga of orders, share."""

from collections.abc import Callable, Iterator

import pytest

from common.testing import TestDatabase, TestTokens
from ordering import bootstrap as ordering
from ordering.settings import Settings as OrderingSettings
from warehouse import bootstrap as warehouse
from warehouse.settings import Settings as WarehouseSettings

from .pair import Both
from .product import Product
from .saga import Saga, running


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
    with running(made, rabbitmq_url):
        yield made


@pytest.fixture(scope="module")
def both(service_database: Callable[[str], TestDatabase], tokens: TestTokens) -> Iterator[Both]:
    key = tokens.public_key
    made = (
        ordering.build(OrderingSettings(database_url=service_database("ordering").app_url, identity_public_key=key)),
        warehouse.build(WarehouseSettings(database_url=service_database("warehouse").app_url, identity_public_key=key)),
    )
    yield Both(*made, tokens)
    for service in made:
        service.db.dispose()
