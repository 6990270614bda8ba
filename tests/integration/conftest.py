"""What the suites over the whole product share."""

from collections.abc import Callable, Iterator

import pytest

from common.testing import TestDatabase, TestTokens

from .product import Product


@pytest.fixture(scope="module")
def product(
    service_database: Callable[[str], TestDatabase], tokens: TestTokens, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    running = Product(service_database, tokens, tmp_path_factory.mktemp("files"))
    yield running
    running.stop()
