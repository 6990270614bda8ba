"""How an event of this service is drafted: a record's named fields, whole, and what changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal

from common.clock import rfc3339
from common.outbox import Draft

Record = Mapping[str, Any]
Changes = Sequence[dict[str, Any]]

PartVerb = Literal["added", "updated", "removed"]
PART_VERBS = ("added", "updated", "removed")


def types_of(entity: str, verbs: Iterable[str]) -> frozenset[str]:
    """The event types of an entity of this service."""
    return frozenset(f"customer.{entity}.{verb}.v1" for verb in verbs)


def draft(
    entity: str,
    verb: str,
    record: Record,
    fields: Sequence[str],
    *,
    changes: Changes = (),
    batch_id: str | None = None,
    customer_id: str | None = None,
) -> Draft:
    """An event with these fields of a record, moments and days as text. Its order is that of the record's customer, or
    of the one named; a record without a customer keeps its own order."""
    data = {name: plain(record[name]) for name in fields}
    data["batch_id"] = batch_id
    data["changes"] = plain_changes(changes)
    owner = customer_id or record.get("customer_id")
    return Draft(f"customer.{entity}.{verb}.v1", record["id"], record["version"], data, owner or "")


def plain_changes(changes: Changes) -> list[dict[str, Any]]:
    """Changes as JSON holds them."""
    return [{**change, "before": plain(change["before"]), "after": plain(change["after"])} for change in changes]


def plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, datetime):
        return moment(value)
    return value.isoformat() if isinstance(value, date) else value


@lru_cache(maxsize=64)
def moment(at: datetime) -> str:
    """A moment as text; the events of one transaction share theirs."""
    return rfc3339(at)
