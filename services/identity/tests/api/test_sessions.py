"""Signing in, refreshing, signing out."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, published
from common.tokens import Verifier
from identity.domain.permissions import BUILT_IN
from identity.tests.rig import PASSWORD, People, Signed, World
from identity.use_cases import attempts


def test_signing_in_gives_tokens_that_every_service_believes(
    service: Service, people: People, sign_in: Callable[..., Signed]
) -> None:
    account = people.staff("viewer")
    signed = sign_in(account)
    principal = Verifier.from_pem(service.settings.identity_public_key).principal(signed.tokens["access_token"])
    assert principal.account_id == account.id
    assert principal.kind == "staff"
    assert principal.permissions == BUILT_IN["viewer"][1]
    assert 0 < signed.tokens["expires_in"] <= 300


def test_a_user_name_may_be_typed_in_any_case(people: People, client: Client) -> None:
    account = people.staff("viewer")
    assert account.username
    answer = client.post("/sessions", json={"username": f" {account.username.upper()} ", "password": PASSWORD})
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("status", ["invited", "disabled"])
def test_wrong_passwords_unknown_names_and_disabled_accounts_get_the_same_answer(
    people: People, client: Client, status: str
) -> None:
    active = people.staff("viewer")
    reason = {"disabled_reason": "manual"} if status == "disabled" else {}
    off = people.staff("viewer", status=status, **reason)
    answers = [
        client.post("/sessions", json={"username": name, "password": password})
        for name, password in (
            (active.username, "wrong horse battery"),
            (f"nobody-{new_id()}", PASSWORD),
            (off.username, PASSWORD),
            (active.username, "short"),
        )
    ]
    told = [{name: value for name, value in answer.get_json().items() if name != "instance"} for answer in answers]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert all(one == told[0] for one in told)
    assert told[0]["code"] == "identity.credentials_refused"


@pytest.mark.parametrize("password", ["x" * 1_000_000, "with a \x00 inside it"])
def test_passwords_that_no_account_can_have_are_refused_before_they_cost(client: Client, password: str) -> None:
    answer = client.post("/sessions", json={"username": "ada", "password": password})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/password"


def blocked(service: Service, counter: attempts.Counter) -> None:
    """As after many failures; the waits themselves are tested as a rule, without a clock."""
    with service.db.transaction() as session:
        tried = text("INSERT INTO attempts VALUES (:key, 90, now(), now() + interval '10 minutes')")
        session.execute(tried, {"key": counter.key})


def test_a_success_forgets_the_failures_of_an_account(people: People, client: Client, service: Service) -> None:
    account = people.staff("viewer")

    def attempt(password: str) -> int:
        body = {"username": account.username, "password": password}
        return client.post("/sessions", json=body, headers={"X-Client-Address": "192.0.2.11"}).status_code

    assert [attempt("wrong horse battery") for _ in range(4)] == [401] * 4
    assert attempt(PASSWORD) == 201
    with service.db.transaction() as session:
        key = attempts.of_account(account.username).key
        assert session.execute(text("SELECT 1 FROM attempts WHERE key = :key"), {"key": key}).first() is None


def test_a_throttled_account_is_refused_with_the_right_password_too(
    people: People, client: Client, service: Service
) -> None:
    account = people.staff("viewer")
    blocked(service, attempts.of_account(account.username))
    body = {"username": account.username, "password": PASSWORD}
    answer = client.post("/sessions", json=body, headers={"X-Client-Address": "192.0.2.12"})
    assert (answer.status_code, answer.get_json()["code"]) == (429, "identity.login_throttled")
    assert int(answer.headers["Retry-After"]) >= 1


def test_one_address_that_tries_many_names_is_throttled(service: Service, client: Client) -> None:
    blocked(service, attempts.of_address("192.0.2.77"))
    body = {"username": f"nobody-{new_id()}", "password": "wrong horse"}
    assert client.post("/sessions", json=body, headers={"X-Client-Address": "192.0.2.77"}).status_code == 429
    assert client.post("/sessions", json=body, headers={"X-Client-Address": "192.0.2.78"}).status_code == 401


def test_a_refresh_token_is_good_for_one_use(people: People, client: Client, sign_in: Callable[..., Signed]) -> None:
    signed = sign_in(people.staff("viewer"))
    second = client.post("/sessions/refresh", json={"refresh_token": signed.tokens["refresh_token"]})
    third = client.post("/sessions/refresh", json={"refresh_token": second.get_json()["refresh_token"]})
    assert [second.status_code, third.status_code] == [201, 201]


def test_using_a_refresh_token_twice_ends_the_session(
    service: Service, people: People, client: Client, sign_in: Callable[..., Signed]
) -> None:
    account = people.staff("viewer")
    signed = sign_in(account)
    first = {"refresh_token": signed.tokens["refresh_token"]}
    second = client.post("/sessions/refresh", json=first).get_json()
    assert client.post("/sessions/refresh", json=first).get_json()["code"] == "identity.refresh_refused"
    assert client.post("/sessions/refresh", json={"refresh_token": second["refresh_token"]}).status_code == 401
    assert signed.sid in people.revoked()
    ended = published(service.db, "identity.session.ended.v1")[-1]
    assert ended.data["reason"] == "refresh_reused"
    assert ended.data["account_id"] == account.id


@pytest.mark.parametrize("token", ["", "x", "atrr_x.y", "a.b.c", "\u00e9"])
def test_refresh_tokens_that_are_not_ours_are_refused(client: Client, token: str) -> None:
    assert client.post("/sessions/refresh", json={"refresh_token": token}).status_code in {401, 422}


def test_signing_out_ends_the_session_and_its_access_tokens(
    people: People, client: Client, sign_in: Callable[..., Signed]
) -> None:
    signed = sign_in(people.staff("viewer"))
    assert signed.client.delete("/sessions/current").status_code == 204
    assert signed.sid in people.revoked()
    assert client.post("/sessions/refresh", json={"refresh_token": signed.tokens["refresh_token"]}).status_code == 401


def test_everybody_sees_and_ends_their_own_sessions_only(people: People, sign_in: Callable[..., Signed]) -> None:
    account = people.staff("viewer")
    mine, other = sign_in(account), sign_in(account)
    stranger = sign_in(people.staff("viewer"))
    listed = mine.client.get("/sessions").get_json()["items"]
    assert [one["current"] for one in listed] == [False, True]
    assert mine.client.get("/sessions?limit=1").get_json()["next_cursor"]
    assert stranger.client.delete(f"/sessions/{listed[0]['id']}").status_code == 404
    assert mine.client.delete(f"/sessions/{listed[0]['id']}").status_code == 204
    assert other.sid in people.revoked()
    assert mine.sid not in people.revoked()


def test_each_sign_in_is_a_session_of_its_own(people: People, sign_in: Callable[..., Signed]) -> None:
    account = people.staff("viewer")
    assert sign_in(account).sid != sign_in(account).sid


def test_a_portal_account_signs_in_for_its_customer(
    service: Service, people: People, world: World, sign_in: Callable[..., Signed]
) -> None:
    customer = world.customer()
    signed = sign_in(people.portal(customer, "finance"))
    principal = Verifier.from_pem(service.settings.identity_public_key).principal(signed.tokens["access_token"])
    codes = [
        *("assets.view", "billing.view", "customers.view", "documents.view", "listings.view", "orders.view"),
        *("portal_settings.view", "prices.view", "stock.view", "tasks.edit", "tasks.view"),
    ]
    assert principal.grants == {customer: set(codes)}
    me = signed.client.get("/internal/me").get_json()
    own = {"id": customer, "name": "Alderwick Clinics", "roles": ["finance"], "role": "finance", "permissions": codes}
    assert me["customers"] == [own]
    assert me["account"]["kind"] == "portal"


def test_a_grant_for_the_branches_reaches_them_and_only_them(
    service: Service, people: People, world: World, sign_in: Callable[..., Signed]
) -> None:
    hq = world.customer()
    branch = world.customer(parent_id=hq)
    site = world.customer(parent_id=branch)
    other = world.customer()
    world.accepts(branch)
    world.accepts(site)
    signed = sign_in(people.portal(branch, "buyer", subtree=True))
    principal = Verifier.from_pem(service.settings.identity_public_key).principal(signed.tokens["access_token"])
    assert set(principal.customer_ids or ()) == {branch, site}
    assert not {hq, other} & set(principal.customer_ids or ())


def test_internal_me_tells_staff_their_permissions(administrator: Signed) -> None:
    me = administrator.client.get("/internal/me").get_json()
    assert "accounts.manage" in me["permissions"]
    assert me["customers"] == []
    assert me["account"]["roles"] == ["administrator"]
