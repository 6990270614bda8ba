"""What this service publishes: of each change of a customer's account the sums of all its charges, and what it was."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from billing.domain.accounts import Account
from billing.domain.charges import BILLABLE, PARKED, WAIVED
from common.clock import rfc3339
from common.ids import new_id
from common.money import to_money
from common.outbox import Draft

RECORDED = "billing.charges.recorded.v1"
DECIDED = "billing.charges.decided.v1"
MOVED = "billing.charges.moved.v1"
ERASURE_COMPLETED = "billing.erasure.completed.v1"
PUBLISHES = frozenset([RECORDED, DECIDED, MOVED, ERASURE_COMPLETED])

_OF_SOURCE = ("order_id", "order_number", "shipment_id", "source", "source_id")
_OF_CHARGE = ("id", "line_id", "credits_id", "sku", "name", "quantity", "state", "parked_because")


def recorded(account: Account, charges: Sequence[Mapping[str, Any]]) -> Draft:
    """Charges of one shipment, return or claim of one order."""
    of = {name: charges[0][name] for name in _OF_SOURCE}
    return _charges(RECORDED, account, recorded=of | {"charges": [_charge(one) for one in charges]})


def decided(account: Account, decision: Mapping[str, Any]) -> Draft:
    """What was decided about parked charges."""
    told = {name: decision[name] for name in ("id", "decision", "reason", "count", "sums")}
    times = {"from": _day(decision["from_day"]), "decided_at": rfc3339(decision["decided_at"])}
    return _charges(DECIDED, account, decision=told | times)


def moved(account: Account) -> Draft:
    """Charges came from another customer, or went to one, with a merge or its undo."""
    return _charges(MOVED, account)


def erasure_completed(request_id: str, customer_id: str, counts: Mapping[str, int]) -> Draft:
    """What this service has erased for a privacy request."""
    data = {"request_id": request_id, "customer_id": customer_id, "counts": dict(counts)}
    return Draft(ERASURE_COMPLETED, new_id(), 1, data, customer_id)


def sums_of(of_currencies: Mapping[str, Mapping[str, int]]) -> list[dict[str, str] | None]:
    """The sums in one state, by currency."""
    return [to_money(one["minor"], currency) for currency, one in sorted(of_currencies.items())]


def _charges(event_type: str, account: Account, **more: Any) -> Draft:
    data = {
        "id": account.customer_id,
        "customer_id": account.customer_id,
        **{state: _state(account, state) for state in (BILLABLE, PARKED, WAIVED)},
        "parked_since": _day(account.parked_since),
        "last_decision": account.last_decision,
        **more,
    }
    return Draft(event_type, account.customer_id, account.version, data, account.customer_id)


def _state(account: Account, state: str) -> dict[str, Any]:
    found = account.totals.get(state, {})
    return {"count": sum(one["count"] for one in found.values()), "sums": sums_of(found)}


def _charge(charge: Mapping[str, Any]) -> dict[str, Any]:
    return {name: charge[name] for name in _OF_CHARGE} | {
        "amount": to_money(charge["amount_minor"], charge["currency"]),
        "delivered_on": _day(charge["delivered_on"]),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
