"""What is really published fits the contracts, every handler takes every example, and no secret leaves."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from common.envelope import Event, from_document
from common.ids import new_id
from common.service import Service
from common.testing import Client, client_for, deliver, published
from identity.consumers import HANDLERS
from identity.events import PUBLISHES
from identity.tests.rig import PASSWORD, People, Signed, World

CONTRACTS = Path(__file__).parents[4] / "contracts" / "events"
NEW = "another fine password"


def examples(event_type: str) -> list[Event]:
    name, _, major = event_type.rpartition(".")
    return [
        from_document(json.loads(path.read_text())) for path in (CONTRACTS / name / major / "examples").glob("*.json")
    ]


@pytest.mark.parametrize("event_type", sorted(HANDLERS))
def test_every_handler_takes_every_example(service: Service, event_type: str) -> None:
    found = examples(event_type)
    assert found
    deliver(service, found)
    deliver(service, found)


def walk(service: Service, client: Client, people: People, world: World, sign_in: Callable[..., Signed]) -> set[str]:
    """Does everything that publishes, and returns every secret that came by."""
    secrets = {PASSWORD, NEW}
    admin = sign_in(people.staff("administrator"))
    refreshed = client.post("/sessions/refresh", json={"refresh_token": admin.tokens["refresh_token"]}).get_json()
    secrets |= {admin.tokens["refresh_token"], admin.tokens["access_token"], *map(str, refreshed.values())} - {"Bearer"}
    person = {"email": f"{new_id()}@example.test", "display_name": "Dana", "roles": ["viewer"]}
    made = admin.client.post("/invitations", json=person).get_json()
    secrets.add(made["invitation"]["token"])
    client.post(made["invitation"]["accept_path"], json={"password": NEW})
    reset = admin.client.post(f"/accounts/{made['id']}/password-reset").get_json()
    secrets.add(reset["token"])
    client.post(reset["accept_path"], json={"password": PASSWORD})
    token = admin.client.post("/api-tokens", json={"name": "x", "scopes": ["customers.view"]}).get_json()
    rotated = admin.client.post(f"/api-tokens/{token['id']}/rotation", json={}).get_json()
    secrets |= {token["token"], rotated["token"]}
    admin.client.delete(f"/api-tokens/{token['id']}")
    role = admin.client.post("/roles", json={"name": f"R {new_id()}", "permissions": []}).get_json()["code"]
    admin.client.patch(f"/roles/{role}", json={"name": f"S {new_id()}"}, version=1)
    admin.client.delete(f"/roles/{role}")
    customer = world.customer()
    access = admin.client.put(f"/customers/{customer}/access", json={"username": new_id()}, version=0).get_json()
    secrets.add(access["invitation"]["token"])
    person = people.portal(customer, "buyer", contact_id=new_id())
    world.erase_contact(str(person.contact_id), customer, new_id())
    begun = admin.client.post("/me/second-factor", json={"password": PASSWORD}).get_json()
    secrets.add(begun["secret"])
    client.post("/sessions", json={"username": "nobody", "password": NEW + " typed by mistake"})
    admin.client.put("/me/password", json={"current_password": PASSWORD, "password": NEW})
    admin.client.delete("/sessions/current")
    with service.db.transaction() as session:
        secrets |= set(session.scalars(text("SELECT password_hash FROM credentials")))
    return {secret for secret in secrets if len(secret) > 8}


def test_no_secret_is_in_an_event_a_log_or_a_table(
    service: Service,
    client: Client,
    people: People,
    world: World,
    sign_in: Callable[..., Signed],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = walk(service, client, people, world, sign_in)
    events = published(service.db)
    assert {event.type for event in events} == PUBLISHES
    everything = "\n".join(str(event) for event in events)
    everything += "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    with service.db.transaction() as session:
        names = session.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'outbox%'")
        ).all()
        for name in set(names) - {"credentials"}:
            if session.scalar(text("SELECT has_table_privilege(:name, 'SELECT')"), {"name": name}):
                rows = session.scalars(text(f"SELECT t::text FROM {name} t"))  # noqa: S608  # from the catalogue
                everything += "\n".join(row or "" for row in rows)
    assert [secret for secret in secrets if secret in everything] == []


def test_no_refusal_repeats_a_secret(service: Service, client: Client) -> None:
    typed = "a secret that somebody typed"
    answers = [
        client.post("/sessions", json={"username": "ada", "password": typed}),
        client.post("/sessions", json={"username": "ada", "password": typed, "pasword": typed}),
        client.post("/sessions/refresh", json={"refresh_token": typed}),
        client.post("/internal/token-exchange", json={"token": typed}),
        client.post(f"/invitations/{typed}/acceptance", json={"password": typed}),
        client.post("/password-resets/x/completion", json={"password": typed}),
        client_for(service, typed).get("/sessions"),
    ]
    assert {answer.status_code for answer in answers} <= {401, 404, 422}
    assert [answer.text for answer in answers if typed in answer.text] == []


def test_versions_of_an_account_count_without_a_gap(service: Service) -> None:
    seen: dict[str, int] = {}
    for event in published(service.db):
        key = f"{event.type.split('.')[1]}:{event.subject}"
        assert event.version == seen.get(key, 0) + 1
        seen[key] = event.version
    assert seen
