"""Events of contacts and addresses."""

from common.outbox import Draft
from customer.events.drafts import PART_VERBS, Changes, PartVerb, Record, draft, types_of

PUBLISHES = types_of("contact", PART_VERBS) | types_of("address", PART_VERBS)

_CONTACT_FIELDS = (
    *("id", "customer_id", "name", "title", "department", "emails", "phones", "roles"),
    *("default_for", "custom_fields"),
)
_ADDRESS_FIELDS = ("id", "customer_id", "purposes", "line1", "line2", "city", "region", "postal_code", "country")


def contact(verb: PartVerb, record: Record, *, changes: Changes = (), batch_id: str | None = None) -> Draft:
    """A contact of a customer; whether it is the primary one stands on the customer."""
    return draft("contact", verb, record, _CONTACT_FIELDS, changes=changes, batch_id=batch_id)


def address(verb: PartVerb, record: Record, *, changes: Changes = (), batch_id: str | None = None) -> Draft:
    """An address of a customer with what it serves."""
    return draft("address", verb, record, _ADDRESS_FIELDS, changes=changes, batch_id=batch_id)
