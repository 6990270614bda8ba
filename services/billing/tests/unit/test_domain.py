"""What parts of a line cost, what is parked, and what is given back."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.accounts import Account, add_to, check_decision
from billing.domain.charges import Book, Line, Order, charges_of, is_charged
from billing.domain.deliveries import CLAIM, RETURN, SHIPMENT, Delivery, claimed, returned, sent
from billing.errors import DecisionUnsuitable

TODAY = date(2026, 3, 2)


def order(quantity: int = 3, total: int = 1000, **fields: Any) -> Order:
    line = Line("l", "TEA", "Tea", quantity, total, is_charged=True)
    return Order("o", "O-1", "c", "EUR", {"l": replace(line, **fields)})


def delivery(number: int, quantity: int, source: str = SHIPMENT, of: int = 0) -> Delivery:
    shipment = f"s{of or number}"
    own = (shipment, "l") if source == SHIPMENT else (f"r{number}", f"r{number}")
    return Delivery(source, *own, "o", "l", shipment, quantity, TODAY)


@given(
    total=st.integers(1, 10**12),
    parts=st.lists(st.integers(1, 50), min_size=1, max_size=12),
    back=st.randoms(use_true_random=False),
)
def test_parts_of_a_line_sum_to_it_and_given_back_leave_nothing(total: int, parts: list[int], back: Any) -> None:
    book, whole = Book(), order(sum(parts), total)
    deliveries = [delivery(number, quantity) for number, quantity in enumerate(parts, 1)]
    back.shuffle(deliveries)
    for one in deliveries:
        [charge] = charges_of(whole, [one], book, None).charges
        assert charge["amount_minor"] >= 0
    assert sum(one["amount_minor"] for one in book.shipped.values()) == total
    number = 100
    for place, quantity in enumerate(parts, 1):
        for _piece in range(quantity):
            number += 1
            charges_of(whole, [delivery(number, 1, back.choice([RETURN, CLAIM]), of=place)], book, None)
    assert {charge["id"]: (charge["quantity"], charge["amount_minor"]) for charge in book.shipped.values()} == (
        book.given_back
    )


def test_a_delivery_is_charged_once() -> None:
    book = Book()
    assert len(charges_of(order(), [delivery(1, 1), delivery(1, 1)], book, None).charges) == 1
    assert charges_of(order(), [delivery(1, 1)], book, None).charges == []


def test_what_is_not_known_yet_waits() -> None:
    two = [delivery(1, 2)]
    assert charges_of(None, two, Book(), None).waiting == two
    assert charges_of(replace(order(), lines={}), two, Book(), None).waiting == two
    # More has left than is known to be ordered: a revision is on its way, which says what all of it costs.
    assert charges_of(order(quantity=1), two, Book(), None).waiting == two
    back = [delivery(2, 1, RETURN, of=1)]
    assert charges_of(order(), back, Book(), None).waiting == back


def test_what_the_provider_does_not_charge_makes_no_charge_and_does_not_wait() -> None:
    outcome = charges_of(order(is_charged=False), [delivery(1, 1), delivery(2, 1, CLAIM, of=1)], Book(), None)
    assert (outcome.charges, outcome.waiting) == ([], [])


@pytest.mark.parametrize(
    ("line", "charged"),
    [
        ({"kind": "stock", "seller_id": None, "total_minor": 1}, True),
        ({"kind": "stock", "total_minor": 1}, True),
        ({"kind": "internal", "seller_id": "c", "total_minor": 1}, False),
        ({"kind": "stock", "seller_id": "c", "total_minor": 1}, False),
        ({"kind": "stock", "seller_id": None, "total_minor": 0}, False),
    ],
    ids=["goods", "goods without a word about who sells", "internal", "sold by a customer", "free"],
)
def test_only_what_the_provider_sells_for_money_is_charged(line: dict[str, Any], charged: bool) -> None:
    assert is_charged(line) is charged


@pytest.mark.parametrize("state", ["billable", "parked", "waived"])
def test_a_credit_stands_as_what_it_gives_back_whatever_the_switch_is_now(state: str) -> None:
    book = Book()
    [charge] = charges_of(order(), [delivery(1, 3)], book, "module_off").charges
    charge["state"] = state
    [credit] = charges_of(order(), [delivery(2, 2, RETURN, of=1)], book, None).charges
    assert (credit["state"], credit["credits_id"], credit["quantity"]) == (state, charge["id"], -2)
    assert credit["amount_minor"] == -667


def test_what_is_heard_of_at_once_is_charged_before_it_is_given_back() -> None:
    outcome = charges_of(order(), [delivery(1, 1, CLAIM, of=2), delivery(2, 3)], Book(), None)
    assert [one["amount_minor"] for one in outcome.charges] == [1000, -333]
    assert outcome.waiting == []


def test_no_more_is_given_back_than_was_charged() -> None:
    book = Book()
    charges_of(order(), [delivery(1, 2)], book, None)
    [credit] = charges_of(order(), [delivery(2, 5, RETURN, of=1)], book, None).charges
    assert (credit["quantity"], credit["amount_minor"]) == (-2, -667)
    outcome = charges_of(order(), [delivery(3, 1, CLAIM, of=1)], book, None)
    assert (outcome.charges, outcome.waiting) == ([], [])


def test_parts_of_one_line_in_one_shipment_are_one_delivery() -> None:
    lines = [{"line_id": "l", "quantity": 2}, {"line_id": "m", "quantity": 1}, {"line_id": "l", "quantity": 3}]
    found = sent({"id": "s", "order_id": "o", "shipped_at": "2026-03-02T23:30:00Z", "lines": lines})
    assert [(one.line_id, one.quantity, one.delivered_on) for one in found] == [("l", 5, TODAY), ("m", 1, TODAY)]


def test_what_is_the_customer_s_own_is_not_delivered_by_the_provider() -> None:
    lines = [{"line_id": "l", "quantity": 5, "quantity_own": 2}, {"line_id": "m", "quantity": 1, "quantity_own": 1}]
    found = sent({"id": "s", "order_id": "o", "shipped_at": "2026-03-02T09:30:00Z", "lines": lines})
    assert [(one.line_id, one.quantity) for one in found] == [("l", 3)]


def returning(dedicated: bool = False, **fields: Any) -> dict[str, Any]:
    outcomes = [{"quantity": 1, "resolution": what} for what in ("credit", "refund", "replace", "reject", "repair")]
    line = {"id": "r", "order_id": "o", "line_id": "l", "shipment_id": "s", "outcomes": outcomes} | fields
    return {"id": "b", "dedicated": dedicated, "lines": [line]}


def test_of_a_return_only_what_is_paid_back_counts() -> None:
    assert [one.quantity for one in returned(returning(), TODAY)] == [2]
    assert returned(returning(dedicated=True), TODAY) == []
    assert returned(returning(shipment_id=None), TODAY) == []


def test_of_a_claim_only_a_credit_that_was_granted_counts() -> None:
    claim = {"id": "k", "order_id": "o", "line_id": "l", "shipment_id": "s", "quantity_accepted": 2}
    assert [one.quantity for one in claimed(claim | {"credit_pending": True}, TODAY)] == [2]
    assert claimed(claim | {"credit_pending": False}, TODAY) == []


def test_an_account_counts_by_state_and_currency() -> None:
    account = Account("c", {}, None, None, 0)
    parked = {"state": "parked", "currency": "EUR", "amount_minor": 5, "delivered_on": TODAY}
    account.take([parked, parked | {"delivered_on": date(2026, 1, 5)}, parked | {"state": "billable"}])
    assert (account.parked_count, account.parked_since, account.version) == (2, date(2026, 1, 5), 1)
    add_to(account.totals, "parked", "EUR", -2, -10)
    assert account.totals == {"billable": {"EUR": {"count": 1, "minor": 5}}}


@pytest.mark.parametrize(
    ("decision", "pointers"),
    [
        ({"decision": "bill", "from_day": TODAY}, []),
        ({"decision": "waive", "reason": "Goodwill"}, []),
        ({"decision": "waive"}, ["/reason"]),
        ({"decision": "waive", "reason": "Goodwill", "from_day": TODAY}, ["/from"]),
    ],
    ids=["bill", "waive", "waive without a reason", "waive from a day on"],
)
def test_who_waives_says_why_and_waives_all(decision: dict[str, Any], pointers: list[str]) -> None:
    if not pointers:
        check_decision(decision)
        return
    with pytest.raises(DecisionUnsuitable) as refused:
        check_decision(decision)
    assert [error.pointer for error in refused.value.errors] == pointers
