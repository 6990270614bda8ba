"""Events of privacy: requests and their receipts, legal holds, and who is erased everywhere."""

from collections.abc import Sequence
from dataclasses import replace

from common.outbox import Draft
from customer.events.customers import customer
from customer.events.drafts import PART_VERBS, Changes, PartVerb, Record, draft, types_of

PUBLISHES = (
    types_of("privacy_request", ("created", "completed"))
    | types_of("legal_hold", PART_VERBS)
    | types_of("contact", ("erased",))
    | types_of("customer", ("erased",))
)

_REQUEST_FIELDS = (
    *("id", "customer_id", "subject_type", "subject_id", "kind", "reason", "state", "awaited", "receipt"),
    *("requested_by", "created_at", "completed_at"),
)
_HOLD_FIELDS = ("id", "customer_id", "reason", "placed_by", "created_at")


def privacy_request(verb: str, record: Record) -> Draft:
    """A request with its receipt so far."""
    return draft("privacy_request", verb, record, _REQUEST_FIELDS)


def legal_hold(verb: PartVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A reason for which nothing of a customer may be erased."""
    return draft("legal_hold", verb, record, _HOLD_FIELDS, changes=changes)


def contact_erased(record: Record, request_id: str | None, erased_ids: Sequence[str]) -> Draft:
    """A contact is gone, and everybody erases it from what is kept of its customer: whole events and rows of
    `erased_ids`, and mentions of them. Where there is a request, it is answered."""
    data = {
        "id": record["id"],
        "customer_id": record["customer_id"],
        "request_id": request_id,
        "erased_ids": list(erased_ids),
        "everything": False,
        "changes": [],
    }
    return Draft("customer.contact.erased.v1", record["id"], record["version"], data, record["customer_id"])


def customer_erased(record: Record, request_id: str | None) -> Draft:
    """A customer that is a person, as it is afterwards; everybody erases everything of it."""
    made = customer("updated", record)
    data = made.data | {"request_id": request_id, "erased_ids": [record["id"]], "everything": True}
    return replace(made, type="customer.customer.erased.v1", data=data)
