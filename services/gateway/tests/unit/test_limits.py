"""Each account, address and login has a budget of its own."""

import pytest

from gateway.errors import RateLimited
from gateway.limits import Budget, Limits


class Time:
    now = 600.0

    def __call__(self) -> float:
        return self.now


def test_more_than_the_budget_is_refused_until_the_window_ends() -> None:
    clock = Time()
    budget = Budget("2/minute", clock)
    budget.spend("a")
    clock.now += 10
    budget.spend("a")

    with pytest.raises(RateLimited) as refused:
        budget.spend("a")
    assert refused.value.facts["retry_after"] == 50
    clock.now += 50
    budget.spend("a")


def test_one_caller_does_not_spend_the_budget_of_another() -> None:
    budget = Budget("1/minute", Time())
    budget.spend("a")

    budget.spend("b")


def test_logins_have_a_budget_besides_that_of_requests() -> None:
    limits = Limits(account="100/minute", address="100/minute", logins="1/minute", clock=Time())
    limits.logins.spend("10.0.0.1")

    with pytest.raises(RateLimited):
        limits.logins.spend("10.0.0.1")
    limits.address.spend("10.0.0.1")


@pytest.mark.parametrize("rate", ["", "fast", "10", "10/fortnight", "-1/second"])
def test_a_rate_that_cannot_be_read_is_refused_at_the_start(rate: str) -> None:
    with pytest.raises(ValueError, match="300/second"):
        Budget(rate, Time())
