"""Events of links between customers, and of their types."""

from typing import Literal

from common.outbox import Draft
from customer.domain.links import labels_of
from customer.events.drafts import PART_VERBS, Changes, PartVerb, Record, draft, plain, plain_changes, types_of

TypeVerb = Literal["created", "updated", "deleted"]

PUBLISHES = types_of("link", (*PART_VERBS, "erased")) | types_of("link_type", ("created", "updated", "deleted"))

_TYPE_FIELDS = ("id", "code", "forward_label", "reverse_label", "symmetric", "from_kinds", "to_kinds", "dated")


def link(
    verb: PartVerb,
    record: Record,
    link_type: Record,
    first: Record,
    second: Record,
    *,
    changes: Changes = (),
    batch_id: str | None = None,
) -> Draft:
    """A link with both sides, their names and labels frozen. It concerns both customers; its order is that of the first
    side."""
    sides = [
        {"id": side["id"], "number": side["number"], "name": side["name"], "label": label}
        for side, label in zip((first, second), labels_of(link_type), strict=True)
    ]
    data = {
        "id": record["id"],
        "customer_id": record["from_id"],
        "type": {name: link_type[name] for name in ("id", "code", "symmetric")},
        "from": sides[0],
        "to": sides[1],
        "valid_from": plain(record["valid_from"]),
        "valid_to": plain(record["valid_to"]),
        "note": record["note"],
        "batch_id": batch_id,
        "changes": plain_changes(changes),
    }
    return Draft(f"customer.link.{verb}.v1", record["id"], record["version"], data, record["from_id"])


def link_erased(record: Record, left_id: str) -> Draft:
    """The customer at the other end is erased; told in the partition of the one that is left, where the name is too."""
    data = {
        "id": record["id"],
        "customer_id": left_id,
        "request_id": None,
        "erased_ids": [record["id"]],
        "everything": False,
        "changes": [],
    }
    return Draft("customer.link.erased.v1", record["id"], record["version"], data, left_id)


def link_type(verb: TypeVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A type of links; the links carry its code and labels."""
    return draft("link_type", verb, record, _TYPE_FIELDS, changes=changes)
