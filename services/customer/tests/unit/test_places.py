"""The rules of properties, assignments and location groups, without a database."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer.domain import location_groups
from customer.domain.assignments import Period, free, rewrites_past
from customer.domain.moves import ended_by_moving_in, ended_by_moving_out, refuse_clashes, staying, warnings
from customer.domain.properties import found_by
from customer.errors.location_groups import LocationCycle, LocationTooDeep
from customer.errors.properties import AlreadyAssigned, NotAssigned, PeriodInvalid, PropertyOccupied

FIRST = date(2026, 3, 2)
SPAN = 30


def on(offset: int) -> date:
    return FIRST + timedelta(days=offset)


def days(period: Period) -> set[date]:
    """The days of a period within the span that these tests look at."""
    return {on(n) for n in range(-SPAN, SPAN) if period.holds(on(n))}


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(st.integers(-SPAN + 2, SPAN - 3))
    length = draw(st.none() | st.integers(1, 20))
    return Period(on(start), None if length is None else on(start + length))


def holder(customer: str, role: str, start: int, end: int | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{customer}-{role}-{start}",
        "customer_id": customer,
        "customer_number": customer.upper(),
        "customer_name": customer.title(),
        "role": role,
        "starts_on": on(start),
        "until": None if end is None else on(end),
    } | more


@given(one=periods(), other=periods())
def test_periods_meet_where_they_have_a_day_in_common(one: Period, other: Period) -> None:
    assert one.meets(other) == other.meets(one)
    assert one.meets(other) == bool(days(one) & days(other))


@given(taken=st.lists(periods(), max_size=4), start=st.integers(-10, 10))
def test_what_is_free_and_what_is_taken_make_up_all_days(taken: list[Period], start: int) -> None:
    found = free(taken, on(start))
    assert found == sorted(found, key=lambda each: each.starts_on)
    taken_days = {day for each in taken for day in days(each)}
    assert {day for each in found for day in days(each)} == days(Period(on(start))) - taken_days


@given(period=periods(), today=st.integers(-10, 10))
def test_the_state_follows_the_day(period: Period, today: int) -> None:
    state = period.state(on(today))
    assert (state == "current") == period.holds(on(today))
    assert (state == "planned") == (on(today) < period.starts_on)


def test_a_period_without_a_day_is_refused() -> None:
    for until in (FIRST, FIRST - timedelta(days=1)):
        with pytest.raises(PeriodInvalid) as refused:
            Period(FIRST, until).check()
        assert refused.value.errors[0].pointer == "/to"


PAST = {
    "the end of a past period": (holder("a", "owner", -9, -5), {"until": on(-4)}, True),
    "an end that has passed": (holder("a", "owner", -9), {"until": on(-1)}, True),
    "an ended one that goes on": (holder("a", "owner", -9, -5), {"until": None}, True),
    "a beginning that has passed": (holder("a", "owner", -9), {"starts_on": on(-8)}, True),
    "a role of days that have passed": (holder("a", "owner", -9), {"role": "payer"}, True),
    "an end today": (holder("a", "owner", -9), {"until": on(0)}, False),
    "an end to come": (holder("a", "owner", -9, 5), {"until": on(9)}, False),
    "a beginning to come": (holder("a", "owner", 3), {"starts_on": on(4)}, False),
    "one that begins today": (holder("a", "owner", 0), {"starts_on": on(4)}, False),
    "the role of one to come": (holder("a", "owner", 3), {"role": "payer"}, False),
}


@pytest.mark.parametrize("what", PAST)
def test_the_past_changes_only_with_a_reason(what: str) -> None:
    before, edit, needs_reason = PAST[what]
    assert rewrites_past(before, before | edit, FIRST) is needs_reason


def test_one_occupant_and_any_number_of_others() -> None:
    present = [holder("a", "occupant", -9, 5), holder("b", "owner", -9)]
    refuse_clashes(holder("c", "owner", 0), present)
    refuse_clashes(holder("c", "occupant", 5), present)
    refuse_clashes(holder("a", "occupant", -9, 9), present)  # itself, going on
    with pytest.raises(PropertyOccupied) as refused:
        refuse_clashes(holder("c", "occupant", 4), present)
    assert "A (A) occupies" in refused.value.detail
    assert refused.value.facts["occupant"]["customer_id"] == "a"
    assert refused.value.facts["free"] == [{"from": on(5).isoformat(), "to": None}]
    with pytest.raises(AlreadyAssigned):
        refuse_clashes(holder("b", "owner", 3), present)


def test_who_moves_in_as_occupant_ends_the_one_before_only() -> None:
    present = [holder("a", "occupant", -9), holder("a", "payer", -9), holder("b", "owner", -9)]
    ends = ended_by_moving_in("c", "occupant", on(3), present)
    assert [each["id"] for each in ends] == ["a-occupant--9"]
    stays = staying(on(3), ends, present)
    assert [each["role"] for each in stays] == ["payer", "owner"]
    assert [each["code"] for each in warnings("in", on(3), on(0), ends, stays)] == ["moves_out", "keeps_role"]
    assert ended_by_moving_in("c", "owner", on(3), present) == []


def test_nobody_moves_in_on_the_day_of_another_or_before_one() -> None:
    for start in (3, 9):
        with pytest.raises(PropertyOccupied):
            ended_by_moving_in("c", "occupant", on(3), [holder("b", "occupant", start)])
    with pytest.raises(AlreadyAssigned):
        ended_by_moving_in("b", "occupant", on(3), [holder("b", "occupant", 1)])


def test_moving_out_needs_somebody_who_is_there() -> None:
    present = [holder("a", "occupant", -9, 4)]
    assert ended_by_moving_out("a", "occupant", on(3), present) == present
    for customer, role, when in (("a", "owner", 3), ("b", "occupant", 3), ("a", "occupant", 4), ("a", "occupant", -9)):
        with pytest.raises(NotAssigned):
            ended_by_moving_out(customer, role, on(when), present)
    codes = [each["code"] for each in warnings("out", on(-1), on(0), present, [])]
    assert codes == ["in_the_past", "vacant"]


def test_a_location_group_never_comes_below_itself_nor_too_deep() -> None:
    location_groups.check_place("a", ["b", "c"])
    with pytest.raises(LocationCycle) as ring:
        location_groups.check_place("a", ["b", "a", "c"])
    assert ring.value.facts["path"] == ["a", "b", "a"]
    location_groups.check_place(None, ["x"] * 7)
    with pytest.raises(LocationTooDeep):
        location_groups.check_place("a", ["x"] * 6, height=3)


def test_a_property_is_found_by_folded_words_and_its_whole_number() -> None:
    record = {"number": "P-10/3", "name": "Hôtel d'Été", "city": "Zürich"}
    assert found_by(record) == ["p-10/3", "p", "10", "3", "hotel", "d", "ete", "zurich"]
    assert len(found_by(record | {"name": " ".join(str(n) for n in range(500))})) == 60
