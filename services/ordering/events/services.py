"""Events of services in use: each carries the whole service."""

from typing import Any

from common.money import to_money
from common.outbox import Draft
from ordering.events.drafts import Changes, Record, draft, plain_changes, types_of

VERBS = ("planned", "started", "changed", "return_requested", "ended", "replaced", "lost", "renewed")
PUBLISHES = types_of("service", VERBS)

_FIELDS = (
    *(
        "id",
        "number",
        "customer_id",
        "status",
        "order_id",
        "order_number",
        "order_line_id",
        "move_id",
        "return_id",
        "listing_id",
    ),
    *("sku", "name", "unit", "quantity", "serial", "cost_centre", "price_source", "charges", "started_on", "ends_on"),
    *("renewal", "term_months", "ended_on", "wanted_on", "reason", "note", "replaces_id", "replaced_by_id"),
)


def service(verb: str, record: Record, *, changes: Changes = ()) -> Draft:
    """A service as it is now."""
    more = {
        **{name: place(record, name) for name in ("property", "org_unit", "person")},
        "unit_price": to_money(record["unit_price_minor"], record["currency"]),
        "changes": plain_changes(changes),
    }
    return draft("service", verb, record, _FIELDS, customer_id=record["customer_id"], more=more)


def place(record: Record, name: str) -> dict[str, Any] | None:
    """Where or for whom a service is, `{id, label}`; None where that is not known."""
    if record[f"{name}_id"] is None:
        return None
    return {"id": record[f"{name}_id"], "label": record[f"{name}_label"]}
