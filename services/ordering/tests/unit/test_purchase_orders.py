"""How purchase order numbers look, and when one is needed."""

from datetime import date
from typing import Any

import pytest

from ordering.domain.purchase_orders import check_purchase_order, check_rule, fits, is_required, is_valid_on
from ordering.domain.rates import Rates
from ordering.errors.purchase_orders import PoRuleUnsuitable, PurchaseOrderUnsuitable

DAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("mask", "number", "expected"),
    [
        (None, "whatever", True),
        ("PO-####", "PO-0815", True),
        ("PO-####", "PO-815", False),
        ("PO-####", "PO-08155", False),
        ("PO-####", "po-0815", False),
        ("PO-####", "PO-081A", False),
        ("PO-####", "PO-081\N{ARABIC-INDIC DIGIT FIVE}", False),
        ("@@/***", "AT/x9Z", True),
        ("@@/***", "A1/x9Z", False),
        ("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", False),
        ("(a+)+$", "(a+)+$", True),
    ],
)
def test_a_number_looks_as_the_mask_says_character_by_character(mask: str | None, number: str, expected: bool) -> None:
    assert fits(mask, number) is expected


def rule(minor: int | None, currency: str = "EUR") -> dict[str, Any]:
    return {"required_from_minor": minor, "currency": currency, "mask": None, "unique": "off"}


@pytest.mark.parametrize(
    ("minor", "total", "expected"), [(None, 10**9, False), (0, 0, True), (100, 99, False), (100, 100, True)]
)
def test_a_number_is_needed_from_the_amount_on(minor: int | None, total: int, expected: bool) -> None:
    assert is_required(rule(minor), total, "EUR", Rates()) is expected


def test_what_cannot_be_compared_needs_a_number() -> None:
    assert is_required(rule(10**9), 1, "CHF", Rates())
    fresh = {"base": "CHF", "quote": "EUR", "rate": "0.5", "as_of": DAY, "source": "bank"}
    assert not is_required(rule(100), 198, "CHF", Rates.on(DAY, [fresh]))
    assert is_required(rule(100), 199, "CHF", Rates.on(DAY, [fresh])), "rounded up, against the buyer"


@pytest.mark.parametrize(
    ("begins", "ends", "status", "expected"),
    [
        (None, None, "open", True),
        (DAY, DAY, "open", True),
        (date(2026, 3, 2), None, "open", False),
        (None, date(2026, 2, 28), "open", False),
        (None, None, "closed", False),
    ],
)
def test_a_purchase_order_is_drawn_on_its_days(begins: Any, ends: Any, status: str, expected: bool) -> None:
    assert is_valid_on({"valid_from": begins, "valid_to": ends, "status": status}, DAY) is expected


def test_a_rule_says_something_and_a_purchase_order_ends_after_it_begins() -> None:
    with pytest.raises(PoRuleUnsuitable):
        check_rule(rule(None))
    with pytest.raises(PurchaseOrderUnsuitable):
        check_purchase_order({"valid_from": DAY, "valid_to": date(2026, 2, 1)})
