"""Roles per customer node: at further customers, flowing down the tree, and managed by the company's own admin."""

from collections.abc import Callable
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, published
from common.tokens import Verifier
from identity.tests.rig import People, Signed, World


@pytest.fixture
def staff(people: People, sign_in: Callable[..., Signed]) -> Client:
    return sign_in(people.staff("manager")).client


def reach(client: Client, service: Service, signed: Signed) -> dict[str, set[str]]:
    """Customer id -> permissions, of a token as it would be given now."""
    answer = client.post("/sessions/refresh", json={"refresh_token": signed.tokens["refresh_token"]})
    assert answer.status_code == 201, answer.text
    signed.tokens = answer.get_json()
    principal = Verifier.from_pem(service.settings.identity_public_key).principal(signed.tokens["access_token"])
    return {id_: set(codes) for id_, codes in (principal.grants or {}).items()}


def grant(client: Client, customer: str, account_id: str, *roles: str, **more: Any) -> Any:
    body = {"account_id": account_id, "roles": list(roles)} | more
    return client.post(f"/customers/{customer}/grants", json=body)


def accept(client: Client, customer: str, version: int, value: bool = True) -> Any:
    return client.patch(f"/customers/{customer}/inheritance", json={"accept_from_parent": value}, version=version)


def test_a_person_has_other_roles_at_another_customer(
    staff: Client, client: Client, people: People, world: World, sign_in: Callable[..., Signed], service: Service
) -> None:
    home, other = world.customer(), world.customer()
    person = people.portal(home, "buyer")
    signed = sign_in(person)
    made = grant(staff, other, person.id, "finance", "buyer", visibility="own")
    assert made.status_code == 201, made.text
    shown = made.get_json()
    assert (shown["roles"], shown["visibility"], shown["home_customer_id"]) == (["buyer", "finance"], "own", home)
    assert signed.sid in people.revoked(), "what the access token says is no longer true"
    held = reach(client, service, signed)
    assert "documents.view" in held[other]
    assert "documents.view" not in held[home]
    event = published(service.db, "identity.access.changed.v1")[-1]
    assert event.subject == other
    assert event.data["guests"][0]["account_id"] == person.id
    assert event.data["changes"][0]["path"] == f"guests/{person.id}/roles"

    path = f"/customers/{other}/grants/{person.id}"
    assert [one["account_id"] for one in staff.get(f"/customers/{other}/grants").get_json()["items"]] == [person.id]
    assert staff.patch(path, json={"roles": ["buyer"]}, version=1).get_json()["roles"] == ["buyer"]
    assert staff.patch(path, json={"roles": ["admin"]}, version=1).status_code == 412
    assert "documents.view" not in reach(client, service, signed)[other]
    assert staff.delete(path, version=2).status_code == 204
    assert set(reach(client, service, signed)) == {home}
    assert staff.get(path).get_json()["code"] == "identity.grant_not_found"


def test_an_unchanged_grant_writes_nothing(staff: Client, people: People, world: World, service: Service) -> None:
    other, person = world.customer(), people.portal(world.customer(), "buyer")
    grant(staff, other, person.id, "buyer")
    before = len(published(service.db))
    same = staff.patch(f"/customers/{other}/grants/{person.id}", json={"roles": ["buyer"]}, version=1)
    assert (same.status_code, same.get_json()["version"], len(published(service.db))) == (200, 1, before)


def test_who_has_roles_already_or_at_home_is_not_given_them_twice(staff: Client, people: People, world: World) -> None:
    home, other = world.customer(), world.customer()
    person = people.portal(home, "buyer")
    grant(staff, other, person.id, "buyer")
    assert grant(staff, other, person.id, "admin").get_json()["code"] == "identity.grant_taken"
    assert grant(staff, home, person.id, "admin").get_json()["code"] == "identity.transition_refused"
    assert grant(staff, other, people.staff("viewer").id, "buyer").get_json()["code"] == "identity.account_not_found"


def test_roles_flow_down_only_with_both_switches(
    staff: Client, client: Client, people: People, world: World, sign_in: Callable[..., Signed], service: Service
) -> None:
    hq = world.customer()
    branch = world.customer(parent_id=hq)
    below = world.customer(parent_id=branch)
    wide, narrow = sign_in(people.portal(hq, "buyer", subtree=True)), sign_in(people.portal(hq, "buyer"))
    assert set(reach(client, service, wide)) == {hq}
    accepted = accept(staff, branch, 0)
    assert (accepted.status_code, accepted.get_json()["accept_from_parent"]) == (200, True)
    assert accepted.headers["Event-Id"] == published(service.db)[-1].id
    assert set(reach(client, service, wide)) == {hq, branch}
    assert accept(staff, below, 0).status_code == 200
    assert set(reach(client, service, wide)) == {hq, branch, below}
    assert set(reach(client, service, narrow)) == {hq}
    assert accept(staff, branch, 1, False).status_code == 200
    assert set(reach(client, service, wide)) == {hq}
    assert accept(staff, hq, 0).get_json()["code"] == "identity.transition_refused"


def test_taking_acceptance_back_ends_the_access_tokens_of_those_above(
    people: People, world: World, sign_in: Callable[..., Signed]
) -> None:
    hq = world.customer()
    branch = world.customer(parent_id=hq)
    world.accepts(branch)
    above = sign_in(people.portal(hq, "buyer", subtree=True))
    admin = sign_in(people.portal(branch, "admin"))
    assert accept(admin.client, branch, 1, False).status_code == 200
    assert above.sid in people.revoked()
    assert admin.sid not in people.revoked()


def test_a_move_ends_what_flowed_down_and_the_new_parent_begins_unaccepted(
    client: Client, people: People, world: World, sign_in: Callable[..., Signed], service: Service
) -> None:
    first, second = world.customer(), world.customer()
    branch = world.customer(parent_id=first)
    world.accepts(branch)
    old, new = (sign_in(people.portal(parent, "buyer", subtree=True)) for parent in (first, second))
    world.tell("updated", branch, 2, parent_id=second)
    assert old.sid in people.revoked()
    assert set(reach(client, service, old)) == {first}
    assert set(reach(client, service, new)) == {second}
    world.accepts(branch)
    assert set(reach(client, service, new)) == {second, branch}


def test_an_archived_customer_is_reached_by_nobody_until_it_is_restored(
    client: Client, people: People, world: World, sign_in: Callable[..., Signed], service: Service, staff: Client
) -> None:
    home, other = world.customer(), world.customer()
    person = people.portal(home, "buyer")
    grant(staff, other, person.id, "buyer")
    signed = sign_in(person)
    world.tell("archived", other, 2, archive=home)
    assert signed.sid in people.revoked()
    assert set(reach(client, service, signed)) == {home}
    world.tell("restored", other, 3, archive=home)
    assert set(reach(client, service, signed)) == {home, other}


def test_an_admin_manages_the_people_of_branches_that_accept(
    people: People, world: World, sign_in: Callable[..., Signed], client: Client
) -> None:
    hq = world.customer()
    branch, closed = world.customer(parent_id=hq), world.customer(parent_id=hq)
    world.accepts(branch)
    admin = sign_in(people.portal(hq, "admin", subtree=True)).client
    buyer = people.portal(branch, "buyer")
    path = f"/customers/{branch}/users/{buyer.id}"
    assert admin.patch(path, json={"roles": ["finance"]}, version=1).status_code == 200
    assert admin.get(f"/customers/{closed}/users").status_code == 404
    assert grant(admin, hq, buyer.id, "approver").status_code == 201
    stranger = people.portal(world.customer(), "buyer")
    assert grant(admin, hq, stranger.id, "buyer").get_json()["code"] == "identity.account_not_found"


def test_a_guest_is_seen_and_ended_by_the_branchs_admin_and_nothing_more(
    people: People, world: World, sign_in: Callable[..., Signed], staff: Client
) -> None:
    home, branch = world.customer(), world.customer()
    guest = people.portal(home, "buyer")
    grant(staff, branch, guest.id, "finance")
    signed = sign_in(guest)
    admin = sign_in(people.portal(branch, "admin")).client
    assert admin.get(f"/customers/{branch}/grants/{guest.id}").get_json()["display_name"] == "Ada Byron"
    for path in (f"/customers/{branch}/users/{guest.id}", f"/customers/{home}/users/{guest.id}"):
        assert admin.patch(path, json={"status": "disabled"}, version=1).status_code == 404
    assert admin.delete(f"/customers/{branch}/grants/{guest.id}", version=1).status_code == 204
    assert signed.sid in people.revoked()


def test_a_portal_admin_gives_no_more_than_they_hold_there(
    people: People, world: World, sign_in: Callable[..., Signed]
) -> None:
    hq = world.customer()
    branch = world.customer(parent_id=hq)
    world.accepts(branch)
    admin = sign_in(people.portal(hq, "admin", subtree=True)).client
    person, local = people.portal(hq, "buyer"), people.portal(branch, "admin")
    assert grant(admin, branch, person.id, "admin", subtree=True).status_code == 201
    narrow = sign_in(local).client
    other = people.portal(branch, "buyer")
    wide = narrow.patch(f"/customers/{branch}/users/{other.id}", json={"subtree": True}, version=1)
    assert (wide.status_code, wide.get_json()["code"]) == (403, "identity.grant_refused")
    touched = narrow.delete(f"/customers/{branch}/grants/{person.id}", version=1)
    assert (touched.status_code, touched.get_json()["code"]) == (403, "identity.outranked")
    seen = narrow.patch(f"/customers/{branch}/users/{other.id}", json={"visibility": "subtree"}, version=1)
    assert (seen.status_code, seen.get_json()["code"]) == (422, "identity.visibility_refused")


@pytest.mark.parametrize(
    "change", [{"roles": ["buyer"]}, {"status": "disabled"}, {"username": None}, "reset", "remove"]
)
def test_the_last_admin_cannot_lock_their_company_out(
    people: People, world: World, sign_in: Callable[..., Signed], staff: Client, change: Any
) -> None:
    customer = world.customer()
    only = people.portal(customer, "admin")
    people.portal(customer, "admin", status="invited")
    path = f"/customers/{customer}/users/{only.id}"

    def attempt(who: Client) -> Any:
        if change == "reset":
            return who.post(f"{path}/reset")
        return who.delete(path, version=1) if change == "remove" else who.patch(path, json=change, version=1)

    mine = sign_in(only).client
    refused = attempt(mine)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "identity.last_portal_administrator")
    another = people.portal(customer, "admin")
    assert attempt(sign_in(another).client).status_code in {200, 204}


def test_staff_may_end_the_last_admin(people: People, world: World, staff: Client) -> None:
    only = people.portal(world.customer(), "admin")
    path = f"/customers/{only.customer_id}/users/{only.id}"
    assert staff.patch(path, json={"status": "disabled"}, version=1).status_code == 200


def test_a_merge_takes_guests_along_and_its_undoing_takes_them_back(
    people: People, world: World, staff: Client, client: Client, sign_in: Callable[..., Signed], service: Service
) -> None:
    home, survivor, loser = world.customer(), world.customer(), world.customer()
    guest = people.portal(home, "buyer")
    grant(staff, loser, guest.id, "finance")
    signed = sign_in(guest)
    merge, archive = str(home), loser
    world.tell("archived", loser, 2, archive=archive)
    world.merge("merged", merge, survivor, loser, archives={loser: archive})
    assert set(reach(client, service, signed)) == {home, survivor}
    assert published(service.db, "identity.access.changed.v1")[-1].subject in {survivor, loser}
    world.tell("restored", loser, 3, archive=archive)
    world.merge("unmerged", merge, survivor, loser, archives={loser: archive})
    assert set(reach(client, service, signed)) == {home, loser}


def test_an_explanation_shows_where_roles_stop(people: People, world: World, staff: Client) -> None:
    hq = world.customer(name="Works")
    branch = world.customer(parent_id=hq, name="Depot")
    person = people.portal(hq, "buyer", subtree=True)
    asked = {"account_id": person.id, "permission": "customers.view", "customer_id": branch}

    def explained() -> dict[str, Any]:
        return dict(staff.get("/internal/access/explain", query_string=asked).get_json())

    before = explained()
    assert not before["allowed"]
    assert "Depot accepts none from its parent" in before["rules"][2]["detail"]
    world.accepts(branch)
    assert explained()["allowed"]
    world.tell("archived", branch, 2, archive=hq, parent_id=hq, name="Depot")
    archived = explained()
    assert [rule["rule"] for rule in archived["rules"] if not rule["passed"]] == ["customer_active"]
