"""How sessions with the database are set up: nothing is compiled, plans are kept where a transaction asks for it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from common.db import Database
from common.testing import TestDatabase


@pytest.fixture(scope="module")
def database(service_database: Callable[[str], TestDatabase]) -> Iterator[Database]:
    made = Database(service_database("bus_sample").app_url, "bus_sample", pool_size=1)
    yield made
    made.dispose()


def setting(session: Session, name: str) -> str:
    return str(session.execute(text(f"SHOW {name}")).scalar_one())


def test_no_statement_is_compiled(database: Database) -> None:
    assert database.run(lambda session: setting(session, "jit")) == "off"
    with database.connect() as connection:
        assert connection.execute("SHOW jit").fetchone() == ("off",)


def test_plans_are_kept_for_as_long_as_the_transaction_that_asks(database: Database) -> None:
    def mode(session: Session) -> str:
        return setting(session, "plan_cache_mode")

    assert database.run(mode, keep_plans=True) == "force_generic_plan"
    assert database.run(mode) == "auto"
