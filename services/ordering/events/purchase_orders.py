"""Events of the rules of purchase order numbers, and of purchase orders."""

from common.money import to_money
from common.outbox import Draft
from ordering.events.drafts import Changes, Record, draft, plain_changes, types_of

PUBLISHES = types_of("po_rule", ("created", "updated", "deleted")) | types_of(
    "purchase_order", ("created", "updated", "closed")
)

_RULE = ("id", "customer_id", "mask", "unique", "status")
_PURCHASE_ORDER = ("id", "customer_id", "number", "valid_from", "valid_to", "status")


def po_rule(verb: str, record: Record, *, changes: Changes = ()) -> Draft:
    """What a company asks of purchase order numbers."""
    more = {
        "required_from": to_money(record["required_from_minor"], record["currency"]),
        "changes": plain_changes(changes),
    }
    return draft("po_rule", verb, record, _RULE, customer_id=record["customer_id"], more=more)


def purchase_order(verb: str, record: Record, *, changes: Changes = ()) -> Draft:
    """A purchase order that orders draw down."""
    more = {"amount": to_money(record["amount_minor"], record["currency"]), "changes": plain_changes(changes)}
    return draft("purchase_order", verb, record, _PURCHASE_ORDER, customer_id=record["customer_id"], more=more)
