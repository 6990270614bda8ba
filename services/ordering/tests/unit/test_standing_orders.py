"""The life of a standing order, and the days that follow each other."""

from datetime import date
from typing import Any

import pytest

from ordering.domain.standing_orders import COMMANDS, STATUSES, TRANSITIONS, after, check_rhythm, following, resumed
from ordering.errors.standing_orders import StandingOrderStatus, StandingOrderUnsuitable

TODAY = date(2026, 3, 2)


def standing(**fields: Any) -> dict[str, Any]:
    plain = {"status": "active", "every": 1, "unit": "months", "starts_on": date(2026, 1, 31)}
    return plain | {"next_on": date(2026, 2, 28), "ends_on": None, "last_on": None} | fields


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_leads_on_or_is_refused_with_what_is_possible(status: str, command: str) -> None:
    to = TRANSITIONS[status].get(command)
    if to is not None:
        assert after(status, command) == to
        return
    with pytest.raises(StandingOrderStatus) as refused:
        after(status, command)
    assert refused.value.facts["commands"] == sorted(TRANSITIONS[status])


def test_the_next_day_follows_or_it_ends_after_its_last() -> None:
    assert following(standing()) == {"next_on": date(2026, 3, 31)}
    assert following(standing(ends_on=date(2026, 3, 31))) == {"next_on": date(2026, 3, 31)}
    assert following(standing(ends_on=date(2026, 3, 30))) == {"status": "ended", "next_on": None}


def test_days_of_a_pause_are_left_out() -> None:
    weekly = standing(status="paused", unit="weeks", starts_on=date(2026, 1, 5), next_on=date(2026, 1, 12))
    assert resumed(weekly, TODAY) == {"status": "active", "next_on": TODAY}
    assert resumed(weekly, date(2026, 3, 3)) == {"status": "active", "next_on": date(2026, 3, 9)}
    assert resumed(weekly, date(2026, 1, 6)) == {"status": "active"}
    assert resumed(weekly | {"ends_on": date(2026, 2, 1)}, TODAY) == {"status": "ended", "next_on": None}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"next_on": date(2026, 3, 1)}, "/next_on"),
        ({"next_on": TODAY, "last_on": TODAY}, "/next_on"),
        ({"next_on": TODAY, "ends_on": date(2026, 3, 1)}, "/ends_on"),
    ],
)
def test_days_that_do_not_fit_are_named(fields: dict[str, Any], pointer: str) -> None:
    with pytest.raises(StandingOrderUnsuitable) as refused:
        check_rhythm(standing(**fields), TODAY)
    assert [error.pointer for error in refused.value.errors] == [pointer]
