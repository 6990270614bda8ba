"""Who has a property, through the API: from the customer's side and from the property's."""

from collections.abc import Callable
from typing import Any

from common.ids import new_id
from common.service import Service
from common.testing import Client, published
from customer.tests.places import a_location_group, a_property, assign, day

Make = Callable[..., dict[str, Any]]


def held(staff: Client, path: str, when: str = "all") -> list[str]:
    return [f"{item['role']} {item['state']}" for item in staff.get(f"{path}?when={when}").json["items"]]


def test_an_assignment_is_seen_from_both_sides(staff: Client, service: Service, a_customer: Make) -> None:
    customer, place = a_customer(), a_property(staff)
    answer = assign(staff, customer, place)
    assert answer.status_code == 201, answer.json
    made = answer.json
    assert (made["from"], made["to"], made["state"]) == (day(0), None, "current")
    assert (made["property"]["number"], made["customer"]["number"]) == (place["number"], customer["number"])
    assert staff.get(answer.headers["Location"]).json == made
    of_customer = staff.get(f"/customers/{customer['id']}/properties").json["items"]
    assert of_customer == staff.get(f"/properties/{place['id']}/assignments").json["items"] == [made]
    event = published(service.db)[-1]
    assert (event.type, event.customer_id, event.partition_key) == (
        "customer.assignment.started.v1",
        customer["id"],
        customer["id"],
    )
    assert event.data["property"]["line1"] == place["line1"]


def test_past_current_and_future_are_told_apart(staff: Client, a_customer: Make) -> None:
    customer, place = a_customer(), a_property(staff)
    for role, start, end in (("payer", -9, -3), ("owner", -2, None), ("occupant", 4, 9), ("manager", -3, 1)):
        assign(staff, customer, place, role=role, **{"from": day(start), "to": end and day(end)})
    for path in (f"/customers/{customer['id']}/properties", f"/properties/{place['id']}/assignments"):
        assert held(staff, path, "past") == ["payer ended"]
        assert held(staff, path, "current") == ["owner current", "manager current"]
        assert held(staff, path, "future") == ["occupant planned"]
        assert len(held(staff, path)) == 4


def test_a_second_occupant_is_refused_by_name_and_told_what_is_free(staff: Client, a_customer: Make) -> None:
    place, first, second = a_property(staff), a_customer(name="First Ltd"), a_customer()
    assign(staff, first, place, **{"from": day(-3), "to": day(10)})
    assign(staff, second, place, **{"from": day(20), "to": day(30)})
    refused = assign(staff, a_customer(), place)
    assert (refused.status_code, refused.json["code"]) == (409, "customer.property_occupied")
    assert "First Ltd" in refused.json["detail"]
    assert refused.json["occupant"]["customer_id"] == first["id"]
    assert refused.json["free"] == [{"from": day(10), "to": day(20)}, {"from": day(30), "to": None}]
    between = assign(staff, a_customer(), place, **{"from": day(10), "to": day(20)})
    assert between.status_code == 201
    assert assign(staff, first, place, role="owner").status_code == 201
    again = assign(staff, first, place, role="owner", **{"from": day(50)})
    assert (again.status_code, again.json["code"]) == (409, "customer.already_assigned")


def test_an_assignment_ends_and_goes_on(staff: Client, service: Service, a_customer: Make) -> None:
    customer, place = a_customer(), a_property(staff)
    made = assign(staff, customer, place, **{"from": day(-9)}).json
    path = f"/customers/{customer['id']}/properties/{made['id']}"
    later = staff.patch(path, json={"to": day(9)}, version=1)
    assert (later.json["to"], later.json["state"], later.json["version"]) == (day(9), "current", 2)
    event = published(service.db)[-1]
    assert (event.type, event.data["to"]) == ("customer.assignment.changed.v1", day(9))
    assert event.data["changes"] == [{"path": "to", "label": "To", "before": None, "after": day(9)}]
    now = staff.patch(path, json={"to": day(0)}, version=2)
    assert (now.json["state"], published(service.db)[-1].type) == ("ended", "customer.assignment.ended.v1")
    before = len(published(service.db))
    assert staff.patch(path, json={"to": day(0)}, version=3).json["version"] == 3
    assert len(published(service.db)) == before
    assert staff.patch(path, json={"to": None}, version=1).status_code == 412
    on = staff.patch(path, json={"to": None}, version=3)
    assert (on.json["state"], published(service.db)[-1].type) == ("current", "customer.assignment.started.v1")


def test_the_past_is_corrected_with_a_reason(staff: Client, service: Service, a_customer: Make) -> None:
    customer, place = a_customer(), a_property(staff)
    made = assign(staff, customer, place, **{"from": day(-9), "to": day(-2)}).json
    path = f"/customers/{customer['id']}/properties/{made['id']}"
    for body in ({"to": day(-1)}, {"from": day(-8)}, {"role": "owner"}):
        refused = staff.patch(path, json=body, version=1)
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/reason")
    corrected = staff.patch(path, json={"to": day(-1), "reason": "Keys came later"}, version=1)
    assert (corrected.status_code, corrected.json["to"]) == (200, day(-1))
    assert published(service.db)[-1].data["reason"] == "Keys came later"
    removed = staff.delete(path, version=2)
    assert (removed.status_code, removed.json["code"]) == (409, "customer.assignment_begun")


def test_one_that_has_not_begun_is_removed(staff: Client, service: Service, a_customer: Make) -> None:
    customer, place = a_customer(), a_property(staff)
    made = assign(staff, customer, place, **{"from": day(3)}).json
    path = f"/customers/{customer['id']}/properties/{made['id']}"
    assert published(service.db)[-1].type == "customer.assignment.planned.v1"
    assert staff.delete(path, version=1).status_code == 204
    assert staff.get(path).json["code"] == "customer.assignment_not_found"
    assert published(service.db)[-1].type == "customer.assignment.removed.v1"


def test_wrong_days_and_strangers_are_refused(staff: Client, a_customer: Make) -> None:
    customer, place = a_customer(), a_property(staff)
    empty = assign(staff, customer, place, **{"from": day(3), "to": day(3)})
    assert (empty.status_code, empty.json["errors"][0]["pointer"]) == (422, "/to")
    unknown = assign(staff, customer, {"id": new_id()})
    assert (unknown.status_code, unknown.json["errors"][0]["pointer"]) == (422, "/property_id")
    assert assign(staff, customer, place, role="king").status_code == 422
    assert assign(staff, customer, place, **{"from": "2026-02-30"}).status_code == 422
    made = assign(staff, customer, place).json
    other = staff.get(f"/customers/{a_customer()['id']}/properties/{made['id']}")
    assert (other.status_code, other.json["code"]) == (404, "customer.assignment_not_found")
    staff.post(f"/customers/{customer['id']}/archival", json={"reason": "x"})
    archived = assign(staff, customer, place, role="owner")
    assert (archived.status_code, archived.json["code"]) == (409, "customer.archived")


def test_those_who_have_a_property_are_told_when_it_changes(staff: Client, service: Service, a_customer: Make) -> None:
    group, place = a_location_group(staff, "Told"), a_property(staff)
    now, later, before = a_customer(), a_customer(), a_customer()
    assign(staff, before, place, **{"from": day(-9), "to": day(-5)})
    current = assign(staff, now, place, **{"from": day(-5), "to": day(5)}).json
    assign(staff, later, place, **{"from": day(5)})
    staff.patch(f"/properties/{place['id']}", json={"location_group_id": group["id"], "city": "Bonn"}, version=1)
    updated, *told = published(service.db)[-3:]
    assert updated.type == "customer.property.updated.v1"
    assert {event.customer_id for event in told} == {now["id"], later["id"]}
    for event in told:
        assert (event.type, event.version) == ("customer.assignment.changed.v1", 2)
        assert event.data["property"]["location_group_id"] == group["id"]
        assert [change["path"] for change in event.data["changes"]] == ["property.city", "location_group"]
    path = f"/customers/{now['id']}/properties/{current['id']}"
    assert staff.get(path).json["version"] == 2


def test_a_customer_with_properties_is_not_deleted(staff: Client, a_customer: Make) -> None:
    customer, place = a_customer(), a_property(staff)
    made = assign(staff, customer, place, **{"from": day(-5)}).json
    path = f"/customers/{customer['id']}"
    archived = staff.post(f"{path}/archival", json={"reason": "x"}).json
    refused = staff.delete(path, version=archived["version"])
    assert (refused.status_code, refused.json["code"]) == (409, "customer.deletion_blocked")
    [blocker] = refused.json["blockers"]
    assert (blocker["code"], blocker["assignments"][0]["assignment_id"]) == ("customer.has_assignments", made["id"])
    restored = staff.post(f"{path}/restoration").json
    assert staff.patch(f"{path}/properties/{made['id']}", json={"to": day(0)}, version=1).status_code == 200
    archived = staff.post(f"{path}/archival", json={"reason": "x"}).json
    assert archived["version"] > restored["version"]
    assert staff.delete(path, version=archived["version"]).status_code == 202
