"""Contracts with customers: their states, when they hold, and what happens on their last day."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from common.errors import FieldError
from ordering.domain.days import add_months
from ordering.errors.contracts import ContractStatus, ContractUnsuitable, NoticeTooShort

Record = Mapping[str, Any]

DRAFT: Final = "draft"
ACTIVE: Final = "active"
ENDED: Final = "ended"
STATUSES: Final = (DRAFT, ACTIVE, ENDED)
RENEWALS: Final = ("none", "automatic")
TERM_OVER: Final = "term_over"

MAX_LISTINGS: Final = 500
MAX_CATEGORIES: Final = 100
LENGTHS: Final = {"number": 60, "name": 200, "terms": 20_000, "note": 2_000, "reason": 500, "category": 80}

TRANSITIONS: Final[Mapping[str, Mapping[str, str]]] = {
    DRAFT: {"change": DRAFT, "activate": ACTIVE, "end": ENDED},
    ACTIVE: {"change": ACTIVE, "renew": ACTIVE, "end": ENDED},
    ENDED: {},
}
COMMANDS: Final = tuple(sorted({command for commands in TRANSITIONS.values() for command in commands}))

LABELS: Final = {
    "name": "Name",
    "valid_from": "Valid from",
    "valid_to": "Last day",
    "price_list_id": "Price list",
    "listing_ids": "Listings",
    "categories": "Categories",
    "renewal": "Renewal",
    "renewal_months": "Months of a renewal",
    "notice_days": "Days of notice",
    "terms": "Terms",
    "file_id": "File",
    "note": "Note",
}
# What both sides have agreed does not begin on another day afterwards.
_FIXED_WHEN_ACTIVE: Final = ("valid_from",)

_NEXT: Final = {
    DRAFT: "Activate it first (POST /contracts/{id}/activation).",
    ACTIVE: "It holds already.",
    ENDED: "Make a new contract.",
}


def after(status: str, command: str) -> str:
    """The status after a command; raises ContractStatus where there is no such way."""
    to = TRANSITIONS[status].get(command)
    if to is None:
        raise ContractStatus(
            f"The contract is {status} and cannot {command}. {_NEXT[status]}",
            facts={"contract_status": status, "command": command, "commands": sorted(TRANSITIONS[status])},
        )
    return to


def check_contract(record: Record) -> None:
    """Raises ContractUnsuitable with every field that does not fit the others."""
    last, automatic = record["valid_to"], record["renewal"] == "automatic"
    faults = [
        ("/valid_to", "Is before its first day.", last is not None and last < record["valid_from"]),
        ("/valid_to", "What renews itself needs a last day.", automatic and last is None),
        ("/renewal_months", "Say by how many months it renews itself.", automatic and record["renewal_months"] is None),
    ]
    errors = [FieldError(pointer, detail) for pointer, detail, wrong in faults if wrong]
    if errors:
        raise ContractUnsuitable(f"These do not fit each other: {errors[0].detail}", errors=errors)


def check_change(before: Record, now: Record) -> None:
    """Raises ContractUnsuitable where a contract that holds would change what was agreed for good."""
    after(before["status"], "change")
    if before["status"] == ACTIVE:
        fixed = [name for name in _FIXED_WHEN_ACTIVE if before[name] != now[name]]
        if fixed:
            errors = [FieldError(f"/{name}", "Is fixed once the contract holds.") for name in fixed]
            raise ContractUnsuitable("End this contract and make a new one instead.", errors=errors)
    check_contract(now)


def check_activation(record: Record, today: date) -> None:
    """Raises ContractUnsuitable where a contract would be over before it holds."""
    if record["valid_to"] is not None and record["valid_to"] < today:
        error = FieldError("/valid_to", f"Is before {today}.")
        raise ContractUnsuitable("Its last day is over; change that first.", errors=[error])


def ending(record: Record, on: date, today: date, *, agreed: bool) -> dict[str, Any]:
    """What an end changes: a draft is withdrawn, a contract ends on that day or will. Raises NoticeTooShort before the
    notice is over, unless both sides have agreed, and ContractUnsuitable before it began."""
    to = after(record["status"], "end")
    if record["status"] == DRAFT:
        return {"status": to, "ended_on": today}
    earliest = today + timedelta(days=record["notice_days"])
    if on < earliest and not agreed and not _is_last(record, on):
        raise NoticeTooShort(
            f"With {record['notice_days']} days of notice it ends on {earliest} at the earliest; name that day, or add"
            " `agreed` where both sides want an earlier one.",
            facts={"earliest": str(earliest), "notice_days": record["notice_days"]},
        )
    if on < record["valid_from"]:
        error = FieldError("/on", f"Is before {record['valid_from']}.")
        raise ContractUnsuitable(f"It holds from {record['valid_from']}; it cannot end before.", errors=[error])
    if on > today:
        return {"valid_to": on, "renewal": "none"}
    return {"status": to, "ended_on": on}


def _is_last(record: Record, on: date) -> bool:
    # That a contract ends on the day on which it would end anyway needs no notice.
    return bool(record["renewal"] == "none" and record["valid_to"] == on)


def renewed(record: Record, months: int) -> dict[str, Any]:
    """What a renewal by so many months changes; raises ContractUnsuitable where there is no last day."""
    after(record["status"], "renew")
    if record["valid_to"] is None:
        raise ContractUnsuitable("It has no last day and needs no renewal.")
    return {"valid_to": add_months(record["valid_to"], months)}


def at_its_end(record: Record, today: date) -> dict[str, Any]:
    """What becomes of a contract whose last day is over: it is renewed by whole terms until it reaches today, or ends
    with that day."""
    last: date = record["valid_to"]
    if record["renewal"] != "automatic":
        return {"status": after(record["status"], "end"), "ended_on": last, "reason": TERM_OVER}
    terms = 1
    while (later := add_months(last, terms * record["renewal_months"])) < today:
        terms += 1
    return {"valid_to": later}
