"""Events of quotes: each carries the whole quote with its newest revision."""

from typing import Any

from common.money import to_money
from common.outbox import Draft
from ordering.events.drafts import Changes, Record, draft, plain, plain_changes, types_of

VERBS = ("requested", "revised", "sent", "accepted", "declined", "expired", "updated")
PUBLISHES = types_of("quote", VERBS)

_FIELDS = (
    *("id", "number", "customer_id", "requester_id", "requester_label", "status", "revision", "sent_revision"),
    *("request_note", "reason", "order_id", "sent_at", "decided_at"),
)
_LINE_FIELDS = ("position", "listing_id", "sku", "name", "kind", "unit", "quantity", "discount")


def quote(verb: str, record: Record, revision: Record, *, changes: Changes = ()) -> Draft:
    """A quote as it is now; `changes` where it belongs to another customer by now."""
    currency = revision["currency"]
    more = {
        **{name: plain(revision[name]) for name in ("currency", "valid_until", "note")},
        "total": to_money(revision["total_minor"], currency),
        "lines": [line_out(line, currency) for line in revision["lines"]],
        "changes": plain_changes(changes),
    }
    return draft("quote", verb, record, _FIELDS, customer_id=record["customer_id"], more=more)


def line_out(line: Record, currency: str | None) -> dict[str, Any]:
    """A line of a quote as others see it."""
    return {name: line[name] for name in _LINE_FIELDS} | {
        "unit_price": to_money(line["unit_price_minor"], currency),
        "total": to_money(line["total_minor"], currency),
    }
