"""The pytest fixtures that every suite shares; the servers themselves come from `tests/support`."""

from collections.abc import Callable, Iterator

import pytest

from common.testing.clock import FixedClock
from common.testing.databases import Databases, TestDatabase
from common.testing.figures import Figure
from common.testing.tokens import TestTokens


@pytest.fixture(scope="session")
def tokens() -> TestTokens:
    """An issuer of access tokens."""
    return TestTokens()


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """`figure(what, value)` tells what a test has measured, besides that it passed."""
    return record_property


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(scope="session")
def databases(postgres_admin_url: str) -> Iterator[Databases]:
    """Maker of databases on the run's PostgreSQL."""
    made = Databases(postgres_admin_url)
    yield made
    made.drop()


@pytest.fixture(scope="module")
def service_database(databases: Databases) -> Callable[[str], TestDatabase]:
    """`service_database("customer")`: a fresh, migrated database; ask once per module."""
    return databases.of
