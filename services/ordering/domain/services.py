"""Services in use: which command leads from which status where, and what the progress of an order line makes of
them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from common.ids import new_id
from ordering.domain.days import add_months
from ordering.domain.order_lines import open_quantity
from ordering.errors.services import ServiceStatus, TermUnsuitable

Record = dict[str, Any]
Line = Mapping[str, Any]

PENDING: Final = "pending"
ACTIVE: Final = "active"
RETURN_REQUESTED: Final = "return_requested"
ENDED: Final = "ended"
REPLACED: Final = "replaced"
LOST: Final = "lost"
STATUSES: Final = (PENDING, ACTIVE, RETURN_REQUESTED, ENDED, REPLACED, LOST)
IN_USE: Final = (ACTIVE, RETURN_REQUESTED)

RENEWALS: Final = ("none", "automatic")
PROVIDED_STATUSES: Final = ("confirmed", "cancelling", "completed", "cancelled")

# Why a service ends without a person's words.
NOT_DELIVERED: Final = "not_delivered"
TERM_OVER: Final = "term_over"
MOVED_OUT: Final = "moved_out"
RETURNED: Final = "returned"

TRANSITIONS: Final[Mapping[str, Mapping[str, str]]] = {
    PENDING: {"start": ACTIVE, "end": ENDED, "assign": PENDING},
    ACTIVE: {
        "request_return": RETURN_REQUESTED,
        "replace": REPLACED,
        "end": ENDED,
        "lose": LOST,
        "renew": ACTIVE,
        "assign": ACTIVE,
    },
    RETURN_REQUESTED: {"replace": REPLACED, "end": ENDED, "lose": LOST, "assign": RETURN_REQUESTED},
    ENDED: {},
    REPLACED: {},
    LOST: {},
}
COMMANDS: Final = tuple(sorted({command for commands in TRANSITIONS.values() for command in commands}))

_NEXT: Final = {
    PENDING: "It starts when it is provided (POST /orders/{id}/provisions) or its goods leave the warehouse.",
    ACTIVE: "It is in use.",
    RETURN_REQUESTED: "End it when it has come back (POST /services/{id}/end).",
    REPLACED: "Look at the service that took its place (`replaced_by_id`).",
}
_OVER: Final = "Order a new one."

LABELS: Final = {
    "property": "Property",
    "org_unit": "Department",
    "person": "Person",
    "cost_centre": "Cost centre",
    "serial": "Serial number",
    "quantity": "Quantity",
    "ends_on": "Last day",
    "renewal": "Renewal",
    "term_months": "Months of a term",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A service as it is after something happened, and the verb by which that is told."""

    verb: str
    record: Record
    changed: tuple[str, ...] = ()
    is_new: bool = False


def after(status: str, command: str) -> str:
    """The status after a command; raises ServiceStatus where there is no such way."""
    to = TRANSITIONS[status].get(command)
    if to is None:
        raise ServiceStatus(
            f"The service is {status.replace('_', ' ')} and cannot {command.replace('_', ' ')}."
            f" {_NEXT.get(status, _OVER)}",
            facts={"service_status": status, "command": command, "commands": sorted(TRANSITIONS[status])},
        )
    return to


def renewed(service: Mapping[str, Any], asked: Mapping[str, Any]) -> Record:
    """What a renewal changes: its last day, given or so many months later, and how it goes on then. Raises
    TermUnsuitable where the new last day is not later."""
    months = asked.get("months")
    begin = service["ends_on"] or service["started_on"]
    ends_on = asked["ends_on"] if months is None else add_months(begin, months)
    if ends_on is not None and ends_on <= begin:
        raise TermUnsuitable(f"A renewal ends after {begin}; name a later day.", facts={"ends_on": str(begin)})
    renewal = asked.get("renewal", service["renewal"])
    term = asked.get("term_months", months or service["term_months"])
    if renewal == "automatic" and (term is None or ends_on is None):
        raise TermUnsuitable("What renews itself needs a last day and `term_months`, by which it goes on.")
    return {"ends_on": ends_on, "renewal": renewal, "term_months": term}


def at_its_end(service: Mapping[str, Any], today: date) -> Record:
    """What becomes of a service whose last day is over: it is renewed by whole terms until it reaches today, or ends
    with that day."""
    ends_on: date = service["ends_on"]
    if service["renewal"] != "automatic" or service["status"] != ACTIVE:
        return {"status": after(service["status"], "end"), "ended_on": ends_on, "reason": TERM_OVER}
    terms = 1
    while (later := add_months(ends_on, terms * service["term_months"])) < today:
        terms += 1
    return {"ends_on": later}


def ended(service: Record, quantity: int, **how: Any) -> list[Step]:
    """The end of so many of a service: of all of it, or of a part that splits off, so that what was provided still adds
    up to its line."""
    over = {"status": after(service["status"], "end"), **how}
    left = service["quantity"] - quantity
    if left <= 0:
        return [Step("ended", service | over)]
    part = service | over | {"id": new_id(), "quantity": quantity}
    return [Step("changed", service | {"quantity": left}, ("quantity",)), Step("ended", part, is_new=True)]


def take_back(services: Sequence[Record], serials: Sequence[str], quantity: int, **how: Any) -> list[Step]:
    """The end of services of one order line of which so many came back: those with these serials, then what was to be
    returned, then what is there longest."""
    steps: list[Step] = []
    open_ones = [one for one in services if one["status"] in IN_USE]
    open_ones.sort(
        key=lambda one: (one["serial"] not in serials, one["status"] != RETURN_REQUESTED, one["started_on"], one["id"])
    )
    for one in open_ones:
        if quantity <= 0:
            break
        if one["serial"] is not None and one["serial"] not in serials:
            continue
        steps += ended(one, min(quantity, one["quantity"]), **how)
        quantity -= one["quantity"]
    return steps


def follow(
    line: Line,
    *,
    is_open: bool,
    known: Sequence[Record],
    serials: Sequence[str],
    blank: Record,
    today: date,
) -> list[Step]:
    """What the progress of an order line makes of its services, however often it is told.

    `known`: its services so far, without those that took the place of others; `serials`: all that were shipped of it;
    `blank`: a new service of the line, still without id, status and quantity. What is provided is in use, one by one
    where serials are known; what is open waits in one pending service."""
    started = [one for one in known if one["started_on"] is not None]
    pending = next((one for one in known if one["status"] == PENDING), None)
    used = {one["serial"] for one in started}
    fresh = [serial for serial in dict.fromkeys(serials) if serial not in used]
    steps = _with_serials(started, fresh, blank)
    new = line["quantity_shipped"] - sum(one["quantity"] for one in started)
    wanted = open_quantity(line) if is_open else 0
    begun = {"status": ACTIVE, "started_on": today}
    for serial, quantity in _portions(new, fresh):
        take = {"serial": serial, "quantity": quantity} | begun
        if pending is not None and not wanted:
            steps.append(Step("started", pending | take))
            pending = None
            continue
        steps.append(Step("started", blank | _placed(pending) | take | {"id": new_id()}, is_new=True))
    return steps + _waiting(pending, wanted, blank, today)


def _portions(new: int, fresh: list[str]) -> list[tuple[str | None, int]]:
    singles: list[tuple[str | None, int]] = [(serial, 1) for serial in fresh[: max(new, 0)]]
    rest = new - len(singles)
    return singles + ([(None, rest)] if rest > 0 else [])


def _with_serials(started: Sequence[Record], fresh: list[str], blank: Record) -> list[Step]:
    """Gives serials that were told late to what is in use already; takes them out of `fresh`."""
    steps = []
    for one in started:
        if one["serial"] is not None or one["status"] != ACTIVE or not fresh:
            continue
        taken = fresh[: one["quantity"]]
        del fresh[: len(taken)]
        left = one["quantity"] - len(taken)
        # The service that is there goes on as the first of those, unless some of it stays without a serial.
        now = one | ({"quantity": left} if left else {"quantity": 1, "serial": taken[0]})
        steps.append(Step("changed", now, tuple(name for name in ("quantity", "serial") if now[name] != one[name])))
        more = {"status": ACTIVE, "started_on": one["started_on"], "quantity": 1}
        steps += [
            Step("started", blank | _placed(one) | more | {"id": new_id(), "serial": serial}, is_new=True)
            for serial in (taken if left else taken[1:])
        ]
    return steps


def _waiting(pending: Record | None, wanted: int, blank: Record, today: date) -> list[Step]:
    if pending is None:
        if not wanted:
            return []
        new = blank | {"id": new_id(), "status": PENDING, "quantity": wanted}
        return [Step("planned", new, is_new=True)]
    if not wanted:
        ended = {"status": after(PENDING, "end"), "ended_on": today, "reason": NOT_DELIVERED}
        return [Step("ended", pending | ended)]
    if pending["quantity"] == wanted:
        return []
    return [Step("changed", pending | {"quantity": wanted}, ("quantity",))]


def _placed(service: Record | None) -> Record:
    """Where and for whom a service is, which what splits off from it keeps."""
    names = ("property_id", "property_label", "org_unit_id", "org_unit_label", "person_id", "person_label")
    return {} if service is None else {name: service[name] for name in (*names, "cost_centre")}
