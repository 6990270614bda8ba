"""When somebody last entered a password: told by every access token, renewed by entering it again."""

import time
from collections.abc import Callable

import pyotp
import pytest
from sqlalchemy import text

from common.service import Service
from common.testing import Client
from common.tokens import Principal, Verifier
from identity.tests.rig import PASSWORD, People, Signed

PATH = "/sessions/current/authentication"
Reader = Callable[[str], Principal]


@pytest.fixture
def read(service: Service) -> Reader:
    """What a token says."""
    return Verifier.from_pem(service.settings.identity_public_key).principal


def grown_old(service: Service, sid: str) -> int:
    """Puts the sign-in of a session an hour back; returns when it is then."""
    moved = "UPDATE sessions SET authenticated_at = authenticated_at - interval '1 hour' WHERE sid = :sid"
    with service.db.transaction() as session:
        at = session.execute(text(f"{moved} RETURNING authenticated_at"), {"sid": sid}).scalar_one()
    return int(at.timestamp())


def test_a_refresh_does_not_make_a_sign_in_younger(
    service: Service, people: People, client: Client, sign_in: Callable[..., Signed], read: Reader
) -> None:
    signed = sign_in(people.staff("viewer"))
    assert (read(signed.tokens["access_token"]).authenticated_at or 0) > time.time() - 60
    then = grown_old(service, signed.sid)
    answer = client.post("/sessions/refresh", json={"refresh_token": signed.tokens["refresh_token"]})
    assert read(answer.get_json()["access_token"]).authenticated_at == then


def test_entering_the_password_again_makes_the_session_young(
    service: Service, people: People, client: Client, sign_in: Callable[..., Signed], read: Reader
) -> None:
    signed = sign_in(people.staff("viewer"))
    then = grown_old(service, signed.sid)
    answer = signed.client.post(PATH, json={"password": PASSWORD})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.get_json()) == {"access_token", "token_type", "expires_in"}
    principal = read(answer.get_json()["access_token"])
    assert principal.session_id == signed.sid
    assert (principal.authenticated_at or 0) > then
    refreshed = client.post("/sessions/refresh", json={"refresh_token": signed.tokens["refresh_token"]})
    assert read(refreshed.get_json()["access_token"]).authenticated_at == principal.authenticated_at


def test_a_wrong_password_changes_nothing_and_is_counted(
    service: Service, people: People, sign_in: Callable[..., Signed]
) -> None:
    signed = sign_in(people.staff("viewer"))
    then = grown_old(service, signed.sid)
    answers = [signed.client.post(PATH, json={"password": "wrong horse battery"}) for _ in range(8)]
    assert [answer.get_json()["code"] for answer in answers[:5]] == ["identity.password_wrong"] * 5
    assert 429 in [answer.status_code for answer in answers[5:]]
    with service.db.transaction() as session:
        kept = session.execute(text("SELECT authenticated_at FROM sessions WHERE sid = :sid"), {"sid": signed.sid})
        assert int(kept.scalar_one().timestamp()) == then


def test_where_a_second_factor_is_on_its_code_is_asked_for_too(
    people: People, sign_in: Callable[..., Signed], read: Reader
) -> None:
    signed = sign_in(people.staff("viewer"))
    begun = signed.client.post("/me/second-factor", json={"password": PASSWORD}).get_json()
    totp = pyotp.TOTP(begun["secret"])
    confirmed = signed.client.post("/me/second-factor/confirmation", json={"code": totp.now()}).get_json()

    def attempt(**more: str) -> str:
        answer = signed.client.post(PATH, json={"password": PASSWORD} | more)
        return "fresh" if answer.status_code == 201 else answer.get_json()["code"]

    assert attempt() == "identity.second_factor_required"
    assert attempt(code="000000") == "identity.second_factor_refused"
    assert attempt(code=confirmed["recovery_codes"][0]) == "fresh"


def test_a_session_that_has_ended_is_not_revived(people: People, sign_in: Callable[..., Signed]) -> None:
    signed = sign_in(people.staff("viewer"))
    assert signed.client.delete("/sessions/current").status_code == 204
    answer = signed.client.post(PATH, json={"password": PASSWORD})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "identity.refresh_refused")
