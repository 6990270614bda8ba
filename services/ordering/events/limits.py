"""Events of purchase limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from common.ids import new_id
from common.money import to_money
from common.outbox import Draft
from ordering.events.drafts import Changes, draft, plain, plain_changes, types_of

Record = Mapping[str, Any]

PUBLISHES = types_of("purchase_limit", ("created", "updated", "deleted", "near", "exceeded"))

_FIELDS = (
    *("id", "customer_id", "name", "scope", "account_id", "role", "kind", "period", "quantity", "sku"),
    *("cost_centre", "basis"),
    *("action", "status", "gives_back", "near_percent", "valid_from", "valid_to"),
)
_NOTICE_FIELDS = (
    *("id", "customer_id", "limit_id", "name", "scope", "kind", "period", "action", "quantity", "near_percent"),
    *("account_id", "sku", "order_id", "order_number", "order_customer_id", "reason"),
)


def purchase_limit(verb: str, record: Record, *, changes: Changes = ()) -> Draft:
    """A limit of what may be ordered."""
    more = {
        "time_zone": record["zone"],
        "amount": to_money(record["amount_minor"], record["currency"]),
        "changes": plain_changes(changes),
    }
    return draft("purchase_limit", verb, record, _FIELDS, customer_id=record["customer_id"], more=more)


@dataclass(frozen=True, slots=True)
class Notice:
    """What an order makes of a limit: how much is used of a bucket, this order included."""

    limit: Record
    order: Record
    used: int
    period_start: Any
    account_id: str | None
    sku: str | None
    reason: str | None = None


def limit_notice(verb: Literal["near", "exceeded"], notice: Notice) -> Draft:
    """That little is left of a limit, or that an order goes beyond it. Each is an event of its own, which no change of
    the limit waits for: its subject is the notice, and it names the limit."""
    limit, order = notice.limit, notice.order
    counts = limit["kind"] == "qty_per_sku"
    record = {
        "id": new_id(),
        "version": 1,
        "limit_id": limit["id"],
        "customer_id": limit["customer_id"],
        "order_id": order["id"],
        "order_number": order["number"],
        "order_customer_id": order["customer_id"],
        "account_id": notice.account_id,
        "sku": notice.sku,
        "reason": notice.reason,
        **{name: limit[name] for name in ("name", "scope", "kind", "period", "action", "quantity", "near_percent")},
    }
    more = {
        "period_start": plain(notice.period_start),
        "amount": to_money(limit["amount_minor"], limit["currency"]),
        "used": None if counts or notice.reason else to_money(notice.used, limit["currency"]),
        "used_quantity": notice.used if counts else None,
    }
    return draft("purchase_limit", verb, record, _NOTICE_FIELDS, customer_id=limit["customer_id"], more=more)
