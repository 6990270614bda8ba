"""Each account, address and login has a budget of its own."""

import pytest

from gateway.errors import RateLimited
from gateway.limits import Limits


def test_more_than_the_budget_is_refused_and_told_how_long() -> None:
    limits = Limits(account="2/minute", address="100/minute", logins="1/minute")
    limits.account("a")
    limits.account("a")

    with pytest.raises(RateLimited) as refused:
        limits.account("a")
    assert 1 <= refused.value.facts["retry_after"] <= 60
    limits.account("b")


def test_logins_have_a_stricter_budget_than_requests() -> None:
    limits = Limits(account="100/minute", address="100/minute", logins="1/minute")
    limits.login("10.0.0.1")

    with pytest.raises(RateLimited):
        limits.login("10.0.0.1")
    limits.address("10.0.0.1")
    limits.login("10.0.0.2")
