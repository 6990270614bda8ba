"""Purchase order numbers: when one is needed, how it looks, and when a purchase order may be drawn."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from common.errors import FieldError
from ordering.domain.rates import Rates
from ordering.errors.purchase_orders import PoRuleUnsuitable, PurchaseOrderUnsuitable

Record = Mapping[str, Any]

REFUSE: Final = "refuse"
WARN: Final = "warn"
OFF: Final = "off"
UNIQUENESS: Final = (REFUSE, WARN, OFF)
RULE_STATUSES: Final = ("active", "inactive")
OPEN: Final = "open"
CLOSED: Final = "closed"
STATUSES: Final = (OPEN, CLOSED)
MASK_LENGTH: Final = 80

RULE_LABELS: Final = {"required_from": "Needed from", "mask": "Mask", "unique": "Unique", "status": "Status"}
PURCHASE_ORDER_LABELS: Final = {
    "amount": "Amount",
    "valid_from": "Valid from",
    "valid_to": "Valid to",
    "status": "Status",
}

# What a character of a mask stands for; every other one stands for itself.
_DIGIT, _LETTER, _ANY = "#", "@", "*"


def is_required(rule: Record, total_minor: int, currency: str | None, rates: Rates) -> bool:
    """Whether an order of this total needs a number. What cannot be compared for want of a rate needs one."""
    if rule["required_from_minor"] is None:
        return False
    if rule["required_from_minor"] == 0:
        return True
    if currency is None:
        return False
    converted = rates.converted(total_minor, currency, rule["currency"])
    return converted is None or converted.minor >= rule["required_from_minor"]


def fits(mask: str | None, number: str) -> bool:
    """Whether a number looks as a mask says, character by character: `#` is a digit, `@` a letter, `*` one of both."""
    if not mask:
        return True
    return len(mask) == len(number) and all(_fits(one, other) for one, other in zip(mask, number, strict=True))


def _fits(place: str, character: str) -> bool:
    digit, letter = character.isascii() and character.isdigit(), character.isascii() and character.isalpha()
    return {_DIGIT: digit, _LETTER: letter, _ANY: digit or letter}.get(place, place == character)


def is_valid_on(purchase_order: Record, day: date) -> bool:
    """Whether a purchase order may be drawn on that day; its last day counts."""
    begins, ends = purchase_order["valid_from"], purchase_order["valid_to"]
    return bool(purchase_order["status"] == OPEN and (not begins or begins <= day) and (not ends or day <= ends))


def check_rule(rule: Record) -> None:
    """Raises PoRuleUnsuitable where a rule says nothing."""
    if rule["required_from_minor"] is None and not rule["mask"] and rule["unique"] == OFF:
        detail = "Say from which amount a number is needed, how it looks, or whether it may be used twice."
        raise PoRuleUnsuitable(detail, errors=[FieldError("/required_from", "Is missing.")])


def check_purchase_order(record: Record) -> None:
    """Raises PurchaseOrderUnsuitable where the parts of a purchase order do not fit each other."""
    begins, ends = record["valid_from"], record["valid_to"]
    if begins and ends and ends < begins:
        detail = "The last day is before the first."
        raise PurchaseOrderUnsuitable(detail, errors=[FieldError("/valid_to", detail)])
