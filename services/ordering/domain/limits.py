"""Purchase limits: whom they bind, of what period, what an order takes of them, and what is said of it.

A limit without an amount is unlimited; an amount of 0 allows nothing. What is exactly the amount is allowed.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from common.errors import FieldError
from ordering.domain.cost_centres import centre_of, key_of
from ordering.domain.rates import Converted, Rates
from ordering.errors.limits import LimitUnsuitable

Record = Mapping[str, Any]
Action = Literal["block", "require_approval", "warn"]

SCOPES: Final = ("user", "role", "branch", "cost_centre", "company")
KINDS: Final = ("per_order", "per_period", "qty_per_sku")
PERIODS: Final = ("day", "week", "month", "quarter", "year", "none")
ACTIONS: Final[tuple[Action, ...]] = ("block", "require_approval", "warn")  # the most restrictive first
LIMIT_STATUSES: Final = ("active", "inactive")
BASES: Final = ("net",)
LIMIT_LABELS: Final = {
    "name": "Name",
    "period": "Period",
    "zone": "Time zone",
    "amount": "Amount",
    "quantity": "Quantity",
    "action": "What it does",
    "status": "Status",
    "gives_back": "Gives back what is returned",
    "near_percent": "Told to be near from",
    "valid_from": "Valid from",
    "valid_to": "Valid to",
}
NO_RATE: Final = "no_rate"
EVER: Final = date(1970, 1, 1)  # the period of a limit that never starts again


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one limit says of an order. `remaining_minor` is what is left after it, in the limit's `currency` or, for a
    limit of quantities, in units; None where the limit has no end, or no rate leads to it."""

    limit_id: str
    name: str
    action: Action
    remaining_minor: int | None
    exceeded: bool
    currency: str | None = None
    sku: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an order takes of one bucket of a limit. `bucket` tells apart whose or which SKU's it is; without a
    `period_start` nothing adds up, and the order is compared alone. `order_minor` is it in the order's currency."""

    limit_id: str
    bucket: str
    period_start: date | None
    amount: int
    ceiling: int | None
    action: Action
    sku: str | None = None
    order_minor: int | None = None
    converted: Converted | None = None
    reason: str | None = None


def binds(
    limit: Record,
    node: str,
    requester_id: str | None,
    roles: Collection[str],
    day: date,
    centres: Collection[str] = (),
) -> bool:
    """Whether a limit of the order's node or of one above it concerns this order, whose lines bear these cost
    centres."""
    begins, ends = limit["valid_from"], limit["valid_to"]
    if limit["status"] != "active" or (begins and day < begins) or (ends and day > ends):
        return False
    if limit["scope"] == "user":
        return bool(limit["account_id"] == requester_id)
    if limit["scope"] == "role":
        return limit["role"] in roles
    if limit["scope"] == "cost_centre":
        return key_of(limit["cost_centre"]) in centres
    return limit["scope"] == "company" or bool(limit["customer_id"] == node)


def wanted(limit: Record, order: Record, lines: Iterable[Record], rates: Rates, now: datetime) -> list[Wanted]:
    """What an order takes of a limit: one bucket, or for a limit of quantities one for each SKU that it is about."""
    start = period_start(limit["period"], limit["zone"], now)
    total = order["total_minor"]
    if limit["scope"] == "cost_centre":
        lines = [line for line in lines if key_of(centre_of(line, order) or "") == key_of(limit["cost_centre"])]
        total = sum(line["total_minor"] or 0 for line in lines)
    # A limit of a role is each holder's own; one of a user, a branch or a company is shared by all that it binds.
    whose = str(order.get("requester_id") or "") if limit["scope"] == "role" else ""
    if limit["kind"] == "qty_per_sku":
        return [
            Wanted(limit["id"], f"{whose}/{sku}", start, quantity, limit["quantity"], limit["action"], sku)
            for sku, quantity in sorted(_quantities(lines).items())
            if limit["sku"] in {None, sku}
        ]
    if limit["amount_minor"] is None:
        return [Wanted(limit["id"], whose, None, 0, None, limit["action"])]
    converted = rates.converted(total, order["currency"], limit["currency"])
    if converted is None:
        # Raw numbers of two currencies are never compared: a person decides.
        return [Wanted(limit["id"], whose, None, 0, None, "require_approval", reason=NO_RATE)]
    return [
        Wanted(
            limit["id"],
            whose,
            start,
            converted.minor,
            limit["amount_minor"],
            limit["action"],
            order_minor=total,
            converted=converted,
        )
    ]


def _quantities(lines: Iterable[Record]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in lines:
        found[line["sku"]] = found.get(line["sku"], 0) + line["quantity"]
    return found


def today(zone: str, now: datetime) -> date:
    """The day that a moment lies in, as the company's clocks have it."""
    return now.astimezone(ZoneInfo(zone)).date()


def period_start(period: str | None, zone: str, now: datetime) -> date | None:
    """The first day, as the company's clocks have it, of the period that a moment lies in; None without a period."""
    if period is None:
        return None
    day = today(zone, now)
    if period == "none":
        return EVER
    if period == "week":
        return date.fromordinal(day.toordinal() - day.weekday())
    if period == "month":
        return day.replace(day=1)
    if period == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1) if period == "year" else day


def verdict(limit: Record, want: Wanted, used: int | None) -> Verdict:
    """What a limit says where its bucket now holds `used`, this order included; None where it refused to take it."""
    currency = None if limit["kind"] == "qty_per_sku" else limit["currency"]
    if want.reason is not None:
        return Verdict(limit["id"], limit["name"], want.action, None, True, currency, reason=want.reason)
    if want.ceiling is None:
        return Verdict(limit["id"], limit["name"], want.action, None, False, currency, want.sku)
    exceeded = used is None or used > want.ceiling
    remaining = 0 if used is None else max(want.ceiling - used, 0)
    return Verdict(limit["id"], limit["name"], want.action, remaining, exceeded, currency, want.sku)


def is_near(limit: Record, want: Wanted, used: int) -> bool:
    """Whether a bucket that holds `used`, and no more than it may, has reached the part at which a limit says so."""
    percent = limit["near_percent"]
    if percent is None or not want.ceiling or used > want.ceiling:
        return False
    return bool(used * 100 >= want.ceiling * percent)


def strictest(verdicts: Iterable[Verdict]) -> Action | None:
    """The most restrictive action of the limits that an order exceeds; None where it exceeds none."""
    exceeded = [each.action for each in verdicts if each.exceeded]
    return min(exceeded, key=ACTIONS.index) if exceeded else None


def check_limit(limit: Record) -> None:
    """Raises LimitUnsuitable where the parts of a limit do not fit each other."""
    _check_scope(limit)
    _check_kind(limit)
    if limit["zone"] not in available_timezones():
        raise _unsuitable("Name a time zone of the IANA list, as Europe/Vienna.", "/time_zone")
    begins, ends = limit["valid_from"], limit["valid_to"]
    if begins and ends and ends < begins:
        raise _unsuitable("The last day is before the first.", "/valid_to")


def _check_scope(limit: Record) -> None:
    if (limit["scope"] == "user") != (limit["account_id"] is not None):
        raise _unsuitable("Exactly a limit of scope user names an account.", "/account_id")
    if (limit["scope"] == "role") != (limit["role"] is not None):
        raise _unsuitable("Exactly a limit of scope role names a role.", "/role")
    if (limit["scope"] == "cost_centre") != (limit["cost_centre"] is not None):
        raise _unsuitable("Exactly a limit of scope cost_centre names a cost centre.", "/cost_centre")


def _check_kind(limit: Record) -> None:
    counts = limit["kind"] == "qty_per_sku"
    if counts and (limit["amount_minor"] is not None or limit["currency"] is not None):
        raise _unsuitable("A limit of quantities has a quantity, no amount.", "/amount")
    if not counts and (limit["quantity"] is not None or limit["sku"] is not None):
        raise _unsuitable("Only a limit of quantities has a quantity or a SKU.", "/quantity")
    if limit["kind"] == "per_order" and limit["period"] is not None:
        raise _unsuitable("A limit of one order has no period.", "/period")
    if limit["kind"] == "per_period" and limit["period"] is None:
        raise _unsuitable(f"Choose a period: {', '.join(PERIODS)}.", "/period")


def _unsuitable(detail: str, pointer: str) -> LimitUnsuitable:
    return LimitUnsuitable(detail, errors=[FieldError(pointer, detail)])
