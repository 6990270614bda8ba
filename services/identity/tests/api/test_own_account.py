"""One's own password and second factor; resets."""

import time
from collections.abc import Callable

import pyotp
import pytest

from common.service import Service
from common.testing import Client, client_for, published
from identity.tests.rig import PASSWORD, People, Signed

NEW = "another fine password"


def test_changing_the_password_ends_the_other_sessions(
    people: People, client: Client, sign_in: Callable[..., Signed]
) -> None:
    account = people.staff("viewer")
    mine, other = sign_in(account), sign_in(account)
    body = {"current_password": PASSWORD, "password": NEW}
    assert mine.client.put("/me/password", json=body).status_code == 204
    assert other.sid in people.revoked()
    assert mine.sid not in people.revoked()
    assert client.post("/sessions", json={"username": account.username, "password": PASSWORD}).status_code == 401
    sign_in(account, NEW)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"current_password": "wrong horse battery", "password": NEW}, 403, "identity.password_wrong"),
        ({"current_password": PASSWORD, "password": "short"}, 422, "identity.password_weak"),
        ({"password": NEW}, 422, "validation_failed"),
        ({"current_password": PASSWORD, "password": NEW, "role": "administrator"}, 422, "validation_failed"),
    ],
)
def test_password_changes_that_are_refused(
    people: People, sign_in: Callable[..., Signed], body: dict[str, str], status: int, code: str
) -> None:
    answer = sign_in(people.staff("viewer")).client.put("/me/password", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_a_stolen_access_token_cannot_guess_the_password(people: People, sign_in: Callable[..., Signed]) -> None:
    signed = sign_in(people.staff("viewer"))
    body = {"current_password": "wrong horse battery", "password": NEW}
    statuses = [signed.client.put("/me/password", json=body).status_code for _ in range(8)]
    assert statuses[:5] == [403] * 5
    assert 429 in statuses[5:]


def set_up(signed: Signed) -> tuple[pyotp.TOTP, list[str]]:
    begun = signed.client.post("/me/second-factor", json={"password": PASSWORD}).get_json()
    assert begun["uri"].startswith("otpauth://totp/")
    totp = pyotp.TOTP(begun["secret"])
    confirmed = signed.client.post("/me/second-factor/confirmation", json={"code": totp.now()})
    assert confirmed.status_code == 201, confirmed.text
    return totp, confirmed.get_json()["recovery_codes"]


def test_with_a_second_factor_the_password_is_not_enough(
    service: Service, people: People, client: Client, sign_in: Callable[..., Signed]
) -> None:
    account = people.staff("viewer")
    signed = sign_in(account)
    totp, recovery = set_up(signed)
    body = {"username": account.username, "password": PASSWORD}

    def attempt(**more: str) -> str:
        answer = client.post("/sessions", json=body | more)
        return "in" if answer.status_code == 201 else answer.get_json()["code"]

    assert attempt() == "identity.second_factor_required"
    assert attempt(code="000000") == "identity.second_factor_refused"
    # The code that confirmed is used up; the next one is tolerated a little early, and once.
    following = totp.at(int(time.time()) + 30)
    assert attempt(code=following) == "in"
    assert attempt(code=following) == "identity.second_factor_refused"
    assert attempt(code=recovery[0]) == "in"
    assert attempt(code=recovery[0]) == "identity.second_factor_refused"
    assert len(recovery) == 10
    last = published(service.db, "identity.account.updated.v1")[-1]
    assert last.data["changes"] == [{"path": "second_factor", "label": "Second factor", "before": "off", "after": "on"}]


def test_the_second_factor_is_removed_with_the_password(people: People, sign_in: Callable[..., Signed]) -> None:
    account = people.staff("viewer")
    signed = sign_in(account)
    set_up(signed)
    again = signed.client.post("/me/second-factor", json={"password": PASSWORD})
    assert (again.status_code, again.get_json()["code"]) == (409, "identity.second_factor_state")
    assert signed.client.delete("/me/second-factor", json={"password": "wrong horse battery"}).status_code == 403
    assert signed.client.delete("/me/second-factor", json={"password": PASSWORD}).status_code == 204
    sign_in(account)


def test_a_second_factor_counts_only_when_confirmed(people: People, sign_in: Callable[..., Signed]) -> None:
    account = people.staff("viewer")
    signed = sign_in(account)
    assert signed.client.post("/me/second-factor/confirmation", json={"code": "123456"}).status_code == 409
    signed.client.post("/me/second-factor", json={"password": PASSWORD})
    assert signed.client.post("/me/second-factor/confirmation", json={"code": "abcdef"}).status_code == 401
    sign_in(account)


def test_an_administrator_helps_somebody_who_lost_everything(
    people: People, client: Client, administrator: Signed, sign_in: Callable[..., Signed]
) -> None:
    account = people.staff("viewer")
    signed = sign_in(account)
    set_up(signed)
    assert client.post("/password-resets", json={"username": account.username}).status_code == 202
    requests = administrator.client.get("/password-resets").get_json()["items"]
    assert account.id in {one["account_id"] for one in requests}

    assert administrator.client.delete(f"/accounts/{account.id}/second-factor").status_code == 204
    link = administrator.client.post(f"/accounts/{account.id}/password-reset").get_json()
    assert client.post(link["accept_path"], json={"password": NEW}).status_code == 204
    assert signed.sid in people.revoked()
    sign_in(account, NEW)
    again = client.post(link["accept_path"], json={"password": NEW})
    assert (again.status_code, again.get_json()["code"]) == (404, "identity.link_invalid")
    left = administrator.client.get("/password-resets").get_json()["items"]
    assert account.id not in {one["account_id"] for one in left}


def test_asking_for_a_new_password_never_tells_who_exists(people: People, client: Client) -> None:
    answers = [
        client.post("/password-resets", json={"username": name}) for name in (people.staff("viewer").username, "nobody")
    ]
    assert [(answer.status_code, answer.get_json()) for answer in answers] == [(202, {})] * 2


def test_a_reset_link_unlocks_a_locked_account(
    people: People, client: Client, administrator: Signed, sign_in: Callable[..., Signed]
) -> None:
    account = people.staff("viewer", status="disabled", disabled_reason="locked")
    link = administrator.client.post(f"/accounts/{account.id}/password-reset").get_json()
    assert client.post(link["accept_path"], json={"password": NEW}).status_code == 204
    sign_in(account, NEW)


def test_nobody_gets_a_reset_link_for_an_account_that_is_off(people: People, administrator: Signed) -> None:
    account = people.staff("viewer", status="disabled", disabled_reason="manual")
    assert administrator.client.post(f"/accounts/{account.id}/password-reset").status_code == 409


@pytest.mark.parametrize("token", ["%00", "%ED%A0%80", "x" * 3000, "..%2f..", "' OR 1=1"])
def test_links_that_are_not_ours_are_not_found(client: Client, token: str) -> None:
    for answer in (
        client.get(f"/invitations/{token}"),
        client.post(f"/invitations/{token}/acceptance", json={"password": NEW}),
        client.post(f"/password-resets/{token}/completion", json={"password": NEW}),
    ):
        assert answer.status_code == 404


def test_a_signed_in_client_needs_its_token(service: Service) -> None:
    client = client_for(service)
    assert client.get("/sessions").status_code == 401
    assert client.put("/me/password", json={}).status_code == 401
