"""What archive, restore, deletion and moves of a customer do to logins."""

from collections.abc import Callable

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, published
from identity.tests.rig import PASSWORD, People, Signed, World


@pytest.fixture
def staff(people: People, sign_in: Callable[..., Signed]) -> Client:
    return sign_in(people.staff("manager")).client


def test_archiving_ends_what_is_enabled_and_restoring_brings_back_exactly_that(
    people: People, world: World, sign_in: Callable[..., Signed], service: Service, client: Client
) -> None:
    customer, archive = world.customer(), new_id()
    login = people.portal(customer, "buyer", is_login=True)
    person = people.portal(customer, "finance")
    off = people.portal(customer, "buyer", status="disabled", disabled_reason="manual")
    waiting = people.portal(customer, "buyer", status="invited")
    signed = sign_in(person)

    world.tell("archived", customer, 2, archive=archive)
    assert signed.sid in people.revoked()
    assert people.sessions(person.id) == 0
    reasons = {one.id: people.of(one.id)["disabled_reason"] for one in (login, person, off, waiting)}
    assert reasons == {login.id: "archived", person.id: "archived", off.id: "manual", waiting.id: "archived"}
    assert client.post("/sessions", json={"username": person.username, "password": PASSWORD}).status_code == 401
    event = published(service.db, "identity.access.changed.v1")[-1]
    assert (event.subject, event.version) == (customer, 1)
    assert event.data["login"]["disabled_reason"] == "archived"
    assert len(event.data["users"]) == 3

    world.tell("restored", customer, 3, archive=archive)
    statuses = {one.id: people.of(one.id)["status"] for one in (login, person, off, waiting)}
    assert statuses == {login.id: "active", person.id: "active", off.id: "disabled", waiting.id: "invited"}
    sign_in(person)
    refreshed = client.post("/sessions/refresh", json={"refresh_token": signed.tokens["refresh_token"]})
    assert refreshed.status_code == 401


def test_who_is_disabled_by_hand_during_an_archive_stays_off(people: People, world: World, staff: Client) -> None:
    customer, archive = world.customer(), new_id()
    one, other = people.portal(customer, "buyer"), people.portal(customer, "buyer", is_login=True)
    world.tell("archived", customer, 2, archive=archive)
    path = f"/customers/{customer}"
    assert staff.patch(f"{path}/users/{one.id}", json={"status": "disabled"}, version=2).status_code == 200
    assert staff.patch(f"{path}/access", json={"username": None}, version=2).status_code == 200
    world.tell("restored", customer, 3, archive=archive)
    assert people.of(one.id)["disabled_reason"] == "manual"
    assert people.of(other.id)["disabled_reason"] == "username_cleared"


def test_nothing_but_switching_off_is_possible_while_archived(people: People, world: World, staff: Client) -> None:
    customer = world.customer()
    person = people.portal(customer, "buyer")
    world.tell("archived", customer, 2, archive=new_id())
    path = f"/customers/{customer}"
    user = {"username": new_id(), "display_name": "X", "roles": ["buyer"]}
    for answer in (
        staff.put(f"{path}/access", json={"username": new_id()}, version=1),
        staff.post(f"{path}/users", json=user),
        staff.patch(f"{path}/users/{person.id}", json={"status": "active"}, version=2),
        staff.patch(f"{path}/users/{person.id}", json={"roles": ["admin"]}, version=2),
        staff.post(f"{path}/users/{person.id}/reset"),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (409, "identity.customer_archived")


def test_the_user_name_stays_reserved_while_archived(people: People, world: World, staff: Client) -> None:
    customer = world.customer()
    login = people.portal(customer, "buyer", is_login=True)
    world.tell("archived", customer, 2, archive=new_id())
    answer = staff.put(f"/customers/{world.customer()}/access", json={"username": login.username}, version=0)
    assert answer.get_json()["code"] == "identity.username_taken"


def test_an_older_state_changes_nothing(people: People, world: World) -> None:
    customer, archive = new_id(), new_id()
    world.tell("archived", customer, 3, archive=archive)
    person = people.portal(customer, "buyer")
    world.tell("created", customer, 1)
    world.tell("updated", customer, 2)
    world.tell("archived", customer, 3, archive=archive)
    assert people.of(person.id)["status"] == "active"
    world.tell("updated", customer, 4, status="archived", archive=archive)
    assert people.of(person.id)["disabled_reason"] == "archived"


def test_a_second_archive_whose_restore_was_never_seen_is_restored_too(people: People, world: World) -> None:
    customer, first, second = world.customer(), new_id(), new_id()
    person = people.portal(customer, "buyer")
    world.tell("archived", customer, 2, archive=first)
    world.tell("archived", customer, 4, archive=second)
    world.tell("restored", customer, 5, archive=second)
    assert people.of(person.id)["status"] == "active"


def test_archiving_twice_is_one_change(people: People, world: World, service: Service) -> None:
    customer, archive = world.customer(), new_id()
    people.portal(customer, "buyer")
    world.tell("archived", customer, 2, archive=archive)
    before = len(published(service.db))
    world.tell("archived", customer, 3, archive=archive)
    assert len(published(service.db)) == before


def test_deleting_a_customer_ends_its_logins_for_good(
    people: People, world: World, sign_in: Callable[..., Signed], service: Service, staff: Client
) -> None:
    customer = world.customer()
    person = people.portal(customer, "buyer", display_name="Tomas Hlavka", email="t@example.test")
    signed = sign_in(person)
    world.tell("deleted", customer, 2, status="archived", archive=new_id())
    row = people.of(person.id)
    assert (row["username"], row["email"], row["display_name"], row["ended"]) == (None, None, "Former user", True)
    assert signed.sid in people.revoked()
    assert published(service.db, "identity.access.changed.v1")[-1].data["users"] == []
    assert staff.get(f"/customers/{customer}/access").status_code == 404


def test_a_branch_that_moves_away_ends_the_access_tokens_of_those_above(
    people: People, world: World, sign_in: Callable[..., Signed], client: Client
) -> None:
    hq, other = world.customer(), world.customer()
    branch = world.customer(parent_id=hq)
    world.accepts(branch)
    above = sign_in(people.portal(hq, "buyer", subtree=True))
    beside = sign_in(people.portal(hq, "buyer"))
    world.tell("updated", branch, 2, parent_id=hq, name="New name")
    assert above.sid not in people.revoked()
    world.tell("updated", branch, 3, parent_id=other)
    assert above.sid in people.revoked()
    assert beside.sid not in people.revoked()
    refreshed = client.post("/sessions/refresh", json={"refresh_token": above.tokens["refresh_token"]})
    assert refreshed.status_code == 201


def test_a_ring_of_parents_ends(people: People, world: World, sign_in: Callable[..., Signed]) -> None:
    one, other = new_id(), new_id()
    world.customer(id=one, parent_id=other)
    world.customer(id=other, parent_id=one)
    world.accepts(one)
    world.accepts(other)
    me = sign_in(people.portal(one, "buyer", subtree=True)).client.get("/internal/me").get_json()
    assert {customer["id"] for customer in me["customers"]} == {one, other}


def test_the_end_of_a_contact_switches_its_login_off(
    people: People, world: World, sign_in: Callable[..., Signed]
) -> None:
    customer, contact = world.customer(), new_id()
    world.contact("added", contact, customer, 1)
    person = people.portal(customer, "buyer", contact_id=contact)
    signed = sign_in(person)
    world.contact("removed", contact, customer, 2)
    assert people.of(person.id)["disabled_reason"] == "contact_ended"
    assert signed.sid in people.revoked()


def test_a_contact_may_arrive_before_its_customer(people: People, world: World, staff: Client) -> None:
    customer, contact = new_id(), new_id()
    world.contact("added", contact, customer, 1)
    world.customer(id=customer)
    body = {"username": new_id(), "display_name": "X", "roles": ["buyer"], "contact_id": contact}
    assert staff.post(f"/customers/{customer}/users", json=body).status_code == 201
