"""Events of deals, and of the stages that they go through."""

from typing import Literal

from common.outbox import Draft
from customer.domain.deals import value_of
from customer.events.drafts import Changes, Record, draft, types_of

DealVerb = Literal["added", "updated", "won", "lost", "removed"]
StageVerb = Literal["created", "updated", "deleted"]

PUBLISHES = types_of("deal", ("added", "updated", "won", "lost", "removed")) | types_of(
    "deal_stage", ("created", "updated", "deleted")
)

_FIELDS = (
    *("id", "customer_id", "name", "stage", "status", "lost_reason", "value", "expected_close_on", "closed_at"),
    *("owner", "quote_ids"),
)
_STAGE_FIELDS = ("id", "code", "label", "position")


def deal(verb: str, record: Record, stage_label: str, *, changes: Changes = ()) -> Draft:
    """A deal of a customer, with the labels of its stage and its owner as they are now."""
    owner = {"id": record["owner_id"], "label": record["owner_label"]} if record["owner_id"] else None
    shown = {
        **record,
        "stage": {"code": record["stage"], "label": stage_label},
        "value": value_of(record),
        "owner": owner,
    }
    return draft("deal", verb, shown, _FIELDS, changes=changes)


def deal_stage(verb: StageVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A stage of the pipeline; deals carry its code and label."""
    return draft("deal_stage", verb, record, _STAGE_FIELDS, changes=changes)
