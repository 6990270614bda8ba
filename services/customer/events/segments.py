"""Events of segments, and of customers that enter and leave them."""

from typing import Literal

from common.outbox import Draft
from customer.events.drafts import Changes, Record, draft, types_of

SegmentVerb = Literal["created", "updated", "deleted"]
MemberVerb = Literal["entered", "left"]

PUBLISHES = types_of("segment", ("created", "updated", "deleted")) | types_of("segment_member", ("entered", "left"))

_FIELDS = ("id", "name", "description", "rule", "rule_version", "active")
_MEMBER_FIELDS = ("id", "segment_id", "segment_name", "customer_id", "entered_at", "rule_version", "source")


def segment(verb: SegmentVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A segment with its rule; its members follow one by one."""
    return draft("segment", verb, record, _FIELDS, changes=changes)


def segment_member(verb: MemberVerb, record: Record) -> Draft:
    """One stay of a customer in a segment, from its entering (version 1) to its leaving (version 2)."""
    return draft("segment_member", verb, {**record, "version": 1 if verb == "entered" else 2}, _MEMBER_FIELDS)
