"""What the suites of this service share: the service over a fresh database, and callers."""

from collections.abc import Callable, Iterator

import pytest

from automation.bootstrap import build
from automation.settings import Settings
from common.service import Service
from common.testing import Client, TestDatabase, TestTokens, client_for

CUSTOMER = "0195556a-0000-7000-8000-0000000000c1"
OTHER = "0195556a-0000-7000-8000-0000000000c2"


@pytest.fixture(scope="module")
def service(service_database: Callable[[str], TestDatabase], tokens: TestTokens) -> Iterator[Service]:
    url = service_database("automation").app_url
    made = build(Settings(database_url=url, identity_public_key=tokens.public_key))
    yield made
    made.db.dispose()


@pytest.fixture
def customer_id() -> str:
    return CUSTOMER


@pytest.fixture
def staff(service: Service, tokens: TestTokens) -> Client:
    """Somebody who may view and edit."""
    return client_for(service, tokens.staff(["customers.view", "customers.edit"]))


@pytest.fixture
def portal(service: Service, tokens: TestTokens) -> Client:
    """Somebody of another customer, in the portal."""
    return client_for(service, tokens.portal({OTHER: ["customers.view"]}))
