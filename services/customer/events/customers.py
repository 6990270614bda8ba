"""Events of customers."""

from typing import Literal

from common.outbox import Draft
from customer.events.drafts import Changes, Record, moment, types_of

CustomerVerb = Literal["created", "updated", "archived", "restored", "deleted"]

PUBLISHES = types_of("customer", ("created", "updated", "archived", "restored", "deleted"))


def customer(verb: CustomerVerb, record: Record, *, changes: Changes = (), batch_id: str | None = None) -> Draft:
    """A customer, with its external ids and, while archived, why."""
    archive = None
    if record["archive_id"]:
        archive = {"id": record["archive_id"], "reason": record["archive_reason"], "at": moment(record["archived_at"])}
    return Draft(
        f"customer.customer.{verb}.v1",
        record["id"],
        record["version"],
        {
            "id": record["id"],
            "number": record["number"],
            "kind": record["kind"],
            "status": record["status"],
            "lifecycle": record["lifecycle"],
            "name": record["name"],
            "dba_name": record["dba_name"],
            "parent_id": record["parent_id"],
            "path_ids": record["path_ids"],
            "group_id": record["group_id"],
            "tag_ids": record["tag_ids"],
            "custom_fields": record["custom_fields"],
            "external_ids": record["external_ids"],
            "primary_contact_id": record["primary_contact_id"],
            "merged_into": record["merged_into"],
            "archive": archive,
            "deletion_at": moment(record["deletion_at"]) if record["deletion_at"] else None,
            "created_at": moment(record["created_at"]),
            "updated_at": moment(record["updated_at"]),
            "batch_id": batch_id,
            "changes": list(changes),
        },
        record["id"],
    )
