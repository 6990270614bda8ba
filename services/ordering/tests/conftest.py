"""What the suites of this service share: the service over a fresh database, and callers."""

from collections.abc import Callable, Iterator

import pytest

from common.service import Service
from common.testing import Client, TestDatabase, TestTokens, client_for
from ordering.bootstrap import build
from ordering.settings import Settings

CUSTOMER = "0195556a-0000-7000-8000-0000000000c1"
OTHER = "0195556a-0000-7000-8000-0000000000c2"

STAFF = (
    "listings.view",
    "listings.edit",
    "bundles.edit",
    "prices.view",
    "prices.edit",
    "orders.view",
    "orders.place",
    "orders.confirm",
    "operations.view",
)
BUYER = ("listings.view", "prices.view", "orders.view", "orders.place")


@pytest.fixture(scope="module")
def service(service_database: Callable[[str], TestDatabase], tokens: TestTokens) -> Iterator[Service]:
    url = service_database("ordering").app_url
    made = build(
        Settings(
            database_url=url, identity_public_key=tokens.public_key, import_chunk_rows=10, import_max_bytes=2_000_000
        )
    )
    yield made
    made.db.dispose()


@pytest.fixture
def customer_id() -> str:
    return CUSTOMER


@pytest.fixture
def staff(service: Service, tokens: TestTokens) -> Client:
    """Somebody who may view and edit."""
    return client_for(service, tokens.staff(STAFF))


@pytest.fixture
def buyer(service: Service, tokens: TestTokens) -> Client:
    """Somebody who buys for the customer, in the portal."""
    return client_for(service, tokens.portal({CUSTOMER: BUYER}))


@pytest.fixture
def stranger(service: Service, tokens: TestTokens) -> Client:
    """Somebody who buys for another customer, in the portal."""
    return client_for(service, tokens.portal({OTHER: BUYER}))
