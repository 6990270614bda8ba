"""Events of installed systems, their types, and of secrets that somebody revealed. No event holds a secret."""

from typing import Literal

from common.outbox import Draft
from customer.events.custom_fields import definition
from customer.events.drafts import PART_VERBS, Changes, PartVerb, Record, moment, types_of

SystemTypeVerb = Literal["created", "updated", "archived", "restored"]

SECRET_REVEALED = "customer.secret.revealed.v1"  # noqa: S105  # the name of an event
PUBLISHES = (
    types_of("system_type", ("created", "updated", "archived", "restored"))
    | types_of("system", PART_VERBS)
    | {SECRET_REVEALED}
)


def system_type(verb: SystemTypeVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A type of installed systems with its fields, those archived too."""
    data = {
        "id": record["id"],
        "name": record["name"],
        "fields": [definition(field) | {"archived": field["archived"]} for field in record["fields"]],
        "archived_at": moment(record["archived_at"]) if record["archived_at"] else None,
        "changes": list(changes),
    }
    return Draft(f"customer.system_type.{verb}.v1", record["id"], record["version"], data)


def system(
    verb: PartVerb, record: Record, kind: Record, *, changes: Changes = (), batch_id: str | None = None
) -> Draft:
    """An installed system with the name of its type as it is now; of each secret, when and by whom it was set."""
    data = {
        "id": record["id"],
        "customer_id": record["customer_id"],
        "type_id": record["type_id"],
        "type_name": kind["name"],
        "type_version": record["type_version"],
        "name": record["name"],
        "property_id": record["property_id"],
        "status": record["status"],
        "values": record["field_values"],
        "secrets": record["secrets"],
        "batch_id": batch_id,
        "changes": list(changes),
    }
    return Draft(f"customer.system.{verb}.v1", record["id"], record["version"], data, record["customer_id"])


def secret_revealed(reveal: Record, system: Record, field: Record, revision: int, reason: str | None) -> Draft:
    """Somebody saw a secret; each time is a record of its own."""
    data = {
        "id": reveal["id"],
        "customer_id": reveal["customer_id"],
        "system_id": system["id"],
        "name": system["name"],
        "field": field["key"],
        "label": field["label"],
        "revision": revision,
        "reason": reason,
        "batch_id": None,
        "changes": [],
    }
    return Draft(SECRET_REVEALED, reveal["id"], 1, data, reveal["customer_id"])
