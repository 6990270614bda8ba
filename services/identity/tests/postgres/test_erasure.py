"""Erasing a person ends their accounts and leaves nothing of them in this service's log, also for a later replay."""

from collections.abc import Callable

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, published
from identity.tests.rig import PASSWORD, People, Signed, World

NAME = "Tomasina Hlavkova"


@pytest.fixture
def administrator_client(administrator: Signed) -> Client:
    return administrator.client


def told(service: Service, *keys: str) -> str:
    """Everything that the log says in these partitions."""
    return "\n".join(str(event) for event in published(service.db) if event.partition_key in keys)


def test_an_erased_contacts_account_is_gone_and_its_events_say_nothing_of_it(
    service: Service,
    people: People,
    world: World,
    client: Client,
    sign_in: Callable[..., Signed],
    administrator_client: Client,
) -> None:
    customer, other, contact, request = world.customer(), world.customer(), new_id(), new_id()
    world.contact("added", contact, customer, 1)
    username = f"tomasina-{new_id()}@example.test"
    body = {"username": username, "display_name": NAME, "email": username, "roles": ["admin"], "contact_id": contact}
    made = administrator_client.post(f"/customers/{customer}/users", json=body).get_json()
    client.post(made["invitation"]["accept_path"], json={"password": PASSWORD})
    colleague = people.portal(customer, "buyer", display_name="Ines Marku")
    given = {"account_id": made["id"], "roles": ["finance"]}
    assert administrator_client.post(f"/customers/{other}/grants", json=given).status_code == 201
    tokens = client.post("/sessions", json={"username": username, "password": PASSWORD}).get_json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    path = f"/customers/{customer}/users/{colleague.id}"
    assert client.patch(path, json={"roles": ["finance"]}, version=1, headers=headers).status_code == 200
    assert NAME in told(service, customer, other, made["id"], colleague.id)

    world.erase_contact(contact, customer, request)
    row = people.of(made["id"])
    assert (row["ended"], row["username"], row["email"], row["display_name"]) == (True, None, None, "Former user")
    assert people.sessions(made["id"]) == 0
    assert client.post("/sessions", json={"username": username, "password": PASSWORD}).status_code == 401
    left = told(service, customer, other, made["id"], colleague.id)
    assert NAME not in left
    assert username not in left
    assert "Ines Marku" in left, "somebody else's name stays"
    for event in published(service.db):
        service.contracts.check(event.type, event.data)
    erased = [event for event in published(service.db, "identity.account.erased.v1") if event.subject == made["id"]]
    assert {event.partition_key for event in erased} == {made["id"], customer, other}, "wherever it was named"
    assert {event.data["request_id"] for event in erased} == {request}
    answer = published(service.db, "identity.erasure.completed.v1")[-1]
    assert (answer.data["request_id"], answer.data["counts"]["accounts"]) == (request, 1)
    assert answer.data["counts"]["events"] > 3


def test_an_account_that_had_ended_before_is_erased_from_the_log_too(
    service: Service, people: People, world: World, administrator_client: Client
) -> None:
    customer, contact = world.customer(), new_id()
    world.contact("added", contact, customer, 1)
    body = {"username": f"t-{new_id()}@example.test", "display_name": NAME, "roles": ["buyer"], "contact_id": contact}
    made = administrator_client.post(f"/customers/{customer}/users", json=body).get_json()
    assert administrator_client.delete(f"/customers/{customer}/users/{made['id']}", version=1).status_code == 204
    assert NAME in told(service, made["id"])
    world.erase_contact(contact, customer, new_id())
    assert NAME not in told(service, customer, made["id"])


def test_a_person_without_an_account_is_answered_for_all_the_same(service: Service, world: World) -> None:
    request = new_id()
    world.erase_contact(new_id(), world.customer(), request)
    answer = published(service.db, "identity.erasure.completed.v1")[-1]
    assert (answer.data["request_id"], answer.data["counts"]["accounts"]) == (request, 0)


def test_what_is_known_of_a_person_is_told_for_an_export(
    people: People, world: World, administrator_client: Client
) -> None:
    customer, contact = world.customer(), new_id()
    account = people.portal(customer, "buyer", contact_id=contact)
    asked = {"customer_id": customer, "contact_id": contact}
    known = administrator_client.get("/internal/privacy-exports", query_string=asked).get_json()
    assert [one["id"] for one in known["accounts"]] == [account.id]
    assert known["events"][0]["data"]["username"] == account.username
