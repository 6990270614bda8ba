"""Purchase limits: whom they bind, which period, and what is exactly enough."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from ordering.domain.limits import Verdict, Wanted, binds, check_limit, period_start, strictest, verdict, wanted
from ordering.domain.rates import Rates
from ordering.errors.limits import LimitUnsuitable

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def limit(**fields: Any) -> dict[str, Any]:
    return {
        "id": "l1",
        "customer_id": "branch",
        "name": "Monthly",
        "scope": "company",
        "account_id": None,
        "role": None,
        "kind": "per_period",
        "period": "month",
        "zone": "UTC",
        "amount_minor": 10_000,
        "currency": "EUR",
        "quantity": None,
        "sku": None,
        "action": "block",
        "status": "active",
        "cost_centre": None,
        "gives_back": True,
        "near_percent": 80,
        "valid_from": None,
        "valid_to": None,
    } | fields


ORDER = {"id": "o1", "total_minor": 10_000, "currency": "EUR", "requester_id": "u1"}
LINES = [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1}, {"sku": "A", "quantity": 3}]


def of_order(rule: dict[str, Any], *, rates: Rates | None = None, **fields: Any) -> list[Wanted]:
    return wanted(rule, ORDER | fields, LINES, rates or Rates(), NOW)


@pytest.mark.parametrize(("used", "exceeded", "left"), [(9_999, False, 1), (10_000, False, 0), (10_001, True, 0)])
def test_exactly_the_amount_is_allowed_and_one_unit_more_is_not(used: int, exceeded: bool, left: int) -> None:
    [want] = of_order(limit())
    said = verdict(limit(), want, used)
    assert (said.exceeded, said.remaining_minor) == (exceeded, left)


def test_no_amount_is_unlimited_and_zero_allows_nothing() -> None:
    [endless] = of_order(limit(amount_minor=None, currency=None))
    assert verdict(limit(amount_minor=None, currency=None), endless, None) == Verdict(
        "l1", "Monthly", "block", None, False
    )
    [nothing] = of_order(limit(amount_minor=0), total_minor=1)
    assert verdict(limit(amount_minor=0), nothing, 1).exceeded


def test_a_free_order_fits_a_limit_of_zero() -> None:
    [want] = of_order(limit(amount_minor=0), total_minor=0)
    assert not verdict(limit(amount_minor=0), want, 0).exceeded


def test_francs_against_euros_without_a_rate_ask_for_an_approval() -> None:
    [want] = of_order(limit(), currency="CHF")
    said = verdict(limit(), want, None)
    assert (said.action, said.reason, said.exceeded, said.remaining_minor) == (
        "require_approval",
        "no_rate",
        True,
        None,
    )


@pytest.mark.parametrize(
    ("base", "quote", "rate", "minor", "expected"),
    [
        ("CHF", "EUR", "0.9", 11_111, 10_000),
        ("EUR", "CHF", "0.8", 8_000, 10_000),
        ("EUR", "CHF", "0.7", 7, 10),
        ("CHF", "EUR", "0.00001", 1, 1),
    ],
)
def test_a_stored_rate_converts_and_rounds_up(base: str, quote: str, rate: str, minor: int, expected: int) -> None:
    row = {"base": base, "quote": quote, "rate": rate, "as_of": date(2026, 3, 1), "source": "bank"}
    [want] = of_order(limit(), currency="CHF", total_minor=minor, rates=Rates.on(NOW.date(), [row]))
    assert want.amount == expected


def test_currencies_with_other_decimals_are_converted_by_their_own_units() -> None:
    row = {"base": "JPY", "quote": "EUR", "rate": "0.006", "as_of": NOW.date(), "source": "bank"}
    [want] = of_order(limit(), currency="JPY", total_minor=1_000, rates=Rates.on(NOW.date(), [row]))
    assert want.amount == 600


def test_quantities_of_one_sku_are_added_before_they_are_compared() -> None:
    rule = limit(kind="qty_per_sku", period=None, amount_minor=None, currency=None, quantity=4)
    asked = of_order(rule)
    assert [(want.sku, want.amount) for want in asked] == [("A", 5), ("B", 1)]
    assert [verdict(rule, want, want.amount).exceeded for want in asked] == [True, False]
    assert [want.sku for want in of_order(rule | {"sku": "B"})] == ["B"]


def test_each_holder_of_a_role_has_the_amount_for_itself() -> None:
    one = of_order(limit(scope="role", role="buyer"))
    other = of_order(limit(scope="role", role="buyer"), requester_id="u2")
    assert one[0].bucket != other[0].bucket
    assert of_order(limit())[0].bucket == of_order(limit(), requester_id="u2")[0].bucket


@pytest.mark.parametrize(
    ("fields", "bound"),
    [
        ({}, True),
        ({"customer_id": "hq"}, True),
        ({"scope": "branch"}, True),
        ({"scope": "branch", "customer_id": "hq"}, False),
        ({"scope": "user", "account_id": "u1", "customer_id": "hq"}, True),
        ({"scope": "user", "account_id": "u2"}, False),
        ({"scope": "role", "role": "buyer"}, True),
        ({"scope": "role", "role": "admin"}, False),
        ({"status": "inactive"}, False),
        ({"valid_from": date(2026, 3, 3)}, False),
        ({"valid_to": date(2026, 3, 1)}, False),
    ],
)
def test_a_limit_binds_by_its_scope(fields: dict[str, Any], bound: bool) -> None:
    assert binds(limit(**fields), "branch", "u1", ["buyer"], NOW.date()) is bound


@pytest.mark.parametrize(
    ("period", "zone", "moment", "start"),
    [
        ("day", "UTC", "2026-03-31T23:30:00+00:00", date(2026, 3, 31)),
        ("day", "Europe/Vienna", "2026-03-31T22:30:00+00:00", date(2026, 4, 1)),
        ("month", "Europe/Vienna", "2026-03-31T21:59:59+00:00", date(2026, 3, 1)),
        ("month", "Europe/Vienna", "2026-03-31T22:00:00+00:00", date(2026, 4, 1)),
        ("month", "America/New_York", "2026-04-01T03:59:59+00:00", date(2026, 3, 1)),
        ("week", "UTC", "2026-03-01T12:00:00+00:00", date(2026, 2, 23)),
        ("quarter", "UTC", "2026-06-30T12:00:00+00:00", date(2026, 4, 1)),
        ("year", "Pacific/Auckland", "2026-12-31T11:30:00+00:00", date(2027, 1, 1)),
        ("none", "UTC", "2026-12-31T11:30:00+00:00", date(1970, 1, 1)),
        # Vienna's clocks go forward at 01:00 UTC on 29 March and back at 01:00 UTC on 25 October.
        ("day", "Europe/Vienna", "2026-03-28T22:59:59+00:00", date(2026, 3, 28)),
        ("day", "Europe/Vienna", "2026-03-28T23:00:00+00:00", date(2026, 3, 29)),
        ("day", "Europe/Vienna", "2026-03-29T21:59:59+00:00", date(2026, 3, 29)),
        ("day", "Europe/Vienna", "2026-03-29T22:00:00+00:00", date(2026, 3, 30)),
        ("day", "Europe/Vienna", "2026-10-25T22:59:59+00:00", date(2026, 10, 25)),
        ("day", "Europe/Vienna", "2026-10-25T23:00:00+00:00", date(2026, 10, 26)),
    ],
)
def test_periods_begin_by_the_company_s_own_clocks(period: str, zone: str, moment: str, start: date) -> None:
    assert period_start(period, zone, datetime.fromisoformat(moment)) == start


def test_the_most_restrictive_of_what_is_exceeded_wins() -> None:
    def said(action: Any, exceeded: bool = True) -> Verdict:
        return Verdict("l", "L", action, 0, exceeded)

    assert strictest([said("warn"), said("require_approval"), said("block", exceeded=False)]) == "require_approval"
    assert strictest([said("warn"), said("block")]) == "block"
    assert strictest([said("block", exceeded=False)]) is None


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"scope": "user"}, "/account_id"),
        ({"role": "buyer"}, "/role"),
        ({"kind": "per_order"}, "/period"),
        ({"period": None}, "/period"),
        ({"kind": "qty_per_sku"}, "/amount"),
        ({"quantity": 3}, "/quantity"),
        ({"zone": "Mars/Olympus"}, "/time_zone"),
        ({"valid_from": date(2026, 3, 2), "valid_to": date(2026, 3, 1)}, "/valid_to"),
    ],
)
def test_parts_of_a_limit_that_do_not_fit_are_refused(fields: dict[str, Any], pointer: str) -> None:
    with pytest.raises(LimitUnsuitable) as refused:
        check_limit(limit(**fields))
    assert refused.value.errors[0].pointer == pointer
