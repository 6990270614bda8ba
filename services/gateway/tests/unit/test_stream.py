"""Live events reach those who may see them, in order, once, and nobody else."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from common.testing import TestTokens
from gateway import stream
from gateway.clients.overview import Arrivals
from gateway.errors import StreamFull
from gateway.sessions import Caller, News, Revocations
from gateway.stream import Stream, may_see

CUSTOMER, OTHER = "01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"


class Overview:
    """Arrivals in memory, with a real wait for the next one."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.changed = threading.Condition()

    def arrive(self, customer_id: str | None = CUSTOMER, **more: Any) -> None:
        with self.changed:
            number = len(self.items) + 1
            item = {"number": number, "customer_id": customer_id, "type": "customer.customer.updated.v1"}
            self.items.append(item | {"visibility": "portal"} | more)
            self.changed.notify_all()

    def ask(self, _token: str, after: int, wait: float) -> Arrivals:
        with self.changed:
            if after < 0:
                return Arrivals([], len(self.items), False)
            self.changed.wait_for(lambda: len(self.items) > after, min(wait, 0.2))
            return Arrivals(self.items[after:], max(after, len(self.items)), False)


@pytest.fixture
def overview() -> Overview:
    return Overview()


@pytest.fixture
def revocations() -> Revocations:
    return Revocations(lambda _: News("2", frozenset({"ended"})))


@pytest.fixture
def live(overview: Overview, revocations: Revocations, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stream]:
    monkeypatch.setattr(stream, "_LOOK_EVERY", 0.05)
    made = Stream(overview.ask, revocations, most_clients=2)
    yield made
    made.stop()


def caller(tokens: TestTokens, token: str) -> Caller:
    return Caller(tokens.verifier.principal(token), token)


def numbers(lines: Iterator[bytes], count: int) -> list[int]:
    found: list[int] = []
    while len(found) < count:
        line = next(lines)
        if line.startswith(b"id: "):
            found.append(int(line.split(b"\n")[0][4:]))
    return found


def test_what_arrives_after_connecting_is_told_in_order(tokens: TestTokens, overview: Overview, live: Stream) -> None:
    overview.arrive()
    lines = live.open(caller(tokens, tokens.staff(["customers.view"])), None)
    assert next(lines) == b"retry: 2000\n\n"

    overview.arrive()
    overview.arrive()

    assert numbers(lines, 2) == [2, 3]


def test_a_client_that_comes_back_gets_what_it_missed_once(
    tokens: TestTokens, overview: Overview, live: Stream
) -> None:
    for _ in range(5):
        overview.arrive()
    lines = live.open(caller(tokens, tokens.staff(["customers.view"])), 2)
    missed = numbers(lines, 3)
    overview.arrive()

    assert [*missed, *numbers(lines, 1)] == [3, 4, 5, 6]


def test_a_portal_account_hears_of_its_own_customers_only(tokens: TestTokens, overview: Overview, live: Stream) -> None:
    lines = live.open(caller(tokens, tokens.portal({CUSTOMER: ["customers.view"]})), None)
    next(lines)

    overview.arrive(OTHER)
    overview.arrive(CUSTOMER, visibility="internal")
    overview.arrive(None)
    overview.arrive(CUSTOMER)

    assert numbers(lines, 1) == [4]


def test_staff_hear_what_their_permissions_show(tokens: TestTokens) -> None:
    def sees(permissions: list[str], **item: Any) -> bool:
        principal = tokens.verifier.principal(tokens.staff(permissions))
        return may_see(principal, {"customer_id": None, "visibility": "internal", "type": "x.y.z.v1"} | item)

    assert sees(["customers.view"], customer_id=CUSTOMER)
    assert not sees([], customer_id=CUSTOMER)
    assert not sees(["customers.view"], type="identity.account.created.v1")
    assert sees(["accounts.view"], type="identity.account.created.v1")
    assert sees(["portal_settings.view"], type="portal-settings.scope.changed.v1")
    restricted = {"customer_id": CUSTOMER, "visibility": "restricted", "needs": ["documents.restricted"]}
    assert not sees(["customers.view"], **restricted)
    assert sees(["customers.view", "documents.restricted"], **restricted)


def test_it_ends_when_the_session_ends(tokens: TestTokens, revocations: Revocations, live: Stream) -> None:
    lines = live.open(caller(tokens, tokens.staff(["customers.view"], sid="ended")), None)
    next(lines)

    revocations.listen_once()

    assert list(lines) == []


def test_it_ends_when_the_token_expires(tokens: TestTokens, live: Stream) -> None:
    lines = live.open(caller(tokens, tokens.staff(["customers.view"], exp=int(time.time()) + 1)), None)

    assert list(lines) == [b"retry: 2000\n\n"]


def test_a_quiet_connection_is_kept_alive(tokens: TestTokens, live: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.1)
    lines = live.open(caller(tokens, tokens.staff(["customers.view"])), None)
    next(lines)

    assert next(lines).startswith(b":")


def test_no_more_clients_than_threads_for_them(tokens: TestTokens, live: Stream) -> None:
    who = caller(tokens, tokens.staff(["customers.view"]))
    opened = [live.open(who, None) for _ in range(2)]
    for lines in opened:
        next(lines)

    with pytest.raises(StreamFull):
        live.open(who, None)
    opened[0].close()  # type: ignore[attr-defined]
    live.open(who, None)
