"""Sealed secrets on a real PostgreSQL: rows that were moved do not open, keys are replaced, and a key that goes takes
its secrets along."""

import base64
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import text
from sqlalchemy.orm import Session

from common.service import Service
from common.testing import Client, published
from customer.errors.systems import SecretsUnavailable
from customer.jobs.secrets import rotate_secrets
from customer.tests.postgres.deleting import delete_for_good
from customer.use_cases.vault import Vault

LOGIN = {"key": "login", "label": "Login", "type": "secret"}
PIN = {"key": "pin", "label": "PIN", "type": "secret"}


def new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


OLD = new_key()


@pytest.fixture(scope="module")
def vault() -> Vault:
    return Vault.from_text(OLD)


@pytest.fixture
def a_system(staff: Client) -> Callable[[], tuple[str, str]]:
    """Makes a customer with a system; returns both ids."""
    kind = staff.post("/system-types", json={"name": f"Alarm {os.urandom(4).hex()}", "fields": [LOGIN, PIN]}).json

    def make() -> tuple[str, str]:
        customer = staff.post("/customers", json={"name": "Harbour Lights"}).json["id"]
        system = staff.post(f"/customers/{customer}/systems", json={"type_id": kind["id"]}).json
        return customer, system["id"]

    return make


def within(service: Service, work: Callable[[Session], Any]) -> Any:
    return service.db.run(work)


def put(service: Service, vault: Vault, owner: tuple[str, str], secret: str, field: str = "login") -> None:
    within(service, lambda session: vault.put(session, *owner, field, 1, secret))


def get(service: Service, vault: Vault, owner: tuple[str, str], field: str = "login") -> Any:
    return within(service, lambda session: vault.get(session, *owner, field, 1))


def test_a_row_that_is_copied_elsewhere_does_not_open(
    service: Service, vault: Vault, a_system: Callable[[], tuple[str, str]]
) -> None:
    mine = a_system()
    put(service, vault, mine, "mine")
    put(service, vault, mine, "1234", "pin")
    swap = (
        "UPDATE system_secrets SET body = (SELECT body FROM system_secrets WHERE system_id = :id AND field = 'login')"
    )
    within(service, lambda s: s.execute(text(f"{swap} WHERE system_id = :id AND field = 'pin'"), {"id": mine[1]}))
    assert get(service, vault, mine) == "mine"
    with pytest.raises(InvalidTag):
        get(service, vault, mine, "pin")


def test_each_customer_has_a_key_of_its_own(
    service: Service, vault: Vault, a_system: Callable[[], tuple[str, str]]
) -> None:
    mine, other = a_system(), a_system()
    put(service, vault, mine, "mine")
    put(service, vault, other, "other")
    steal = "UPDATE customer_keys SET wrapped = (SELECT wrapped FROM customer_keys WHERE customer_id = :other)"
    within(
        service,
        lambda s: s.execute(text(f"{steal} WHERE customer_id = :mine"), {"mine": mine[0], "other": other[0]}),
    )
    with pytest.raises(InvalidTag):
        get(service, vault, mine)
    assert get(service, vault, other) == "other"


def test_a_new_master_key_wraps_again_and_touches_no_secret(
    service: Service, a_system: Callable[[], tuple[str, str]]
) -> None:
    within(service, lambda session: session.execute(text("DELETE FROM customer_keys")))
    old, new = new_key(), new_key()
    before, both, after = Vault.from_text(old), Vault.from_text(f"{new},{old}"), Vault.from_text(new)
    owners = [a_system() for _ in range(3)]
    for owner in owners:
        put(service, before, owner, f"secret of {owner[0]}")
    bodies = text("SELECT body FROM system_secrets ORDER BY system_id")
    sealed = within(service, lambda session: [bytes(body) for body in session.scalars(bodies)])
    with pytest.raises(SecretsUnavailable):
        get(service, after, owners[0])
    assert within(service, after.unknown) == 3
    portions = [within(service, lambda session: both.rewrap(session, 2)) for _ in range(3)]
    assert portions == [2, 1, 0]
    assert within(service, after.unknown) == 0
    assert [get(service, after, owner) for owner in owners] == [f"secret of {owner[0]}" for owner in owners]
    assert within(service, lambda session: [bytes(body) for body in session.scalars(bodies)]) == sealed
    with pytest.raises(SecretsUnavailable):
        get(service, before, owners[0])


def test_the_operator_rotates_with_both_keys_and_is_told_which_is_missing(
    service: Service, staff: Client, a_system: Callable[[], tuple[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    within(service, lambda session: session.execute(text("DELETE FROM customer_keys")))
    old, new = new_key(), new_key()
    owner = a_system()
    put(service, Vault.from_text(old), owner, "kept")

    def rotate(keys: str) -> int:
        settings = replace(service.settings, customer_secrets_key=keys)
        return rotate_secrets(replace(service, settings=settings), [])

    assert rotate("") == 1
    assert rotate(new) == 1
    assert "1 keys need a master key" in capsys.readouterr().out
    assert rotate(f"{new},{old}") == 0
    assert rotate(new) == 0
    assert get(service, Vault.from_text(new), owner) == "kept"


def test_a_merge_seals_secrets_again_for_the_survivor_and_its_undoing_for_the_loser(
    service: Service, staff: Client, a_system: Callable[[], tuple[str, str]]
) -> None:
    (survivor, _), (loser, system) = a_system(), a_system()
    path = f"/customers/{loser}/systems/{system}/secrets/login"
    for place, secret in enumerate(("first", "second"), start=1):
        assert staff.put(path, json={"value": secret}, version=place).status_code == 200
    plan = staff.post(f"/customers/{survivor}/merge-plans", json={"losers": [loser]}).json
    body = {"losers": [loser], "fingerprint": plan["fingerprint"]}
    merged = staff.post(f"/customers/{survivor}/merges", json=body)
    assert (merged.status_code, merged.json["counts"]["systems"]) == (201, 1)
    event = published(service.db, "customer.system.updated.v1")[-1]
    assert (event.customer_id, event.data["customer_id"]) == (survivor, survivor)
    assert event.data["changes"][0]["path"] == "customer"
    moved = f"/customers/{survivor}/systems/{system}/secrets/login"
    assert staff.post(f"{moved}/reveal").json["value"] == "second"
    assert staff.post(f"{moved}/reveal", json={"revision": 1}).json["value"] == "first"
    assert staff.put(moved, json={"value": "third"}, version=4).status_code == 200
    undone = staff.post(f"/customers/{survivor}/merges/{merged.json['id']}/undo", json={"dry_run": False})
    assert undone.status_code == 200, undone.json
    assert staff.post(f"{path}/reveal").json["value"] == "third"
    assert staff.post(f"{moved}/reveal").status_code == 404


def test_a_deleted_customer_takes_its_key_and_its_secrets_along(
    service: Service, staff: Client, vault: Vault, a_system: Callable[[], tuple[str, str]]
) -> None:
    owner = a_system()
    put(service, vault, owner, "mine")
    delete_for_good(service, staff, owner[0])
    for table in ("customer_keys", "system_secrets", "systems"):
        left = text(f"SELECT count(*) FROM {table} WHERE customer_id = :id")  # noqa: S608
        assert within(service, lambda s, left=left: s.execute(left, {"id": owner[0]}).scalar()) == 0
