"""Events in any order and more than once: what a service keeps afterwards, to be compared."""

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from common.db import Database
from common.envelope import Event

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Numbers that count up or are made of ids.
_NUMBER = re.compile(r"\b[A-Z]{1,3}-[0-9a-f]{4,}\b|\b(?:SKU-)?[0-9a-f]{8}(?:[0-9a-f]{4})?\b")
_MECHANICS = ("outbox", "inbox", "held", "deliveries", "idempotency_keys", "merge_moves")
# What depends on when and how often something was heard, and says nothing of what is true.
_WHEN = re.compile("(^|_)version$|_at$|^received|queue_position|^note$")


def disordered(events: Sequence[Event], seed: int) -> list[Event]:
    """Each of the events twice, all of them in an order that the seed decides."""
    shuffled = [*events, *events]
    random.Random(seed).shuffle(shuffled)  # noqa: S311  # the same for the same seed
    return shuffled


def kept_of(database: Database, names: Mapping[str, str]) -> dict[str, list[str]]:
    """The rows of every table that mention one of the ids in `names`, with the names in their place, without what only
    tells when it was written."""
    found: dict[str, list[str]] = {}
    with database.transaction() as session:
        for table in session.execute(_TABLES, {"mechanics": list(_MECHANICS)}).scalars().all():
            rows = session.execute(text(f"SELECT to_jsonb(t) FROM {table} t")).scalars()  # noqa: S608  # the catalogue
            told = sorted(str(_named(_left(row), names)) for row in rows if not names.keys().isdisjoint(_ids(row)))
            if told:
                found[table] = told
    return found


def differences(
    found: Mapping[str, Sequence[str]], expected: Mapping[str, Sequence[str]]
) -> dict[str, tuple[list[str], list[str]]]:
    """By table, the rows that are found and not expected, and those that are expected and not found."""
    differing = {}
    for table in sorted({*found, *expected}):
        there, wanted = list(found.get(table, ())), list(expected.get(table, ()))
        if there != wanted:
            differing[table] = [row for row in there if row not in wanted], [row for row in wanted if row not in there]
    return differing


def _left(row: dict[str, Any]) -> dict[str, Any]:
    """What counts of a row: of what is gone, that it is."""
    if not row.get("gone"):
        return row
    return {name: row[name] for name in ("id", "contact_id", "gone") if name in row}


def _ids(row: Any) -> set[str]:
    return set(_ID.findall(str(row)))


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _named(one, names) for name, one in sorted(value.items()) if not _WHEN.search(name)}
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    if isinstance(value, str):
        for text_, name in names.items():
            value = value.replace(text_, name)
        return _NUMBER.sub("#", _ID.sub(lambda match: names.get(match[0], "?"), value))
    return value


_TABLES = text(
    """
    SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename NOT LIKE 'outbox\\_%' AND tablename <> ALL (CAST(:mechanics AS text[]))
      AND has_table_privilege(schemaname || '.' || tablename, 'SELECT')
    ORDER BY 1
    """
)
