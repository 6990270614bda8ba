"""Saved filters through the API: whose they are, who sees them, and what they find."""

from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver
from common.testing.events import event

ACCOUNT = {
    "kind": "staff",
    "username": "ada",
    "display_name": "Ada",
    "email": None,
    "status": "active",
    "disabled_reason": None,
    "changes": [],
}


@pytest.fixture
def viewer_id() -> str:
    return new_id()


@pytest.fixture
def viewer(service: Service, tokens: TestTokens, viewer_id: str) -> Client:
    """Somebody who may only look."""
    return client_for(service, tokens.staff(["customers.view"], sub=viewer_id))


def save(client: Client, name: str, **fields: Any) -> dict[str, Any]:
    answer = client.post("/saved-filters", json={"name": name, "text": "country:DE"} | fields)
    assert answer.status_code == 201, answer.json
    return answer.json


def names(client: Client) -> set[str]:
    return {item["name"] for item in client.get("/saved-filters?limit=200").json["items"]}


def test_a_filter_of_ones_own_is_seen_by_nobody_else(staff: Client, viewer: Client) -> None:
    mine = save(viewer, "Mine", sort="name", columns=["number", "city"])
    assert (mine["own"], mine["audience"], mine["columns"]) == (True, "me", ["number", "city"])
    assert "Mine" in names(viewer)
    assert "Mine" not in names(staff)
    path = f"/saved-filters/{mine['id']}"
    assert staff.get(path).status_code == 404
    assert staff.patch(path, json={"name": "Taken"}, version=1).status_code == 404
    assert staff.delete(path, version=1).status_code == 404


def test_two_people_may_use_one_name_and_one_person_not_twice(staff: Client, viewer: Client) -> None:
    save(viewer, "Germany")
    save(staff, "Germany")
    refused = viewer.post("/saved-filters", json={"name": "GERMANY", "text": "country:DE"})
    assert (refused.status_code, refused.json["code"]) == (409, "customer.saved_filter_name_taken")


def test_sharing_needs_its_permission(staff: Client, viewer: Client) -> None:
    refused = viewer.post("/saved-filters", json={"name": "For all", "text": "country:DE", "audience": "all"})
    assert (refused.status_code, refused.json["permission"]) == (403, "segments.manage")
    shared = save(staff, "For all", audience="all", pinned=True)
    assert "For all" in names(viewer)
    path = f"/saved-filters/{shared['id']}"
    assert viewer.get(path).json["own"] is False
    refused = viewer.patch(path, json={"name": "Mine now"}, version=1)
    assert (refused.status_code, refused.json["code"]) == (403, "customer.saved_filter_not_yours")
    assert viewer.delete(path, version=1).status_code == 403


def test_who_manages_segments_changes_what_others_share(
    service: Service, tokens: TestTokens, staff: Client, viewer: Client
) -> None:
    shared = save(staff, "Passed on", audience="all")
    other = client_for(service, tokens.staff(["customers.view", "segments.manage"]))
    changed = other.patch(f"/saved-filters/{shared['id']}", json={"audience": "me"}, version=1)
    assert (changed.status_code, changed.json["audience"], changed.json["own"]) == (200, "me", False)
    assert "Passed on" not in names(viewer)


def test_a_filter_for_a_role_is_seen_by_accounts_that_have_it(
    service: Service, staff: Client, viewer: Client, viewer_id: str
) -> None:
    save(staff, "For sales", audience="role", role="sales")
    assert "For sales" not in names(viewer)
    for version, roles in ((1, ["viewer"]), (2, ["viewer", "sales"])):
        data = ACCOUNT | {"id": viewer_id, "roles": roles}
        deliver(service, event("identity.account.updated.v1", viewer_id, data, version=version))
    assert "For sales" in names(viewer)
    refused = staff.post("/saved-filters", json={"name": "No role", "text": "country:DE", "audience": "role"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/role")


def test_a_filter_has_a_rule_or_a_query(staff: Client) -> None:
    for body in ({}, {"text": "country:DE", "query": "q=hotel"}):
        refused = staff.post("/saved-filters", json={"name": "Both or none"} | body)
        assert (refused.status_code, refused.json["code"]) == (422, "customer.field_invalid")
    made = staff.post("/saved-filters", json={"name": "Directory", "query": "q=hotel&sort=name"}).json
    assert (made["rule"], made["query"]) == (None, "q=hotel&sort=name")
    refused = staff.get(f"/saved-filters/{made['id']}/customers")
    assert (refused.status_code, refused.json["code"]) == (409, "customer.saved_filter_has_no_rule")
    changed = staff.patch(f"/saved-filters/{made['id']}", json={"text": "name:x"}, version=1).json
    assert (changed["query"], changed["rule"]["field"]) == (None, "name")


def test_a_rule_finds_customers_page_by_page(staff: Client, a_customer: Any) -> None:
    made = [a_customer(addresses=[{"line1": "1", "city": "Filterstadt", "country": "DE"}]) for _ in range(5)]
    saved = save(staff, "In Filterstadt", text="city:filterstadt")
    seen, cursor = [], ""
    while cursor is not None:
        page = staff.get(f"/saved-filters/{saved['id']}/customers?limit=2{cursor and '&cursor=' + cursor}").json
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [customer["id"] for customer in made]


def test_portal_accounts_have_no_saved_filters(service: Service, tokens: TestTokens, a_customer: Any) -> None:
    portal = client_for(service, tokens.portal({a_customer()["id"]: ["customers.view"]}))
    assert portal.get("/saved-filters").status_code == 403


def test_saving_the_same_again_changes_nothing(staff: Client) -> None:
    saved = save(staff, "Steady")
    again = staff.patch(f"/saved-filters/{saved['id']}", json={"text": "country:DE", "name": "Steady"}, version=1)
    assert (again.json["version"], "Event-Id" in again.headers) == (1, False)
    assert staff.delete(f"/saved-filters/{saved['id']}", version=2).status_code == 412
    assert staff.delete(f"/saved-filters/{saved['id']}", version=1).status_code == 204
