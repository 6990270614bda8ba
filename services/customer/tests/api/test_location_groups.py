"""Location groups through the API: a tree with counts."""

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, published
from customer.tests.places import a_location_group, a_property


def test_a_tree_is_shown_with_paths_and_counts(staff: Client) -> None:
    country = a_location_group(staff, "Norway")
    city = a_location_group(staff, "Bergen", country)
    quarter = a_location_group(staff, "Harbour", city)
    assert [step["name"] for step in quarter["path"]] == ["Norway", "Bergen"]
    for group in (quarter, quarter, city):
        a_property(staff, location_group_id=group["id"])
    shown = {item["name"]: item for item in staff.get("/location-groups?limit=200").json["items"]}
    assert [(shown[name]["properties"], shown[name]["properties_in_subtree"]) for name in ("Norway", "Bergen")] == [
        (0, 3),
        (1, 3),
    ]
    assert (shown["Harbour"]["properties"], shown["Norway"]["groups"], shown["Harbour"]["groups"]) == (2, 1, 0)
    below = staff.get(f"/location-groups?parent_id={country['id']}").json["items"]
    assert [item["name"] for item in below] == ["Bergen"]
    assert "Bergen" not in {item["name"] for item in staff.get("/location-groups?top=true&limit=200").json["items"]}


def test_a_name_is_unique_among_siblings_only(staff: Client) -> None:
    one, other = a_location_group(staff, "Denmark"), a_location_group(staff, "Sweden")
    a_location_group(staff, "North", one)
    a_location_group(staff, "North", other)
    again = staff.post("/location-groups", json={"name": "NORTH", "parent_id": one["id"]})
    assert (again.status_code, again.json["code"]) == (409, "customer.location_name_taken")
    assert staff.post("/location-groups", json={"name": "denmark"}).status_code == 409
    south = a_location_group(staff, "South", one)
    path = f"/location-groups/{south['id']}"
    assert staff.patch(path, json={"name": "north"}, version=1).json["code"] == "customer.location_name_taken"
    assert staff.patch(path, json={"name": "north", "parent_id": south["id"]}, version=1).status_code == 409


def test_renaming_and_moving_is_one_change(staff: Client, service: Service) -> None:
    old, new = a_location_group(staff, "Old town"), a_location_group(staff, "New town")
    group = a_location_group(staff, "Market", old)
    path = f"/location-groups/{group['id']}"
    moved = staff.patch(path, json={"name": "Fish market", "parent_id": new["id"]}, version=1)
    assert (moved.status_code, moved.json["version"], moved.json["parent_id"]) == (200, 2, new["id"])
    event = published(service.db)[-1]
    assert event.type == "customer.location_group.updated.v1"
    assert [change["path"] for change in event.data["changes"]] == ["name", "parent"]
    assert (event.data["changes"][1]["before_label"], event.data["changes"][1]["after_label"]) == (
        "Old town",
        "New town",
    )
    before = len(published(service.db))
    assert staff.patch(path, json={"name": "Fish market"}, version=2).json["version"] == 2
    assert len(published(service.db)) == before
    assert staff.patch(path, json={"name": "X"}, version=1).status_code == 412
    assert staff.patch(path, json={"parent_id": None}, version=2).json["path"] == []


def test_rings_and_depth_are_refused(staff: Client) -> None:
    chain = [a_location_group(staff, "Level 1")]
    for level in range(2, 9):
        chain.append(a_location_group(staff, f"Level {level}", chain[-1]))
    ninth = staff.post("/location-groups", json={"name": "Level 9", "parent_id": chain[-1]["id"]})
    assert (ninth.status_code, ninth.json["code"]) == (409, "customer.location_too_deep")
    ring = staff.patch(f"/location-groups/{chain[0]['id']}", json={"parent_id": chain[3]["id"]}, version=1)
    assert (ring.status_code, ring.json["code"], len(ring.json["path"])) == (409, "customer.location_cycle", 5)
    top = a_location_group(staff, "Above")
    deeper = staff.patch(f"/location-groups/{chain[0]['id']}", json={"parent_id": top["id"]}, version=1)
    assert deeper.json["code"] == "customer.location_too_deep"
    unknown = staff.post("/location-groups", json={"name": "x", "parent_id": new_id()})
    assert (unknown.status_code, unknown.json["errors"][0]["pointer"]) == (422, "/parent_id")


def test_only_an_empty_one_is_deleted(staff: Client) -> None:
    parent = a_location_group(staff, "Iceland")
    child = a_location_group(staff, "Reykjavik", parent)
    place = a_property(staff, location_group_id=child["id"])
    for group, held in ((parent, (1, 0)), (child, (0, 1))):
        refused = staff.delete(f"/location-groups/{group['id']}", version=1)
        assert (refused.status_code, refused.json["code"]) == (409, "customer.location_group_in_use")
        assert (refused.json.get("groups", 0), refused.json.get("properties", 0)) == held
    staff.patch(f"/properties/{place['id']}", json={"location_group_id": None}, version=1)
    assert staff.delete(f"/location-groups/{child['id']}", version=1).status_code == 204
    assert staff.get(f"/location-groups/{child['id']}").json["code"] == "customer.location_group_not_found"


def test_the_tree_is_for_those_who_manage_groups(service: Service, staff: Client, tokens: TestTokens) -> None:
    reader = tokens.staff(["customers.view"])
    assert staff.get("/location-groups", token=reader).status_code == 200
    refused = staff.post("/location-groups", json={"name": "x"}, token=reader)
    assert (refused.status_code, refused.json["permission"]) == (403, "groups.manage")
    portal = tokens.portal({new_id(): ["customers.view"]})
    assert staff.get("/location-groups", token=portal).status_code == 403
