"""Staff accounts, invitations, roles, explanations."""

from collections.abc import Callable

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, published
from identity.tests.rig import PASSWORD, People, Signed, World


def invited(administrator: Signed, *roles: str) -> dict[str, object]:
    body = {"email": f"Dana-{new_id()}@Example.test", "display_name": "Dana Okafor", "roles": list(roles)}
    answer = administrator.client.post("/invitations", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def test_an_invitation_is_accepted_once(administrator: Signed, client: Client, service: Service) -> None:
    made = invited(administrator, "sales")
    path = made["invitation"]["accept_path"]
    assert made["status"] == "invited"
    shown = client.get(path.removesuffix("/acceptance")).get_json()
    assert shown["display_name"] == "Dana Okafor"
    accepted = client.post(path, json={"password": PASSWORD})
    assert accepted.status_code == 201
    assert accepted.get_json()["username"] == made["username"] == str(made["email"]).casefold()
    assert client.post(path, json={"password": PASSWORD}).status_code == 404
    answer = client.post("/sessions", json={"username": made["username"], "password": PASSWORD})
    assert answer.status_code == 201
    event = published(service.db, "identity.account.updated.v1")[-1]
    assert event.data["status"] == "active"
    assert event.actor == f"staff:{made['id']}"


def test_another_user_name_may_be_chosen_unless_it_is_taken(
    administrator: Signed, client: Client, people: People
) -> None:
    made, taken = invited(administrator, "viewer"), people.staff("viewer")
    path = made["invitation"]["accept_path"]
    refused = client.post(path, json={"password": PASSWORD, "username": taken.username})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "identity.username_taken")
    wanted = f"Dana.{new_id()}"
    assert client.post(path, json={"password": PASSWORD, "username": wanted}).get_json()["username"] == wanted.lower()


def test_an_invitation_can_be_replaced_until_it_is_accepted(administrator: Signed, client: Client) -> None:
    made = invited(administrator, "viewer")
    second = administrator.client.post(f"/accounts/{made['id']}/invitation").get_json()
    assert client.post(made["invitation"]["accept_path"], json={"password": PASSWORD}).status_code == 404
    assert client.post(second["accept_path"], json={"password": PASSWORD}).status_code == 201
    assert administrator.client.post(f"/accounts/{made['id']}/invitation").status_code == 409


def test_two_people_cannot_be_invited_under_one_name(administrator: Signed, people: People) -> None:
    body = {"email": people.staff("viewer").username, "display_name": "Bob", "roles": []}
    answer = administrator.client.post("/invitations", json=body)
    assert answer.get_json()["code"] == "identity.username_taken"


def test_accounts_are_listed_filtered_and_paged(administrator: Signed, people: People) -> None:
    people.staff("finance", display_name="Zelda Unique")
    found = administrator.client.get("/accounts?q=zelda%20uni&status=active&role=finance").get_json()
    assert [one["display_name"] for one in found["items"]] == ["Zelda Unique"]
    seen, cursor = [], ""
    while cursor is not None:
        page = administrator.client.get("/accounts?limit=2" + (f"&cursor={cursor}" if cursor else "")).get_json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) >= 3


def test_an_account_is_changed_by_version(administrator: Signed, people: People, service: Service) -> None:
    account = people.staff("viewer")
    path = f"/accounts/{account.id}"
    assert administrator.client.get(path).headers["ETag"] == '"v1"'
    assert administrator.client.patch(path, json={"display_name": "New"}).status_code == 428
    changed = administrator.client.patch(path, json={"display_name": "New", "roles": ["sales"]}, version=1)
    assert changed.status_code == 200, changed.text
    assert changed.headers["Event-Id"] == published(service.db)[-1].id
    late = administrator.client.patch(path, json={"display_name": "Late"}, version=1)
    assert (late.status_code, late.get_json()["code"]) == (412, "identity.stale")
    changes = published(service.db, "identity.account.updated.v1")[-1].data["changes"]
    assert [(one["path"], one["before"], one["after"]) for one in changes] == [
        ("display_name", "Ada Byron", "New"),
        ("roles", ["viewer"], ["sales"]),
    ]


def test_a_change_that_changes_nothing_is_no_event(administrator: Signed, people: People, service: Service) -> None:
    account = people.staff("viewer")
    before = len(published(service.db))
    answer = administrator.client.patch(f"/accounts/{account.id}", json={"status": "active"}, version=1)
    assert (answer.status_code, answer.get_json()["version"]) == (200, 1)
    assert len(published(service.db)) == before


def test_disabling_ends_sessions_and_new_roles_end_access_tokens(
    administrator: Signed, people: People, client: Client, sign_in: Callable[..., Signed]
) -> None:
    account = people.staff("viewer")
    signed = sign_in(account)
    administrator.client.patch(f"/accounts/{account.id}", json={"roles": ["sales"]}, version=1)
    assert signed.sid in people.revoked()
    refreshed = client.post("/sessions/refresh", json={"refresh_token": signed.tokens["refresh_token"]})
    assert refreshed.status_code == 201

    administrator.client.patch(f"/accounts/{account.id}", json={"status": "disabled"}, version=2)
    again = {"refresh_token": refreshed.get_json()["refresh_token"]}
    assert client.post("/sessions/refresh", json=again).status_code == 401
    assert people.sessions(account.id) == 0
    assert client.post("/sessions", json={"username": account.username, "password": PASSWORD}).status_code == 401
    enabled = administrator.client.patch(f"/accounts/{account.id}", json={"status": "active"}, version=3)
    assert enabled.get_json()["status"] == "active"
    sign_in(account)


def test_nobody_gives_or_touches_more_than_they_hold(
    administrator: Signed, people: People, sign_in: Callable[..., Signed]
) -> None:
    name = f"People {new_id()}"
    body = {"name": name, "permissions": ["accounts.view", "accounts.manage", "roles.manage", "customers.view"]}
    role = administrator.client.post("/roles", json=body).get_json()["code"]
    helper = sign_in(people.staff(role)).client
    boss, viewer = people.staff("administrator"), people.staff(role)

    def code(answer: object) -> tuple[int, str]:
        return answer.status_code, answer.get_json()["code"]

    person = {"email": f"x{new_id()}@example.test", "display_name": "X", "roles": ["administrator"]}
    assert code(helper.post("/invitations", json=person)) == (403, "identity.grant_refused")
    promote = helper.patch(f"/accounts/{viewer.id}", json={"roles": [role, "sales"]}, version=1)
    assert code(promote) == (403, "identity.grant_refused")
    assert code(helper.post(f"/accounts/{boss.id}/password-reset")) == (403, "identity.outranked")
    disable = helper.patch(f"/accounts/{boss.id}", json={"status": "disabled"}, version=1)
    assert code(disable) == (403, "identity.outranked")
    more = helper.post("/roles", json={"name": "More", "permissions": ["customers.delete"]})
    assert code(more) == (403, "identity.grant_refused")
    assert helper.patch(f"/accounts/{viewer.id}", json={"roles": []}, version=1).status_code == 200


def test_the_last_administrator_stays_one(administrator: Signed, people: People, service: Service) -> None:
    from sqlalchemy import text

    me = administrator.client.get("/internal/me").get_json()["account"]
    with service.db.transaction() as session:
        others = text("UPDATE accounts SET roles = '{viewer}' WHERE kind = 'staff' AND id <> :id")
        session.execute(others, {"id": me["id"]})
    for body in ({"status": "disabled"}, {"roles": ["viewer"]}):
        answer = administrator.client.patch(f"/accounts/{me['id']}", json=body, version=me["version"])
        assert answer.get_json()["code"] == "identity.last_administrator"
    people.staff("administrator")
    answer = administrator.client.patch(f"/accounts/{me['id']}", json={"roles": ["viewer"]}, version=me["version"])
    assert answer.status_code == 200


def test_a_role_of_ones_own_is_made_changed_and_deleted(
    administrator: Signed, people: People, service: Service, sign_in: Callable[..., Signed]
) -> None:
    name = f"Key accounts {new_id()}"
    made = administrator.client.post("/roles", json={"name": name, "permissions": ["customers.view"]})
    role = made.get_json()
    assert made.status_code == 201
    again = administrator.client.post("/roles", json={"name": name.upper(), "permissions": []})
    assert again.get_json()["code"] == "identity.role_name_taken"
    holder = sign_in(people.staff(role["code"]))
    path = f"/roles/{role['code']}"
    changed = administrator.client.patch(path, json={"permissions": ["customers.edit", "customers.view"]}, version=1)
    assert changed.get_json()["permissions"] == ["customers.edit", "customers.view"]
    assert holder.sid in people.revoked()
    assert administrator.client.delete(path).get_json()["code"] == "identity.role_in_use"
    me = holder.client.get("/internal/me").get_json()["account"]
    administrator.client.patch(f"/accounts/{me['id']}", json={"roles": []}, version=1)
    assert administrator.client.delete(path).status_code == 204
    assert administrator.client.get(path).status_code == 404
    assert published(service.db, "identity.role.deleted.v1")[-1].version == 3


def test_built_in_roles_and_unknown_permissions_are_refused(administrator: Signed) -> None:
    client = administrator.client
    assert client.patch("/roles/viewer", json={"name": "X"}, version=1).get_json()["code"] == "identity.role_built_in"
    assert client.delete("/roles/administrator").get_json()["code"] == "identity.role_built_in"
    unknown = client.post("/roles", json={"name": "Odd", "permissions": ["no.such"]})
    assert unknown.get_json()["code"] == "identity.roles_unknown"
    assert client.post("/roles", json={"name": "Viewer", "permissions": []}).status_code == 409
    person = {"email": "y@example.test", "display_name": "Y", "roles": ["no-such-role"]}
    assert client.post("/invitations", json=person).get_json()["code"] == "identity.roles_unknown"


@pytest.mark.parametrize("code", ["%00", "%ED%A0%80", "UPPER", "a b", "x" * 100])
def test_codes_that_no_role_has_are_not_found(administrator: Signed, code: str) -> None:
    for answer in (
        administrator.client.get(f"/roles/{code}"),
        administrator.client.patch(f"/roles/{code}", json={"name": "X"}, version=1),
        administrator.client.delete(f"/roles/{code}"),
    ):
        assert answer.status_code == 404


def test_roles_and_permissions_are_listed(administrator: Signed) -> None:
    first = administrator.client.get("/roles?limit=4").get_json()
    rest = administrator.client.get(f"/roles?cursor={first['next_cursor']}&limit=4").get_json()
    codes = [role["code"] for role in first["items"] + rest["items"]]
    assert codes == sorted(codes)
    assert "administrator" in codes
    items = administrator.client.get("/permissions").get_json()["items"]
    assert {"code": "documents.view", "description": "See the documents of a customer"} in items


def test_explaining_says_why_not_and_who_can_help(administrator: Signed, people: People, world: World) -> None:
    customer, other = world.customer(), world.customer()
    buyer = people.portal(customer, "buyer")
    admin = people.portal(customer, "admin", display_name="Portal Admin")

    def explained(permission: str, customer_id: str) -> dict[str, object]:
        query = f"account_id={buyer.id}&permission={permission}&customer_id={customer_id}"
        return dict(administrator.client.get(f"/internal/access/explain?{query}").get_json())

    assert explained("customers.view", customer)["allowed"] is True
    refused = explained("documents.view", customer)
    assert refused["allowed"] is False
    assert [rule["rule"] for rule in refused["rules"] if not rule["passed"]] == ["role_holds_permission"]
    assert admin.id in {one["account_id"] for one in refused["helpers"]}
    assert explained("customers.view", other)["allowed"] is False
    unknown = administrator.client.get(f"/internal/access/explain?account_id={new_id()}&permission=customers.view")
    assert unknown.status_code == 404


def test_permissions_guard_every_staff_operation(people: People, sign_in: Callable[..., Signed]) -> None:
    viewer = sign_in(people.staff("viewer")).client
    for method, path in (
        ("GET", "/accounts"),
        ("POST", "/invitations"),
        ("PATCH", f"/accounts/{new_id()}"),
        ("POST", "/roles"),
        ("DELETE", "/roles/x"),
        ("GET", "/password-resets"),
        ("GET", "/api-tokens"),
        ("GET", f"/internal/access/explain?account_id={new_id()}&permission=x"),
    ):
        answer = viewer.request(method, path, json={} if method in {"POST", "PATCH"} else None)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "permission_missing"), path
