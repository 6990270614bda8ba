"""How an event of this service is drafted: a record's named fields, whole, and what changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from common.clock import rfc3339
from common.outbox import Draft

Record = Mapping[str, Any]
Changes = Sequence[Mapping[str, Any]]


def types_of(entity: str, verbs: Iterable[str]) -> frozenset[str]:
    """The event types of an entity of this service."""
    return frozenset(f"automation.{entity}.{verb}.v1" for verb in verbs)


def draft(entity: str, verb: str, record: Record, fields: Sequence[str], customer_id: str | None, **more: Any) -> Draft:
    """An event with these fields of a record and what `more` adds, moments and days as text. Its order is that of the
    customer named; without one a record keeps its own order."""
    data = {name: _plain(record[name]) for name in fields} | more
    return Draft(f"automation.{entity}.{verb}.v1", str(record["id"]), record.get("version", 1), data, customer_id or "")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    return value.isoformat() if isinstance(value, date) else value
