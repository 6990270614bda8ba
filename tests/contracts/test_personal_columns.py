"""Every service has said of each column that could hold a personal value whether it does."""

import importlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from common.db import Database
from common.testing import TestDatabase
from inventory import Package, packages

WITH_DATABASE = [package for package in packages() if package.has_database]

# The mechanics of every service; `common.erasure` rewrites what quotes a person in them.
MECHANICS = {"alembic_version", "outbox", "inbox", "held", "deliveries", "idempotency_keys"}

COLUMNS = text(
    """
    SELECT c.relname AS table, a.attname AS column
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE n.nspname IN ('public', 'g1') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND a.attnum > 0 AND NOT a.attisdropped
      AND a.atttypid = ANY (ARRAY['text', 'text[]', 'json', 'jsonb', 'varchar']::regtype[])
    """
)


def declared(package: Package, name: str) -> dict[str, set[str]]:
    try:
        module = importlib.import_module(f"{package.module}.domain.personal")
    except ModuleNotFoundError:
        module = importlib.import_module(f"{package.module}.domain")
    found: dict[str, Any] = getattr(module, name)
    return {table: set(getattr(columns, "columns", columns)) for table, columns in found.items()}


@pytest.mark.postgres
@pytest.mark.parametrize("package", WITH_DATABASE, ids=lambda package: package.name)
def test_every_column_of_text_is_declared_as_personal_or_plain(
    package: Package, service_database: Callable[[str], TestDatabase]
) -> None:
    database = Database(service_database(package.name).app_url, package.name)
    with database.transaction() as session:
        there = {(row.table, row.column) for row in session.execute(COLUMNS) if row.table not in MECHANICS}
    database.dispose()
    personal = {(table, one) for table, columns in declared(package, "PERSONAL").items() for one in columns}
    plain = {(table, one) for table, columns in declared(package, "PLAIN").items() for one in columns}
    assert sorted(there - personal - plain) == [], "name these in the service's list of personal and plain columns"
    assert sorted((personal | plain) - there) == [], "these are not there any more"
    assert sorted(personal & plain) == []
