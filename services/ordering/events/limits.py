"""Events of purchase limits."""

from collections.abc import Mapping
from typing import Any

from common.money import to_money
from common.outbox import Draft
from ordering.events.drafts import Changes, draft, plain_changes, types_of

PUBLISHES = types_of("purchase_limit", ("created", "updated", "deleted"))

_FIELDS = (
    *("id", "customer_id", "name", "scope", "account_id", "role", "kind", "period", "quantity", "sku", "basis"),
    *("action", "status", "valid_from", "valid_to"),
)


def purchase_limit(verb: str, record: Mapping[str, Any], *, changes: Changes = ()) -> Draft:
    """A limit of what may be ordered."""
    more = {
        "time_zone": record["zone"],
        "amount": to_money(record["amount_minor"], record["currency"]),
        "changes": plain_changes(changes),
    }
    return draft("purchase_limit", verb, record, _FIELDS, customer_id=record["customer_id"], more=more)
