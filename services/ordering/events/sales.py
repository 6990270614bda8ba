"""Events of sales: what a customer that sells is asked about an order, and what it has said. They are the seller's."""

from collections.abc import Sequence

from common.money import to_money
from common.outbox import Draft
from ordering.events.drafts import Record, draft, types_of

PUBLISHES = types_of("sale", ("requested", "confirmed", "declined"))

_FIELDS = ("id", "seller_id", "state", "decided_at")
_LINE_FIELDS = ("listing_id", "sku", "name", "quantity")


def sale(verb: str, record: Record, order: Record, lines: Sequence[Record]) -> Draft:
    """A sale as it is now, with the lines that its seller delivers."""
    more = {
        "order_id": order["id"],
        "order_number": order["number"],
        "buyer_id": order["customer_id"],
        "lines": [
            {"line_id": line["id"]}
            | {name: line[name] for name in _LINE_FIELDS}
            | {"total": to_money(line["total_minor"], order["currency"])}
            for line in lines
        ],
        "changes": [],
    }
    return draft("sale", verb, record, _FIELDS, customer_id=record["seller_id"], more=more)
