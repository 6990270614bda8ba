"""Events of what buyers are asked about promised days, one for each order line."""

from common.outbox import Draft
from ordering.domain.date_decisions import OPEN
from ordering.events.drafts import Record, draft, types_of

PUBLISHES = types_of("date_decision", ("asked", "made"))

_FIELDS = ("id", "order_id", "customer_id", "agreed_on", "promised_on", "decision")


def date_decision(record: Record, order_number: str, line: Record) -> Draft:
    """What is in question about a line's day, or what was decided."""
    more = {"order_number": order_number, "sku": line["sku"], "name": line["name"]}
    verb = "asked" if record["decision"] == OPEN else "made"
    return draft("date_decision", verb, record, _FIELDS, customer_id=record["customer_id"], more=more)
