"""Which price a line has: PostgreSQL against an oracle in plain Python, and how long it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from common.db import Scope
from common.ids import new_id
from common.service import Service
from common.testing import deliver
from ordering.errors import CustomerUnknown
from ordering.queries.pricing import price_lines
from ordering.tests.postgres.seeing import a_list, a_listing, a_price
from ordering.tests.told import customer, switches

pytestmark = pytest.mark.postgres

DAY = date(2026, 3, 2)
NEVER, EVER = date.min, date.max


@dataclass(frozen=True)
class Price:
    listing: int
    min_quantity: int
    minor: int
    first: date | None
    last: date | None


@dataclass(frozen=True)
class PriceList:
    kind: str
    target: str | None
    priority: int
    first: date | None
    last: date | None
    currency: str
    prices: Sequence[Price]


def holds(first: date | None, last: date | None, on: date) -> bool:
    return (first or NEVER) <= on <= (last or EVER)


def oracle(lists: Sequence[PriceList], listing: int, quantity: int, on: date, currency: str | None) -> int | None:
    """The price of a unit: list after list, the strongest first, and in the first that has a break for it the highest.
    Lists that are equal in all else are taken the later made first."""
    mine = [
        (("contract", "customer", "group", "standard").index(one.kind), -one.priority, one.first or NEVER, place, one)
        for place, one in enumerate(lists)
        if one.target in (None, "mine") and holds(one.first, one.last, on) and currency in (None, one.currency)
    ]
    mine.sort(key=lambda entry: (entry[0], entry[1], -entry[2].toordinal(), -entry[3]))
    for *_, one in mine:
        fitting = [
            price
            for price in one.prices
            if price.listing == listing and price.min_quantity <= quantity and holds(price.first, price.last, on)
        ]
        if fitting:
            return max(fitting, key=lambda price: (price.min_quantity, price.first or NEVER)).minor
    return None


days = st.none() | st.integers(-3, 3).map(lambda days: DAY + timedelta(days=days))
spans = st.tuples(days, days).map(
    lambda span: span if None in span or span[0] <= span[1] else (span[1], span[0])  # type: ignore[operator]
)
price_of = st.builds(
    lambda listing, least, minor, span: Price(listing, least, minor, *span),
    st.integers(0, 2),
    st.sampled_from([1, 5, 10]),
    st.integers(0, 9_999),
    spans,
)


def _list(kind: str, target: str, priority: int, span: Any, currency: str, held: list[Price]) -> PriceList:
    return PriceList(kind, None if kind == "standard" else target, priority, *span, currency, held)


list_of = st.builds(
    _list,
    st.sampled_from(["standard", "group", "customer", "contract"]),
    st.sampled_from(["mine", "other"]),
    st.integers(0, 2),
    spans,
    st.sampled_from(["EUR", "CHF"]),
    st.lists(price_of, max_size=5, unique_by=lambda price: (price.listing, price.min_quantity, price.first)),
)


@pytest.fixture(scope="module")
def buyer(service: Service) -> dict[str, str]:
    """A customer in a group, which inherits the marketplace, and three listings."""
    ids = {"customer": new_id(), "group": new_id()}
    deliver(service, customer(ids["customer"], group_id=ids["group"]))
    deliver(service, switches("customer", ids["customer"], inherit_global_marketplace="on"))
    with service.db.transaction() as session:
        ids |= {f"listing {number}": a_listing(session)["id"] for number in range(3)}
    return ids


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lists=st.lists(list_of, max_size=6),
    wanted=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 12)), min_size=1, max_size=6),
    on=st.integers(-4, 4).map(lambda days: DAY + timedelta(days=days)),
    currency=st.sampled_from([None, "EUR"]),
)
def test_every_line_has_the_price_that_the_oracle_says(
    service: Service,
    buyer: dict[str, str],
    lists: list[PriceList],
    wanted: list[tuple[int, int]],
    on: date,
    currency: str | None,
) -> None:
    with service.db.transaction() as session:
        session.execute(text("DELETE FROM prices"))
        session.execute(text("DELETE FROM price_lists"))
        for one in lists:
            own = buyer["group"] if one.kind == "group" else buyer["customer"]
            target = {} if one.target is None else {"target_id": own if one.target == "mine" else new_id()}
            span = {"valid_from": one.first, "valid_to": one.last}
            list_id = a_list(session, one.kind, priority=one.priority, currency=one.currency, **target, **span)
            for price in one.prices:
                span = {"valid_from": price.first, "valid_to": price.last}
                listing_id = buyer[f"listing {price.listing}"]
                a_price(session, list_id, listing_id, price.minor, min_quantity=price.min_quantity, **span)
    pairs = [(buyer[f"listing {listing}"], quantity) for listing, quantity in wanted]
    with service.db.transaction(Scope((buyer["customer"],))) as session:
        lines = price_lines(session, buyer["customer"], pairs, on, currency=currency)
    assert [(line.listing_id, line.quantity) for line in lines] == pairs
    found = [line.unit_price_minor for line in lines]
    assert found == [oracle(lists, listing, quantity, on, currency) for listing, quantity in wanted]


def test_a_customer_that_there_is_not_has_no_prices(service: Service, buyer: dict[str, str]) -> None:
    with service.db.transaction() as session, pytest.raises(CustomerUnknown):
        price_lines(session, new_id(), [(buyer["listing 0"], 1)], DAY)
    with service.db.transaction(Scope((new_id(),))) as session, pytest.raises(CustomerUnknown):
        price_lines(session, buyer["customer"], [(buyer["listing 0"], 1)], DAY)
