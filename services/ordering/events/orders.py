"""Events of orders: each carries the whole order with its lines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from common.money import to_money
from common.outbox import Draft
from ordering.domain.order_lines import QUANTITIES, discount_text
from ordering.events.drafts import Changes, Record, draft, plain, plain_changes, types_of

VERBS = (
    *("drafted", "updated", "placed", "approved", "rejected", "confirmed", "cancelling", "cancelled", "expired"),
    *("held", "released", "progressed", "completed", "expiring", "lines_cancelled", "withdrawn", "revised"),
)
PUBLISHES = types_of("order", VERBS)

_FIELDS = (
    *("id", "number", "customer_id", "requester_id", "requester_label", "status", "hold_reasons", "revision"),
    *("currency", "source", "po_number", "cost_centre", "external_number", "ship_policy", "ordered_on"),
    *("requested_on", "ship_to", "reason"),
    *("placed_at", "confirmed_at", "asked_version"),
)
_LINE_FIELDS = (
    *("id", "position", "listing_id", "sku", "name", "kind", "seller_id", "quantity", "supply_mode"),
    "backorder_allowed",
    *("promised_on", "cost_centre", *QUANTITIES),
)


def order(verb: str, row: Record, lines: Sequence[Record], *, changes: Changes = ()) -> Draft:
    """An order as it is now; `changes` where a person edited a draft."""
    more = {
        "total": to_money(row["total_minor"], row["currency"]),
        "lines": [_line(line, row["currency"]) for line in lines],
        "changes": plain_changes(changes),
        "keep_planned": bool(row.get("keep_planned")),
    }
    return draft("order", verb, row, _FIELDS, customer_id=row["customer_id"], more=more)


def order_expiring(row: Record, lines: Sequence[Record], expires_at: datetime) -> Draft:
    """An order about which nobody has decided ends then."""
    made = order("expiring", row, lines)
    made.data["expires_at"] = plain(expires_at)
    return made


def _line(line: Record, currency: str | None) -> dict[str, Any]:
    data = {name: plain(line[name]) for name in _LINE_FIELDS}
    return data | {
        "unit_price": to_money(line["unit_price_minor"], currency),
        "discount": discount_text(line["discount"]),
        "total": to_money(line["total_minor"], currency),
    }
