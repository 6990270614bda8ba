"""Customer groups through the API, and who is in them."""

from collections.abc import Callable
from typing import Any

from common.ids import new_id
from common.service import Service
from common.testing import Client, published

Make = Callable[..., dict[str, Any]]


def a_group(staff: Client, name: str) -> dict[str, Any]:
    answer = staff.post("/customer-groups", json={"name": name})
    assert answer.status_code == 201, answer.json
    return answer.json


def test_a_group_is_made_renamed_and_deleted(staff: Client, service: Service) -> None:
    group = a_group(staff, "Wholesalers")
    path = f"/customer-groups/{group['id']}"
    assert staff.post("/customer-groups", json={"name": "WHOLESALERS"}).json["code"] == "customer.group_name_taken"
    renamed = staff.patch(path, json={"name": "Wholesale"}, version=1)
    assert (renamed.json["name"], renamed.json["version"]) == ("Wholesale", 2)
    assert staff.patch(path, json={"name": "X"}, version=1).status_code == 412
    assert staff.patch(path, json={"name": "Wholesale"}, version=2).json["version"] == 2
    assert staff.delete(path, version=2).status_code == 204
    assert staff.get(path).status_code == 404
    types = [event.type for event in published(service.db) if event.subject == group["id"]]
    assert types == ["customer.group.created.v1", "customer.group.updated.v1", "customer.group.deleted.v1"]


def test_renaming_to_a_name_in_use_is_refused(staff: Client) -> None:
    a_group(staff, "Taken")
    group = a_group(staff, "Free")
    answer = staff.patch(f"/customer-groups/{group['id']}", json={"name": "taken"}, version=1)
    assert (answer.status_code, answer.json["code"]) == (409, "customer.group_name_taken")


def test_members_come_and_go(staff: Client, service: Service, a_customer: Make) -> None:
    old, new = a_group(staff, "Old"), a_group(staff, "New")
    one, two = a_customer(group_id=old["id"]), a_customer()
    path = f"/customer-groups/{new['id']}/customers"
    answer = staff.post(path, json={"customer_ids": [one["id"], two["id"]]})
    assert (answer.status_code, answer.json) == (200, {"changed": 2, "unchanged": 0, "settings": []})
    changes = {event.subject: event.data["changes"] for event in published(service.db)[-2:]}
    assert (changes[one["id"]][0]["before_label"], changes[one["id"]][0]["after_label"]) == ("Old", "New")
    assert changes[two["id"]][0]["before"] is None
    again = staff.post(path, json={"customer_ids": [one["id"], two["id"]]})
    assert (again.json, "Event-Id" in again.headers) == ({"changed": 0, "unchanged": 2, "settings": []}, False)
    assert [item["id"] for item in staff.get(path).json["items"]] == [one["id"], two["id"]]
    assert staff.get(f"/customer-groups/{new['id']}").json["members"] == 2
    refused = staff.delete(f"/customer-groups/{new['id']}", version=1)
    assert (refused.status_code, refused.json["code"], refused.json["members"]) == (
        409,
        "customer.group_has_members",
        2,
    )
    assert staff.delete(f"{path}/{one['id']}").status_code == 204
    assert staff.delete(f"{path}/{one['id']}").status_code == 404
    assert staff.get(f"/customers/{one['id']}").json["group"] is None


def test_all_members_come_or_none(staff: Client, a_customer: Make) -> None:
    group = a_group(staff, "All or none")
    good, archived = a_customer(), a_customer()
    staff.post(f"/customers/{archived['id']}/archival", json={"reason": "x"})
    path = f"/customer-groups/{group['id']}/customers"
    unknown = staff.post(path, json={"customer_ids": [good["id"], new_id()]})
    assert (unknown.status_code, unknown.json["errors"][0]["pointer"]) == (422, "/customer_ids/1")
    refused = staff.post(path, json={"customer_ids": [good["id"], archived["id"]]})
    assert (refused.status_code, refused.json["code"]) == (409, "customer.archived")
    assert staff.get(path).json["items"] == []


def test_groups_are_listed_by_name_page_by_page(staff: Client) -> None:
    names = {a_group(staff, f"Paged {letter}")["name"] for letter in "CABED"}
    seen: list[str] = []
    cursor = None
    while True:
        page = staff.get("/customer-groups?limit=2" + (f"&cursor={cursor}" if cursor else "")).json
        seen += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert names <= set(seen)
    assert len(seen) == len(set(seen))
