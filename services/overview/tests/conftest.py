"""What the suites of this service share: the service over a fresh database, and who calls it."""

from collections.abc import Callable, Iterator

import pytest

from common.service import Service
from common.testing import Client, TestDatabase, TestTokens, client_for
from overview.bootstrap import build
from overview.settings import Settings
from overview.tests.tables import empty


@pytest.fixture(scope="module")
def built(service_database: Callable[[str], TestDatabase], tokens: TestTokens) -> Iterator[Service]:
    url = service_database("overview").app_url
    made = build(Settings(database_url=url, identity_public_key=tokens.public_key, wait_seconds=0.3))
    yield made
    made.db.dispose()


@pytest.fixture
def service(built: Service) -> Iterator[Service]:
    """The service with nothing in its tables."""
    yield built
    empty(built)


@pytest.fixture
def staff(service: Service, tokens: TestTokens) -> Client:
    """Somebody of the provider who may see every customer."""
    return client_for(service, tokens.staff(["customers.view"]))
