"""Ended sessions are refused, silence is noticed, and API tokens are exchanged no more often than needed."""

from collections.abc import Iterator

import pytest

from common.testing import TestTokens, eventually
from common.tokens import TokenRefused
from gateway.errors import ServiceUnavailable, SessionRevoked, SessionsUnknown
from gateway.sessions import News, Revocations, Sessions


class Identity:
    """Answers what it was given, then is silent."""

    def __init__(self, *news: News) -> None:
        self.news: Iterator[News] = iter(news)
        self.asked: list[str] = []
        self.exchanges = 0
        self.access_token = ""

    def ask(self, known: str) -> News:
        self.asked.append(known)
        for news in self.news:
            return news
        raise ServiceUnavailable("silent")

    def exchange(self, api_token: str) -> str:
        self.exchanges += 1
        if api_token == "atr_gone":
            raise TokenRefused("gone")
        return self.access_token


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_session_is_refused_from_the_moment_its_end_is_known(tokens: TestTokens) -> None:
    identity = Identity(News("1"), News("2", frozenset({"s-1"})))
    revocations = Revocations(identity.ask)
    principal = tokens.verifier.principal(tokens.staff(sid="s-1"))

    revocations.listen_once()
    revocations.refuse_ended(principal)
    revocations.listen_once()

    with pytest.raises(SessionRevoked):
        revocations.refuse_ended(principal)
    assert identity.asked == ["", "1"]


def test_each_answer_replaces_what_was_known_before(tokens: TestTokens) -> None:
    revocations = Revocations(Identity(News("1", frozenset("ab")), News("2", frozenset("bc"))).ask)
    principals = {sid: tokens.verifier.principal(tokens.staff(sid=sid)) for sid in "abc"}

    revocations.listen_once()
    revocations.listen_once()

    assert [sid for sid, principal in principals.items() if revocations.ended(principal)] == ["b", "c"]


def test_writes_wait_for_the_first_news_and_stop_after_ten_seconds_of_silence() -> None:
    clock = Time()
    revocations = Revocations(Identity(News("1")).ask, clock)
    with pytest.raises(SessionsUnknown):
        revocations.refuse_unknown()

    revocations.listen_once()
    clock.now += 9.9
    revocations.refuse_unknown()
    clock.now += 0.2
    with pytest.raises(SessionsUnknown):
        revocations.refuse_unknown()


def test_listening_goes_on_after_silence() -> None:
    identity = Identity()
    revocations = Revocations(identity.ask)
    revocations.start()
    try:
        eventually(lambda: len(identity.asked) >= 2)
        identity.news = iter([News("1")])
        eventually(lambda: revocations.ready)
    finally:
        revocations.stop()


def test_an_api_token_is_exchanged_once_in_thirty_seconds(tokens: TestTokens) -> None:
    identity, clock = Identity(), Time()
    identity.access_token = tokens.staff(kind="api")
    sessions = Sessions(tokens.verifier, Revocations(identity.ask), identity.exchange, clock)

    for _ in range(3):
        assert sessions.caller("Bearer atr_x").token == identity.access_token
    assert identity.exchanges == 1
    clock.now += 30
    sessions.caller("Bearer atr_x")
    assert identity.exchanges == 2


def test_an_ended_access_token_makes_the_api_token_be_exchanged_again(tokens: TestTokens) -> None:
    identity = Identity(News("1"), News("2", frozenset({"old"})))
    identity.access_token = tokens.staff(kind="api", sid="old")
    revocations = Revocations(identity.ask)
    revocations.listen_once()
    sessions = Sessions(tokens.verifier, revocations, identity.exchange, Time())
    sessions.caller("Bearer atr_x")

    revocations.listen_once()
    identity.access_token = tokens.staff(kind="api", sid="new")

    assert sessions.caller("Bearer atr_x").principal.session_id == "new"


def test_an_api_token_that_identity_refuses_is_refused(tokens: TestTokens) -> None:
    identity = Identity()
    sessions = Sessions(tokens.verifier, Revocations(identity.ask), identity.exchange, Time())

    with pytest.raises(TokenRefused):
        sessions.caller("Bearer atr_gone")
