"""Events of notes and follow-ups."""

from common.outbox import Draft
from customer.events.drafts import PART_VERBS, Changes, PartVerb, Record, draft, types_of

PUBLISHES = types_of("note", PART_VERBS)

_FIELDS = (
    *("id", "customer_id", "scope_type", "scope_id", "kind", "body", "visibility"),
    *("urgent", "urgent_reason", "urgent_owner_id", "urgent_owner_label", "urgent_until"),
    *("due_on", "owner_id", "owner_label", "done_at", "done_by", "done_by_label"),
    *("author", "author_label", "created_at", "updated_at"),
)


def note(verb: PartVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A note with what it is about, who wrote it, and how it stands."""
    return draft("note", verb, record, _FIELDS, changes=changes)
