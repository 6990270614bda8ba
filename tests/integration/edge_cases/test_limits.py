"""Edge cases 10 and 11: purchase limits to the last cent, in every currency and zone, and for two at one moment."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from common.testing import Figure

from .market import Caller, Market, Record, at_once

OVER = (422, "ordering.limit_exceeded")
TAKEN = (200, "None")


@pytest.fixture(scope="module")
def cents(market: Market) -> Record:
    """A listing of which each piece costs a cent."""
    return market.listing(100_000, "0.01")


def submit(who: Caller, order: Record) -> tuple[int, str]:
    answer = who.answer("POST", f"/orders/{order['id']}/submission", {})
    return answer.status_code, str(answer.json().get("code"))


def used(market: Market, limit: Record) -> list[tuple[str, Any]]:
    """What is used of a limit, and what is left, by period."""
    found = market.staff.items(f"/purchase-limits/{limit['id']}/usage")
    return [(one["used"]["amount"], one["remaining"] and one["remaining"]["amount"]) for one in found]


# Edge case 10: 0, null, exactly equal, one minor unit over, given back, period boundary in the zone, no rate.


@pytest.mark.parametrize(
    ("amount", "quantity", "answer"),
    [("0.00", 1, OVER), (None, 90_000, TAKEN), ("5.00", 500, TAKEN), ("5.00", 501, OVER)],
    ids=["nothing allowed", "no limit", "exactly equal", "a cent over"],
)
def test_a_limit_is_kept_to_the_cent(
    market: Market, cents: Record, amount: str | None, quantity: int, answer: tuple[int, str]
) -> None:
    customer = market.customer(auto_confirm_orders="off")
    buyer = market.person(customer, "buyer")
    limit = market.limit(customer, amount)
    order = market.draft(buyer, customer, (cents, quantity))
    assert submit(buyer, order) == answer
    if answer == OVER:
        assert (market.read(order)["status"], used(market, limit)) == ("draft", [])
    else:
        # The wide one would empty the shelf for the others.
        buyer.post(f"/orders/{order['id']}/cancellation", reason="x")
        market.until(order, "cancelled")


def test_a_cancelled_order_gives_back_before_and_after_the_warehouse_has_it(market: Market, cents: Record) -> None:
    customer = market.customer()
    buyer = market.person(customer, "buyer")
    limit = market.limit(customer, "5.00")
    for confirmed in (False, True):
        market.switch(customer, auto_confirm_orders="on" if confirmed else "off")
        order = market.order(buyer, customer, (cents, 500))
        next_one = market.draft(buyer, customer, (cents, 1))
        assert submit(buyer, next_one) == OVER
        if confirmed:
            market.until(order, "confirmed", allocated=500)
        buyer.post(f"/orders/{order['id']}/cancellation", reason="Not needed")
        market.until(order, "cancelled", cancelled=500)
        assert used(market, limit) == [("0.00", "5.00")]
        assert submit(buyer, next_one) == TAKEN
        buyer.post(f"/orders/{next_one['id']}/cancellation", reason="Not needed")


def test_a_day_begins_by_the_clocks_of_the_company(market: Market, cents: Record) -> None:
    customer = market.customer()
    # Between these two it is never the same day.
    zones = ("Pacific/Kiritimati", "Pacific/Pago_Pago")
    limits = {zone: market.limit(customer, "5.00", period="day", time_zone=zone) for zone in zones}
    began = datetime.now(UTC)
    market.order(market.staff, customer, (cents, 1))
    ended = datetime.now(UTC)
    days = []
    for zone, limit in limits.items():
        [usage] = market.staff.items(f"/purchase-limits/{limit['id']}/usage")
        days.append(usage["period_start"])
        assert usage["period_start"] in {at.astimezone(ZoneInfo(zone)).date().isoformat() for at in (began, ended)}
    assert days[0] > days[1]


def test_francs_against_a_limit_in_euros_ask_until_there_is_a_rate(market: Market) -> None:
    francs = market.staff.post("/price-lists", code="CHF", name="Francs", kind="standard", currency="CHF")["id"]
    things, customer = market.listing(500, "0.01"), market.customer()
    market.price(things, "0.01", francs)
    ann, buyer = market.person(customer, "approver"), market.person(customer, "buyer")
    limit = market.limit(customer, "5.00")
    without = market.order(buyer, customer, (things, 100), currency="CHF")
    assert without["status"] == "pending_approval"
    assert [rule["reason"] for rule in market.approval(without)["rules"]] == ["no_rate"]
    market.decide(ann, without)
    market.until(without, "confirmed", allocated=100)

    today = datetime.now(UTC).date()
    rate = {"base": "CHF", "quote": "EUR", "rate": "1.05", "source": "bank"}
    for day, status in ((today - timedelta(days=8), "pending_approval"), (today, "pending_confirmation")):
        rates = {"rates": [rate | {"as_of": day.isoformat()}]}
        assert market.staff.answer("PUT", "/exchange-rates", rates).status_code == 200
        order = market.order(buyer, customer, (things, 100), currency="CHF")
        assert order["status"] == status
    market.until(order, "confirmed", allocated=100)
    assert used(market, limit) == [("1.05", "3.95")]


# Edge case 11: two submissions that each fit but exceed the limit together.


def test_of_submissions_at_one_moment_that_fit_alone_exactly_those_pass_that_fit_together(
    market: Market, figure: Figure
) -> None:
    customer, goods = market.customer(), market.listing(100)
    people = [market.person(customer, "buyer") for _ in range(3)]
    limit = market.limit(customer, "100.00")
    orders = [market.draft(who, customer, (goods, 4)) for who in people * 2]
    answers = at_once(
        *(lambda who=who, order=order: submit(who, order) for who, order in zip(people * 2, orders, strict=True))
    )
    assert sorted(answers) == [TAKEN] * 2 + [OVER] * 4
    for order, answer in zip(orders, answers, strict=True):
        if answer == TAKEN:
            market.until(order, "confirmed", allocated=4)
        else:
            assert market.read(order)["status"] == "draft"
    assert used(market, limit) == [("80.00", "20.00")]
    market.until_stock(goods, 100, 0, 8)
    figure("six orders of 40.00 at one moment against 100.00", f"{answers.count(TAKEN)} passed, through the gateway")
