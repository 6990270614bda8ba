"""A service that fails is left alone, then tried by one call at a time."""

from gateway.clients.breaker import Breaker


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def broken() -> tuple[Breaker, Time]:
    time = Time()
    breaker = Breaker(time)
    for _ in range(10):
        breaker.succeeded()
        breaker.failed()
    return breaker, time


def test_it_opens_when_half_of_twenty_calls_failed() -> None:
    breaker, _ = broken()

    assert breaker.wait() == Breaker.PAUSE


def test_few_failures_do_not_open_it() -> None:
    breaker = Breaker(Time())
    for _ in range(19):
        breaker.failed()

    assert breaker.wait() == 0


def test_old_failures_do_not_count() -> None:
    time = Time()
    breaker = Breaker(time)
    for _ in range(19):
        breaker.failed()
    time.now += Breaker.WINDOW + 1
    breaker.failed()

    assert breaker.wait() == 0


def test_after_the_pause_one_call_tries_and_its_success_closes_it() -> None:
    breaker, time = broken()
    time.now += Breaker.PAUSE

    assert breaker.wait() == 0
    assert breaker.wait() > 0
    breaker.succeeded()
    assert breaker.wait() == 0


def test_a_failed_try_leaves_it_open() -> None:
    breaker, time = broken()
    time.now += Breaker.PAUSE
    breaker.wait()
    breaker.failed()

    assert breaker.wait() > 0
