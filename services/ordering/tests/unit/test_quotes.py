"""The life of a quote, and when it may be sent or accepted."""

from datetime import date, timedelta

import pytest

from ordering.domain.quotes import COMMANDS, STATUSES, TRANSITIONS, after, check_acceptance, check_sending
from ordering.errors.quotes import QuoteExpired, QuoteStatus, QuoteUnsuitable

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_leads_on_or_is_refused_with_what_is_possible(status: str, command: str) -> None:
    to = TRANSITIONS[status].get(command)
    if to is not None:
        assert after(status, command) == to
        return
    with pytest.raises(QuoteStatus) as refused:
        after(status, command)
    assert refused.value.facts["commands"] == sorted(TRANSITIONS[status])


def test_only_a_quote_that_was_sent_is_accepted_and_what_is_accepted_stays_so() -> None:
    assert [status for status in STATUSES if "accept" in TRANSITIONS[status]] == ["sent"]
    assert TRANSITIONS["accepted"] == {}


def test_it_is_sent_with_prices_and_a_day_to_come() -> None:
    priced = {"name": "Chai", "unit_price_minor": 1}
    check_sending([priced], TODAY, TODAY)
    with pytest.raises(QuoteUnsuitable) as refused:
        check_sending([priced, priced | {"unit_price_minor": None}], TODAY - timedelta(days=1), TODAY)
    assert [error.pointer for error in refused.value.errors] == ["/lines/1/unit_price", "/valid_until"]


def test_it_is_accepted_up_to_its_last_day() -> None:
    check_acceptance(TODAY, TODAY)
    with pytest.raises(QuoteExpired):
        check_acceptance(TODAY - timedelta(days=1), TODAY)
