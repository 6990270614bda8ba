"""API tokens: their life, their exchange, and what gateways learn of revocations."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from common.service import Service
from common.testing import Client, client_for, published
from common.tokens import Principal, Verifier
from identity.tests.rig import PASSWORD, People, Signed

SCOPES = ["customers.import", "customers.view"]


@pytest.fixture
def exchange(service: Service, client: Client) -> Callable[[str], Principal | None]:
    """What the gateway gets for an API token, or None."""
    verifier = Verifier.from_pem(service.settings.identity_public_key)

    def exchanged(secret: str) -> Principal | None:
        answer = client.post("/internal/token-exchange", json={"token": secret})
        if answer.status_code != 200:
            assert answer.get_json()["code"] == "identity.api_token_refused"
            return None
        assert answer.get_json()["expires_in"] <= 60
        return verifier.principal(answer.get_json()["access_token"])

    return exchanged


Exchange = Callable[[str], Principal | None]


def create(client: Client, **fields: object) -> dict[str, object]:
    answer = client.post("/api-tokens", json={"name": "Import", "scopes": SCOPES} | fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def test_a_token_acts_as_its_owner_within_its_scopes(administrator: Signed, exchange: Exchange) -> None:
    made = create(administrator.client)
    assert str(made["token"]).startswith("atr_")
    principal = exchange(str(made["token"]))
    assert principal is not None
    assert principal.kind == "api"
    assert principal.account_id == made["account_id"]
    assert principal.permissions == set(SCOPES)


def test_the_secret_is_shown_once_and_stored_only_as_a_hash(administrator: Signed, service: Service) -> None:
    made = create(administrator.client)
    shown = administrator.client.get(f"/api-tokens/{made['id']}").get_json()
    listed = administrator.client.get("/api-tokens").get_json()["items"]
    assert "token" not in shown
    assert str(made["token"]) not in str(listed)
    with service.db.transaction() as session:
        rows = session.execute(text("SELECT t::text FROM api_tokens t")).scalars().all()
    assert not [row for row in rows if str(made["token"]) in row]


def test_a_token_never_exceeds_what_its_owner_may_do_now(
    administrator: Signed, people: People, sign_in: Callable[..., Signed], exchange: Exchange
) -> None:
    owner = people.staff("administrator")
    secret = str(create(sign_in(owner).client)["token"])
    administrator.client.patch(f"/accounts/{owner.id}", json={"roles": ["viewer"]}, version=1)
    principal = exchange(secret)
    assert principal is not None
    assert principal.permissions == {"customers.view"}
    administrator.client.patch(f"/accounts/{owner.id}", json={"status": "disabled"}, version=2)
    assert exchange(secret) is None
    assert principal.session_id in people.revoked()


def test_nobody_makes_a_token_with_scopes_they_do_not_hold(administrator: Signed, people: People, sign_in) -> None:
    answer = administrator.client.post("/api-tokens", json={"name": "x", "scopes": ["no.such"]})
    assert answer.get_json()["code"] == "identity.roles_unknown"
    role = administrator.client.post("/roles", json={"name": "Programs", "permissions": ["api_tokens.manage"]})
    limited = sign_in(people.staff(role.get_json()["code"])).client
    answer = limited.post("/api-tokens", json={"name": "x", "scopes": ["customers.view"]})
    assert answer.get_json()["code"] == "identity.grant_refused"


def test_rotating_lets_the_old_secret_work_for_a_while(administrator: Signed, exchange: Exchange) -> None:
    made = create(administrator.client)
    path = f"/api-tokens/{made['id']}/rotation"
    second = administrator.client.post(path, json={}).get_json()
    assert second["previous_valid_until"]
    assert exchange(str(made["token"]))
    assert exchange(second["token"])
    third = administrator.client.post(path, json={"overlap_seconds": 0}).get_json()
    assert exchange(second["token"]) is None
    assert exchange(str(made["token"])) is None
    assert exchange(third["token"])


def test_revoking_ends_a_token_and_its_access_tokens(
    administrator: Signed, people: People, exchange: Exchange, service: Service
) -> None:
    made = create(administrator.client)
    principal = exchange(str(made["token"]))
    assert principal is not None
    assert administrator.client.delete(f"/api-tokens/{made['id']}").status_code == 204
    assert exchange(str(made["token"])) is None
    assert principal.session_id in people.revoked()
    assert administrator.client.get(f"/api-tokens/{made['id']}").status_code == 404
    assert published(service.db, "identity.api_token.revoked.v1")[-1].version == 2


def test_an_expired_token_is_refused(administrator: Signed, exchange: Exchange, service: Service) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    made = create(administrator.client, expires_at=soon)
    assert exchange(str(made["token"]))
    with service.db.transaction() as session:
        past = text("UPDATE api_tokens SET expires_at = now() - interval '1 second' WHERE id = :id")
        session.execute(past, {"id": made["id"]})
    assert exchange(str(made["token"])) is None


@pytest.mark.parametrize(
    "moment", ["2020-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2040-01-01T00:00:00Z"]
)
def test_an_expiry_that_makes_no_sense_is_refused(administrator: Signed, moment: str) -> None:
    body = {"name": "x", "scopes": ["customers.view"], "expires_at": moment}
    answer = administrator.client.post("/api-tokens", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "identity.expiry_invalid")


@pytest.mark.parametrize("secret", ["atr_", "atr_" + "x" * 43, "é", "' OR 1=1 --"])
def test_unknown_tokens_are_refused(exchange: Exchange, secret: str) -> None:
    assert exchange(secret) is None


def test_tokens_are_changed_by_their_owner_and_version(
    administrator: Signed, people: People, sign_in: Callable[..., Signed], exchange: Exchange
) -> None:
    made = create(administrator.client)
    path = f"/api-tokens/{made['id']}"
    changed = administrator.client.patch(path, json={"scopes": ["customers.view"]}, version=1)
    assert changed.get_json()["scopes"] == ["customers.view"]
    assert administrator.client.patch(path, json={"name": "y"}, version=1).status_code == 412
    principal = exchange(str(made["token"]))
    assert principal is not None
    assert principal.permissions == {"customers.view"}
    other = sign_in(people.staff("administrator"))
    assert other.client.patch(path, json={"name": "z"}, version=2).status_code == 404
    assert other.client.get(path).status_code == 404
    theirs = other.client.get(f"/api-tokens?account_id={made['account_id']}").get_json()["items"]
    assert made["id"] in {one["id"] for one in theirs}
    assert other.client.delete(path).status_code == 204


def test_an_api_token_changes_neither_credentials_nor_tokens(
    service: Service, client: Client, administrator: Signed
) -> None:
    made = create(administrator.client, scopes=["api_tokens.manage", "accounts.manage"])
    access = client.post("/internal/token-exchange", json={"token": made["token"]}).get_json()["access_token"]
    program = client_for(service, access)
    for answer in (
        program.put("/me/password", json={"current_password": "x", "password": "y"}),
        program.post("/me/second-factor", json={"password": "x"}),
        program.delete("/me/second-factor", json={"password": "x"}),
        program.post("/sessions/current/authentication", json={"password": PASSWORD}),
        program.post("/api-tokens", json={"name": "x", "scopes": ["accounts.manage"]}),
        program.post(f"/api-tokens/{made['id']}/rotation", json={}),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (403, "identity.person_required")
    assert program.get("/internal/me").get_json()["permissions"] == ["accounts.manage", "api_tokens.manage"]


def test_an_api_token_cannot_become_its_owner(service: Service, client: Client, administrator: Signed) -> None:
    made = create(administrator.client, scopes=["accounts.view", "accounts.manage"])
    access = client.post("/internal/token-exchange", json={"token": made["token"]}).get_json()["access_token"]
    program, owner = client_for(service, access), made["account_id"]
    for answer in (
        program.post(f"/accounts/{owner}/password-reset"),
        program.delete(f"/accounts/{owner}/second-factor"),
        program.patch(f"/accounts/{owner}", json={"display_name": "X"}, version=1),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (403, "identity.outranked")


def test_gateways_learn_of_revocations(client: Client, people: People, sign_in: Callable[..., Signed]) -> None:
    signed = sign_in(people.staff("viewer"))
    before = client.get("/internal/revocations").get_json()
    assert signed.sid not in before["revoked"]
    signed.client.delete("/sessions/current")
    after = client.get(f"/internal/revocations?known={before['known']}&wait=5").get_json()
    assert signed.sid in after["revoked"]
    assert after["known"] != before["known"]
    same = client.get(f"/internal/revocations?known={after['known']}&wait=0.1").get_json()
    assert same == after


@pytest.mark.parametrize("query", ["wait=26", "wait=-1", "wait=x", "known=" + "x" * 65, "other=1"])
def test_odd_questions_about_revocations_are_refused(client: Client, query: str) -> None:
    assert client.get(f"/internal/revocations?{query}").status_code == 422
