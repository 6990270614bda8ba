"""The login of a customer and its people, for staff and for portal administrators."""

from collections.abc import Callable

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from identity.tests.rig import PASSWORD, People, Signed, World

CODES = ["customers.view", "portal_settings.view", "documents.view", "portal_users.manage"]


@pytest.fixture
def staff(people: People, sign_in: Callable[..., Signed]) -> Client:
    """Somebody with customers.edit."""
    return sign_in(people.staff("service")).client


def name() -> str:
    return f"login-{new_id()}@example.test"


def test_a_login_goes_from_none_over_invited_to_active(
    staff: Client, client: Client, world: World, service: Service
) -> None:
    customer, username = world.customer(), name()
    path = f"/customers/{customer}/access"
    before = staff.get(path)
    assert (before.get_json()["status"], before.headers["ETag"]) == ("none", '"v0"')
    made = staff.put(path, json={"username": username, "roles": ["admin", "buyer"]}, version=0)
    assert made.status_code == 200, made.text
    assert made.get_json()["status"] == "invited"
    assert made.get_json()["roles"] == ["buyer", "admin"]
    assert made.headers["Event-Id"] == published(service.db)[-1].id
    event = published(service.db, "identity.access.changed.v1")[-1]
    assert (event.subject, event.customer_id, event.version) == (customer, customer, 1)
    assert event.data["login"]["username"] == username
    accepted = client.post(made.get_json()["invitation"]["accept_path"], json={"password": PASSWORD})
    assert accepted.status_code == 201
    after = staff.get(path).get_json()
    assert (after["status"], after["version"]) == ("active", 2)
    assert client.post("/sessions", json={"username": username, "password": PASSWORD}).status_code == 201


@pytest.mark.parametrize("blank", [None, "", "   "])
def test_clearing_the_user_name_ends_the_login_and_setting_it_invites_again(
    staff: Client, client: Client, world: World, people: People, sign_in: Callable[..., Signed], blank: str | None
) -> None:
    customer = world.customer()
    login = people.portal(customer, "buyer", is_login=True)
    signed = sign_in(login)
    path = f"/customers/{customer}/access"
    cleared = staff.patch(path, json={"username": blank}, version=0).get_json()
    assert (cleared["status"], cleared["disabled_reason"], cleared["username"]) == (
        "disabled",
        "username_cleared",
        None,
    )
    assert signed.sid in people.revoked()
    assert people.sessions(login.id) == 0
    assert client.post("/sessions", json={"username": login.username, "password": PASSWORD}).status_code == 401
    again = staff.patch(path, json={"username": login.username}, version=1).get_json()
    assert (again["status"], again["account_id"], again["roles"]) == ("invited", login.id, ["buyer"])
    assert client.post("/sessions", json={"username": login.username, "password": PASSWORD}).status_code == 401


def test_resetting_ends_everything_but_the_roles(
    staff: Client, client: Client, world: World, people: People, sign_in: Callable[..., Signed]
) -> None:
    customer = world.customer()
    signed = sign_in(people.portal(customer, "finance", is_login=True))
    reset = staff.post(f"/customers/{customer}/access/reset").get_json()
    assert (reset["status"], reset["roles"]) == ("invited", ["finance"])
    assert signed.sid in people.revoked()
    assert client.post(reset["invitation"]["accept_path"], json={"password": PASSWORD}).status_code == 201
    second = staff.post(f"/customers/{customer}/access/reset").get_json()
    third = staff.post(f"/customers/{customer}/access/reset").get_json()
    assert client.post(second["invitation"]["accept_path"], json={"password": PASSWORD}).status_code == 404
    assert client.post(third["invitation"]["accept_path"], json={"password": PASSWORD}).status_code == 201


def test_switching_a_login_off_and_on_again(staff: Client, world: World, people: People) -> None:
    customer = world.customer()
    people.portal(customer, "buyer", is_login=True)
    path = f"/customers/{customer}/access"
    off = staff.patch(path, json={"status": "disabled"}, version=0).get_json()
    assert off["disabled_reason"] == "manual"
    assert staff.patch(path, json={"status": "active"}, version=1).get_json()["status"] == "active"
    assert staff.patch(path, json={"status": "active"}, version=1).status_code == 412


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"username": "a b"}, 422, "identity.username_invalid"),
        ({"username": "someone", "roles": ["administrator"]}, 422, "validation_failed"),
        ({"username": "someone", "roles": []}, 422, "validation_failed"),
        ({"username": "someone", "is_admin": True}, 422, "validation_failed"),
        ({"roles": ["buyer"]}, 422, "validation_failed"),
    ],
)
def test_access_that_cannot_be_set(
    staff: Client, world: World, body: dict[str, object], status: int, code: str
) -> None:
    answer = staff.put(f"/customers/{world.customer()}/access", json=body, version=0)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_a_user_name_belongs_to_one_account(staff: Client, world: World, people: People) -> None:
    taken = people.portal(world.customer(), "buyer")
    answer = staff.put(f"/customers/{world.customer()}/access", json={"username": taken.username}, version=0)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "identity.username_taken")


def test_a_customer_that_is_unknown_has_no_access(staff: Client) -> None:
    for answer in (
        staff.get(f"/customers/{new_id()}/access"),
        staff.put(f"/customers/{new_id()}/access", json={"username": name()}, version=0),
        staff.post(f"/customers/{new_id()}/users", json={"username": name(), "display_name": "X", "roles": ["buyer"]}),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (404, "customer.not_found")


def test_viewers_manage_no_logins(people: People, world: World, sign_in: Callable[..., Signed]) -> None:
    viewer = sign_in(people.staff("viewer")).client
    path = f"/customers/{world.customer()}"
    assert viewer.get(f"{path}/access").status_code == 200
    for answer in (
        viewer.put(f"{path}/access", json={"username": name()}, version=0),
        viewer.post(f"{path}/access/reset"),
        viewer.get(f"{path}/users"),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (403, "permission_missing")


def new_user(client: Client, customer: str, *roles: str, **more: object) -> dict[str, object]:
    body = {"username": name(), "display_name": "Tomas Hlavka", "roles": list(roles)} | more
    answer = client.post(f"/customers/{customer}/users", json=body)
    return {"status_code": answer.status_code} | dict(answer.get_json())


def test_people_of_a_customer_are_invited_changed_and_removed(
    staff: Client, client: Client, world: World, service: Service, sign_in: Callable[..., Signed], people: People
) -> None:
    customer, contact = world.customer(), new_id()
    world.contact("added", contact, customer, 1)
    made = new_user(staff, customer, "approver", contact_id=contact, email="tomas@example.test")
    path = f"/customers/{customer}/users/{made['id']}"
    assert (made["status"], made["contact_id"]) == ("invited", contact)
    client.post(made["invitation"]["accept_path"], json={"password": PASSWORD})
    changed = staff.patch(path, json={"roles": ["finance"], "subtree": True}, version=2).get_json()
    assert (changed["roles"], changed["subtree"], changed["invitation"]) == (["finance"], True, None)
    assert staff.patch(path, json={"roles": ["buyer"]}, version=2).status_code == 412
    user = published(service.db, "identity.access.changed.v1")[-1].data["users"][0]
    assert (user["account_id"], user["role"], user["status"]) == (made["id"], "finance", "active")
    assert [one["id"] for one in staff.get(f"/customers/{customer}/users").get_json()["items"]] == [made["id"]]

    assert staff.delete(path, version=3).status_code == 204
    assert staff.get(path).status_code == 404
    assert staff.get(f"/customers/{customer}/users").get_json()["items"] == []
    assert published(service.db, "identity.access.changed.v1")[-1].data["users"] == []
    assert people.of(str(made["id"]))["display_name"] == "Former user"
    assert new_user(staff, customer, "buyer", username=made["username"])["status_code"] == 201


def test_resetting_a_person_invites_them_again(
    staff: Client, world: World, people: People, sign_in: Callable[..., Signed]
) -> None:
    customer = world.customer()
    account = people.portal(customer, "buyer")
    signed = sign_in(account)
    answer = staff.post(f"/customers/{customer}/users/{account.id}/reset").get_json()
    assert answer["status"] == "invited"
    assert signed.sid in people.revoked()


def test_a_person_is_found_under_their_own_customer_only(staff: Client, world: World, people: People) -> None:
    account = people.portal(world.customer(), "buyer")
    other = world.customer()
    for answer in (
        staff.get(f"/customers/{other}/users/{account.id}"),
        staff.patch(f"/customers/{other}/users/{account.id}", json={"roles": ["buyer"]}, version=1),
        staff.delete(f"/customers/{other}/users/{account.id}", version=1),
        staff.post(f"/customers/{other}/users/{account.id}/reset"),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (404, "identity.account_not_found")


def test_a_contact_of_somebody_else_or_a_former_one_is_refused(staff: Client, world: World) -> None:
    customer, foreign, former = world.customer(), new_id(), new_id()
    world.contact("added", foreign, world.customer(), 1)
    world.contact("removed", former, customer, 2)
    world.contact("added", former, customer, 1)
    for contact in (foreign, former, new_id()):
        refused = new_user(staff, customer, "buyer", contact_id=contact)
        assert (refused["status_code"], refused["code"]) == (422, "identity.contact_refused")


def test_a_portal_administrator_manages_their_own_people(
    people: People, world: World, client: Client, sign_in: Callable[..., Signed]
) -> None:
    customer, other = world.customer(), world.customer()
    admin = people.portal(customer, "admin")
    mine = sign_in(admin).client
    made = new_user(mine, customer, "buyer")
    assert made["status_code"] == 201
    accepted = client.post(made["invitation"]["accept_path"], json={"password": PASSWORD})
    assert accepted.status_code == 201
    path = f"/customers/{customer}/users/{made['id']}"
    signed = client.post("/sessions", json={"username": made["username"], "password": PASSWORD})
    assert signed.status_code == 201
    assert mine.patch(path, json={"roles": ["buyer", "finance"]}, version=2).status_code == 200
    assert mine.patch(path, json={"status": "disabled"}, version=3).get_json()["disabled_reason"] == "manual"
    assert people.sessions(str(made["id"])) == 0
    assert mine.patch(path, json={"username": None}, version=4).get_json()["disabled_reason"] == "username_cleared"
    assert mine.patch(path, json={"username": name()}, version=5).get_json()["invitation"]["token"]
    assert mine.post(f"{path}/reset").get_json()["status"] == "invited"
    assert {one["id"] for one in mine.get(f"/customers/{customer}/users").get_json()["items"]} == {
        admin.id,
        made["id"],
    }
    assert mine.delete(path, version=7).status_code == 204

    stranger = people.portal(other, "buyer")
    for answer in (
        mine.get(f"/customers/{other}/users"),
        mine.get(f"/customers/{other}/users/{stranger.id}"),
        mine.get(f"/customers/{customer}/users/{stranger.id}"),
        mine.patch(f"/customers/{customer}/users/{stranger.id}", json={"status": "disabled"}, version=1),
        mine.delete(f"/customers/{customer}/users/{stranger.id}", version=1),
    ):
        assert answer.status_code == 404
    assert mine.get(f"/customers/{customer}/access").get_json()["code"] == "staff_only"


def test_a_portal_administrator_gives_no_more_than_they_hold(
    service: Service, people: People, world: World, tokens: TestTokens, sign_in: Callable[..., Signed]
) -> None:
    hq = world.customer()
    world.customer(parent_id=hq)
    admin = sign_in(people.portal(hq, "admin")).client
    refused = new_user(admin, hq, "buyer", subtree=True)
    assert (refused["status_code"], refused["code"]) == (403, "identity.grant_refused")
    wide = people.portal(hq, "buyer", subtree=True)
    touched = admin.patch(f"/customers/{hq}/users/{wide.id}", json={"status": "disabled"}, version=1)
    assert (touched.status_code, touched.get_json()["code"]) == (403, "identity.outranked")
    both = sign_in(people.portal(hq, "admin", subtree=True)).client
    assert new_user(both, hq, "buyer", subtree=True)["status_code"] == 201


def test_buyers_manage_nobody(people: People, world: World, sign_in: Callable[..., Signed]) -> None:
    customer = world.customer()
    buyer = sign_in(people.portal(customer, "buyer")).client
    assert buyer.get(f"/customers/{customer}/users").get_json()["code"] == "permission_missing"
    assert new_user(buyer, customer, "buyer")["code"] == "permission_missing"


def test_portal_accounts_reach_no_staff_operation(people: People, world: World, sign_in: Callable[..., Signed]) -> None:
    admin = sign_in(people.portal(world.customer(), "admin")).client
    for path in ("/accounts", "/roles", "/api-tokens", "/password-resets"):
        assert admin.get(path).get_json()["code"] == "staff_only"


def test_without_a_token_nothing_opens(service: Service) -> None:
    nobody = client_for(service)
    assert nobody.get(f"/customers/{new_id()}/users").status_code == 401
