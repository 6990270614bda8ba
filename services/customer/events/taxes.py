"""Events of tax ids and certificates."""

from typing import Literal

from common.outbox import Draft
from customer.events.drafts import PART_VERBS, Changes, PartVerb, Record, draft, moment, types_of

PUBLISHES = types_of("tax_id", PART_VERBS) | types_of("exemption", (*PART_VERBS, "expiring"))

_TAX_ID_FIELDS = (
    *("id", "customer_id", "country", "scheme", "value", "check_state", "checked_at", "check_evidence"),
    "last_valid_at",
)
_EXEMPTION_FIELDS = (
    *("id", "customer_id", "kind", "reason", "number", "jurisdictions", "valid_from", "valid_to", "file_id"),
    "verified_by",
)


def tax_id(verb: PartVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A tax id of a customer, with the state of its check in the register."""
    return draft("tax_id", verb, record, _TAX_ID_FIELDS, changes=changes)


def exemption(verb: PartVerb | Literal["expiring"], record: Record, *, changes: Changes = ()) -> Draft:
    """A certificate of a customer. It carries its days, never a state: that follows from the day of the reader."""
    verified = None
    if record["verified_at"]:
        at = moment(record["verified_at"])
        verified = {"id": record["verified_by"], "label": record["verified_label"], "at": at}
    return draft("exemption", verb, {**record, "verified_by": verified}, _EXEMPTION_FIELDS, changes=changes)


def exemption_expiring(record: Record, *, days: int, days_left: int) -> Draft:
    """A certificate ends within `days`, one of the thresholds; said once for each."""
    made = exemption("expiring", record)
    made.data.update(threshold=days, days_left=days_left)
    return made
