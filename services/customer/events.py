"""What this service publishes: each event holds the whole state of its aggregate after the change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from common.clock import rfc3339
from common.outbox import Draft

Record = Mapping[str, Any]
Changes = Sequence[Mapping[str, Any]]

CustomerVerb = Literal["created", "updated", "archived", "restored", "deleted"]
PartVerb = Literal["added", "updated", "removed"]
GroupVerb = Literal["created", "updated", "deleted"]

IMPORT_FINISHED = "customer.import.finished.v1"
PUBLISHES = frozenset(
    [f"customer.customer.{verb}.v1" for verb in ("created", "updated", "archived", "restored", "deleted")]
    + [f"customer.{part}.{verb}.v1" for part in ("contact", "address") for verb in ("added", "updated", "removed")]
    + [f"customer.group.{verb}.v1" for verb in ("created", "updated", "deleted")]
    + [IMPORT_FINISHED]
)


def customer(verb: CustomerVerb, record: Record, *, changes: Changes = (), batch_id: str | None = None) -> Draft:
    """A customer, with its external ids and, while archived, why."""
    archive = None
    if record["archive_id"]:
        archive = {"id": record["archive_id"], "reason": record["archive_reason"], "at": _text(record["archived_at"])}
    return Draft(
        f"customer.customer.{verb}.v1",
        record["id"],
        record["version"],
        {
            "id": record["id"],
            "number": record["number"],
            "kind": record["kind"],
            "status": record["status"],
            "name": record["name"],
            "dba_name": record["dba_name"],
            "parent_id": record["parent_id"],
            "group_id": record["group_id"],
            "external_ids": record["external_ids"],
            "primary_contact_id": record["primary_contact_id"],
            "archive": archive,
            "created_at": _text(record["created_at"]),
            "updated_at": _text(record["updated_at"]),
            "batch_id": batch_id,
            "changes": list(changes),
        },
        record["id"],
    )


def contact(verb: PartVerb, record: Record, *, changes: Changes = (), batch_id: str | None = None) -> Draft:
    """A contact of a customer; whether it is the primary one stands on the customer."""
    return _part("contact", verb, record, _CONTACT_FIELDS, changes, batch_id)


def address(verb: PartVerb, record: Record, *, changes: Changes = (), batch_id: str | None = None) -> Draft:
    """An address of a customer with what it serves."""
    return _part("address", verb, record, _ADDRESS_FIELDS, changes, batch_id)


def group(verb: GroupVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A customer group; its members carry its id."""
    data = {"id": record["id"], "name": record["name"], "changes": list(changes)}
    return Draft(f"customer.group.{verb}.v1", record["id"], record["version"], data)


def import_finished(record: Record) -> Draft:
    """An import that stored something has come to its end."""
    return Draft(
        IMPORT_FINISHED,
        record["id"],
        1,
        {
            "id": record["id"],
            "type": record["type"],
            "mode": record["mode"],
            "dry_run": record["dry_run"],
            "counts": {name: record[name] for name in ("created", "updated", "unchanged", "duplicate", "invalid")},
            "requested_by": record["requested_by"],
        },
    )


_CONTACT_FIELDS = ("id", "customer_id", "name", "title", "department", "emails", "phones", "roles")
_ADDRESS_FIELDS = ("id", "customer_id", "purposes", "line1", "line2", "city", "region", "postal_code", "country")


def _part(
    entity: str, verb: PartVerb, record: Record, fields: Sequence[str], changes: Changes, batch_id: str | None
) -> Draft:
    data = {name: record[name] for name in fields}
    data["batch_id"] = batch_id
    data["changes"] = list(changes)
    return Draft(f"customer.{entity}.{verb}.v1", record["id"], record["version"], data, record["customer_id"])


@lru_cache(maxsize=64)
def _text(moment: datetime) -> str:
    # The events of one transaction share their times.
    return rfc3339(moment)
