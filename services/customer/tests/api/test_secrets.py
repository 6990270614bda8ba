"""Stored logins: set, revealed by who may and just entered the password, and found nowhere else."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from customer.tests.conftest import STAFF
from customer.use_cases.vault import Vault

Make = Callable[..., dict[str, Any]]
CANARY = "CANARY-7f3a-hunter2"
LOGIN = {"key": "login", "label": "Login", "type": "secret", "min_length": 3}
HOLDER = ("systems.view", "secrets.reveal", "secrets.edit")


@pytest.fixture
def system(staff: Client, a_customer: Make) -> dict[str, Any]:
    """An installed system whose type has a secret login."""
    made = a_customer(contacts=[{"name": "Ruth"}])
    body = {"name": f"Alarm {made['number']}", "fields": [LOGIN, {"key": "note", "label": "Note", "type": "text"}]}
    kind = staff.post("/system-types", json=body).json
    answer = staff.post(f"/customers/{made['id']}/systems", json={"type_id": kind["id"], "values": {"note": "x"}})
    assert answer.status_code == 201, answer.json
    return answer.json


@pytest.fixture
def holder(service: Service, tokens: TestTokens) -> Client:
    """Somebody who may set and reveal, with an account of their own for each test."""
    return client_for(service, tokens.staff(HOLDER, name="Nadia Ferro"))


def path_of(system: dict[str, Any], field: str = "login") -> str:
    return f"/customers/{system['customer_id']}/systems/{system['id']}/secrets/{field}"


def store(client: Client, system: dict[str, Any], secret: str = CANARY, version: int = 1) -> Any:
    answer = client.put(path_of(system), json={"value": secret}, version=version)
    assert answer.status_code == 200, answer.json
    return answer


def test_a_secret_is_set_and_only_told_of(holder: Client, service: Service, system: dict[str, Any]) -> None:
    answer = store(holder, system)
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.json["secrets"]["login"]
    assert (told["set"], told["revision"], told["updated_by"], told["age_days"]) == (True, 1, "Nadia Ferro", 0)
    event = published(service.db, "customer.system.updated.v1")[-1]
    assert event.data["changes"] == [{"path": "secrets.login", "label": "Login", "before": None, "after": None}]
    assert holder.put(path_of(system), json={"value": "other"}, version=1).status_code == 412


def test_revealing_gives_the_secret_and_leaves_an_entry(
    holder: Client, service: Service, system: dict[str, Any]
) -> None:
    store(holder, system, "  with spaces ")
    answer = holder.post(f"{path_of(system)}/reveal", json={"reason": "Ticket 4711"}, key="the-same-key")
    assert (answer.status_code, answer.json) == (200, {"value": "  with spaces ", "revision": 1})
    assert answer.headers["Cache-Control"] == "no-store"
    event = published(service.db, "customer.secret.revealed.v1")[-1]
    assert event.id == answer.headers["Event-Id"]
    assert (event.customer_id, event.data["system_id"]) == (system["customer_id"], system["id"])
    assert (event.data["label"], event.data["reason"], event.actor_label) == ("Login", "Ticket 4711", "Nadia Ferro")
    with service.db.transaction() as session:
        assert session.execute(text("SELECT count(*) FROM idempotency_keys WHERE body LIKE '%spaces%'")).scalar() == 0


def test_five_revisions_are_kept(holder: Client, system: dict[str, Any]) -> None:
    for place in range(1, 8):
        store(holder, system, f"secret {place}", version=place)

    def reveal(**body: int) -> Any:
        return holder.post(f"{path_of(system)}/reveal", json=body)

    assert reveal().json == {"value": "secret 7", "revision": 7}
    assert reveal(revision=3).json["value"] == "secret 3"
    gone = reveal(revision=2)
    assert (gone.status_code, gone.json["code"]) == (404, "customer.secret_not_found")


def test_a_secret_that_is_cleared_is_gone(holder: Client, service: Service, system: dict[str, Any]) -> None:
    store(holder, system)
    assert holder.delete(path_of(system), version=2).status_code == 204
    assert holder.post(f"{path_of(system)}/reveal").json["code"] == "customer.secret_not_found"
    assert holder.delete(path_of(system), version=3).status_code == 404
    with service.db.transaction() as session:
        left = text("SELECT count(*) FROM system_secrets WHERE system_id = CAST(:id AS uuid)")
        assert session.execute(left, {"id": system["id"]}).scalar() == 0


def test_who_may_not_reveal_is_refused(
    holder: Client, service: Service, tokens: TestTokens, system: dict[str, Any]
) -> None:
    store(holder, system)
    now = int(time.time())
    refused = {
        tokens.staff(set(STAFF) - {"secrets.reveal"}): (403, "permission_missing"),
        tokens.staff(HOLDER, auth_time=now - 601): (401, "authentication_too_old"),
        tokens.staff(HOLDER, auth_time=None): (401, "authentication_too_old"),
        tokens.staff(HOLDER, kind="api", auth_time=None): (403, "person_only"),
        tokens.portal({system["customer_id"]: HOLDER}): (403, "staff_only"),
    }
    before = len(published(service.db, "customer.secret.revealed.v1"))
    for token, expected in refused.items():
        answer = client_for(service, token).post(f"{path_of(system)}/reveal")
        assert (answer.status_code, answer.json["code"]) == expected
    reader = client_for(service, tokens.staff(["systems.view", "secrets.reveal"]))
    assert reader.put(path_of(system), json={"value": "x"}, version=2).json["permission"] == "secrets.edit"
    assert len(published(service.db, "customer.secret.revealed.v1")) == before


def test_an_account_reveals_thirty_times_an_hour(
    holder: Client, service: Service, tokens: TestTokens, system: dict[str, Any]
) -> None:
    store(holder, system)
    answers = [holder.post(f"{path_of(system)}/reveal").status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
    refused = holder.post(f"{path_of(system)}/reveal")
    assert refused.json["code"] == "customer.secret_reveal_limit"
    assert 3500 < int(refused.headers["Retry-After"]) <= 3600
    other = client_for(service, tokens.staff(HOLDER))
    assert other.post(f"{path_of(system)}/reveal").status_code == 200


@pytest.mark.parametrize("field", ["note", "nothing", "LOGIN", "..%2f..", "%00"])
def test_only_a_secret_field_holds_a_secret(holder: Client, system: dict[str, Any], field: str) -> None:
    for answer in (
        holder.put(path_of(system, field), json={"value": CANARY}, version=1),
        holder.post(f"{path_of(system, field)}/reveal"),
    ):
        assert answer.status_code == 404
        assert CANARY not in answer.text


@pytest.mark.parametrize(
    "body",
    [{}, {"value": None}, {"value": 5}, {"value": [CANARY]}, {"value": ""}, {"value": "x" * 4001}, {"v": CANARY}],
)
def test_a_secret_that_does_not_fit_is_refused_without_repeating_it(
    holder: Client, system: dict[str, Any], body: dict[str, Any]
) -> None:
    answer = holder.put(path_of(system), json=body, version=1)
    assert answer.status_code == 422
    assert CANARY not in answer.text


def test_without_a_master_key_everything_else_works(
    service: Service, holder: Client, system: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Vault, "_ready", Vault(None)._ready)
    answer = holder.put(path_of(system), json={"value": CANARY}, version=1)
    assert (answer.status_code, answer.json["code"]) == (503, "customer.secrets_unavailable")
    assert holder.get(path_of(system).partition("/secrets")[0]).status_code == 200
