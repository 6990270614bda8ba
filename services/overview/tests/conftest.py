"""What the suites of this service share: the service over a fresh database, and events as the owners send them."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from common.service import Service
from common.testing import Client, TestDatabase, TestTokens, client_for
from overview.bootstrap import build
from overview.settings import Settings

TABLES = (
    *("customers", "contacts", "addresses", "groups", "scopes", "accesses", "sections", "directory", "terms"),
    *("timeline", "facet_counts", "aggregates"),
)


@pytest.fixture(scope="module")
def database(service_database: Callable[[str], TestDatabase]) -> TestDatabase:
    return service_database("overview")


@pytest.fixture(scope="module")
def built(database: TestDatabase, tokens: TestTokens) -> Iterator[Service]:
    settings = Settings(database_url=database.app_url, identity_public_key=tokens.public_key, wait_seconds=0.3)
    made = build(settings)
    yield made
    made.db.dispose()


@pytest.fixture
def service(built: Service) -> Iterator[Service]:
    """The service with nothing in its tables."""
    yield built
    with built.db.transaction() as session:
        number = session.execute(text("SELECT number FROM generations WHERE state = 'serving'")).scalar_one()
        for table in [
            *(f"g{number}.{name}" for name in TABLES),
            "inbox",
            "held",
            "owners",
            "arrivals",
            "arrivals_waiting",
        ]:
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608  # our own names


@pytest.fixture
def staff(service: Service, tokens: TestTokens) -> Client:
    """Somebody of the provider who may see every customer."""
    return client_for(service, tokens.staff(["customers.view"]))
