"""Events of files, of documents that end, of what is required, and of exports."""

from typing import Literal

from common.outbox import Draft
from customer.events.drafts import Changes, Record, draft, types_of

FileVerb = Literal["added", "updated", "removed", "restored", "purged"]
RequirementVerb = Literal["added", "updated", "removed"]

PUBLISHES = (
    types_of("file", ("added", "updated", "removed", "restored", "purged"))
    | types_of("document", ("expiring",))
    | types_of("document_requirement", ("added", "updated", "removed"))
    | types_of("export", ("made",))
)

_FIELDS = (
    *("id", "customer_id", "scope_type", "scope_id", "category", "name", "description", "audience", "portal_roles"),
    *("document_type", "expires_on", "signature", "legal_hold", "revision", "media_type", "bytes", "sha256"),
    *("uploaded_at", "uploaded_by", "uploaded_label", "deleted_at", "created_at", "updated_at"),
)
_REQUIREMENT_FIELDS = ("id", "document_type", "label", "kind", "group_id", "signed")


def file(verb: FileVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A file of a customer with its present version; never its content."""
    return draft("file", verb, record, _FIELDS, changes=changes)


def document_expiring(record: Record, *, days: int, days_left: int) -> Draft:
    """A document ends within `days`, one of the thresholds; said once for each."""
    made = draft("document", "expiring", record, _FIELDS)
    made.data.update(threshold=days, days_left=days_left)
    return made


def requirement(verb: RequirementVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A document that customers of a kind or group must have."""
    return draft("document_requirement", verb, record, _REQUIREMENT_FIELDS, changes=changes)


def export_made(record: Record) -> Draft:
    """Everything about a customer left the house as one archive."""
    return draft("export", "made", record, ("id", "customer_id", "reason", "files", "requested_by"))
