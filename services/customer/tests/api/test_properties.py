"""Properties through the API: places that need no customer."""

from collections.abc import Callable
from typing import Any

from common.ids import new_id
from common.service import Service
from common.testing import Client, published
from customer.tests.places import STREET, a_location_group, a_property, assign, day

Make = Callable[..., dict[str, Any]]


def numbers(staff: Client, query: str) -> list[str]:
    return [item["number"] for item in staff.get(f"/properties?{query}").json["items"]]


def test_a_property_exists_without_a_customer(staff: Client, service: Service) -> None:
    answer = staff.post("/properties", json={"name": "Warehouse 7", "kind": "warehouse"} | STREET | {"country": "de"})
    assert answer.status_code == 201, answer.json
    made = answer.json
    assert made["number"].startswith("P")
    assert (made["status"], made["country"], made["location_group"]) == ("active", "DE", None)
    assert staff.get(f"/properties/{made['id']}").json == made
    event = published(service.db)[-1]
    assert (event.type, event.partition_key, event.data["number"]) == (
        "customer.property.created.v1",
        made["id"],
        made["number"],
    )
    assert staff.get(f"/properties/{made['id']}/assignments?when=all").json["items"] == []


def test_a_number_is_given_once(staff: Client) -> None:
    ahead = f"P{int(a_property(staff)['number'][1:]) + 2}"  # which would be given soon
    a_property(staff, number=ahead)
    taken = staff.post("/properties", json={"name": "x", "number": ahead} | STREET)
    assert (taken.status_code, taken.json["code"]) == (409, "customer.property_number_taken")
    assert taken.json["errors"][0]["pointer"] == "/number"
    made = [a_property(staff)["number"] for _ in range(4)]
    assert ahead not in made
    assert len(set(made)) == 4
    other = a_property(staff)
    again = staff.patch(f"/properties/{other['id']}", json={"number": made[0]}, version=1)
    assert (again.status_code, again.json["code"]) == (409, "customer.property_number_taken")


def test_an_edit_says_what_changed_and_one_that_changes_nothing_writes_nothing(staff: Client, service: Service) -> None:
    group = a_location_group(staff, "Edited")
    made = a_property(staff, line2="Back")
    path = f"/properties/{made['id']}"
    body = {"name": "Other", "line2": "", "location_group_id": group["id"]}
    changed = staff.patch(path, json=body, version=1)
    assert (changed.status_code, changed.json["version"]) == (200, 2)
    assert changed.json["location_group"] == {"id": group["id"], "name": "Edited"}
    event = published(service.db)[-1]
    assert event.type == "customer.property.updated.v1"
    assert [change["path"] for change in event.data["changes"]] == ["name", "line2", "location_group"]
    assert event.data["changes"][2]["after_label"] == "Edited"
    before = len(published(service.db))
    assert staff.patch(path, json=body | {"country": "de"}, version=2).json["version"] == 2
    assert len(published(service.db)) == before
    assert staff.patch(path, json={"name": "X"}, version=1).status_code == 412


def test_wrong_fields_are_named(staff: Client) -> None:
    whole = {"name": "x"} | STREET
    for body, pointer in (
        (whole | {"country": "XX"}, "/country"),
        (whole | {"kind": "castle"}, "/kind"),
        (whole | {"status": "closed"}, "/status"),
        (whole | {"location_group_id": new_id()}, "/location_group_id"),
        ({"name": "x"}, "/line1"),
    ):
        refused = staff.post("/properties", json=body)
        assert refused.status_code == 422, refused.json
        assert pointer in [error["pointer"] for error in refused.json["errors"]]


def test_the_list_narrows_by_words_of_number_name_and_city(staff: Client) -> None:
    one = a_property(staff, number="SUCHE-1/2", name="Hôtel d'Été", city="Zürich-West")
    two = a_property(staff, number="SUCHE-22", name="Haus am See", city="Zug")
    for q, found in (
        ("suche", [one, two]),
        ("SUCHE-1/2", [one]),
        ("suche-22", [two]),
        ("hotel zur", [one]),
        ("été", [one]),
        ("haus zuri", []),
        ("suche west", [one]),
        ("uche", []),
        ("'&!", []),
        ("suche' | '", [one, two]),
    ):
        answer = staff.get("/properties", query_string={"q": q, "limit": 200})
        assert [item["number"] for item in answer.json["items"]] == [each["number"] for each in found], q


def test_the_list_narrows_by_group_customer_status_and_vacancy(staff: Client, a_customer: Make) -> None:
    parent = a_location_group(staff, "Whole coast")
    child = a_location_group(staff, "South coast", parent)
    in_parent = a_property(staff, number="COAST-1", location_group_id=parent["id"], kind="land")
    in_child = a_property(staff, number="COAST-2", location_group_id=child["id"])
    closed = a_property(staff, number="COAST-3", location_group_id=child["id"])
    staff.patch(f"/properties/{closed['id']}", json={"status": "closed"}, version=1)
    customer = a_customer()
    assign(staff, customer, in_child, **{"from": day(-5), "to": day(5)})
    assign(staff, customer, in_parent, role="owner")
    within = f"location_group={parent['id']}"
    assert numbers(staff, within) == ["COAST-1", "COAST-2", "COAST-3"]
    assert numbers(staff, f"location_group={child['id']}") == ["COAST-2", "COAST-3"]
    assert numbers(staff, f"{within}&kind=land") == ["COAST-1"]
    assert numbers(staff, f"{within}&status=closed") == ["COAST-3"]
    assert numbers(staff, f"customer={customer['id']}") == ["COAST-1", "COAST-2"]
    assert numbers(staff, f"{within}&vacant_on={day(4)}") == ["COAST-1"]
    assert numbers(staff, f"{within}&vacant_on={day(5)}") == ["COAST-1", "COAST-2"]
    assert staff.get("/properties?vacant_on=tomorrow").status_code == 422


def test_the_list_goes_on_page_by_page(staff: Client) -> None:
    made = [a_property(staff, number=f"PAGE-{n}")["number"] for n in range(5)]
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = staff.get("/properties?q=page&limit=2" + (f"&cursor={cursor}" if cursor else "")).json
        seen += [item["number"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == made


def test_a_property_that_somebody_has_is_not_closed(staff: Client, service: Service, a_customer: Make) -> None:
    made, customer = a_property(staff), a_customer()
    path = f"/properties/{made['id']}"
    held = assign(staff, customer, made, **{"from": day(10)}).json
    refused = staff.patch(path, json={"status": "closed"}, version=1)
    assert (refused.status_code, refused.json["code"]) == (409, "customer.property_in_use")
    assert refused.json["assignments"][0]["customer_id"] == customer["id"]
    staff.delete(f"/customers/{customer['id']}/properties/{held['id']}", version=1)
    assert staff.patch(path, json={"status": "closed"}, version=1).json["status"] == "closed"
    assert published(service.db)[-1].type == "customer.property.closed.v1"
    closed = assign(staff, customer, made)
    assert (closed.status_code, closed.json["code"]) == (409, "customer.property_closed")
    assert staff.patch(path, json={"status": "active"}, version=2).status_code == 200
    assert published(service.db)[-1].type == "customer.property.reopened.v1"


def test_only_a_property_without_history_is_deleted(staff: Client, a_customer: Make) -> None:
    used, unused = a_property(staff), a_property(staff)
    assign(staff, a_customer(), used, **{"from": day(-5), "to": day(-1)})
    refused = staff.delete(f"/properties/{used['id']}", version=1)
    assert (refused.status_code, refused.json["code"]) == (409, "customer.property_in_use")
    assert staff.delete(f"/properties/{unused['id']}", version=1).status_code == 204
    assert staff.get(f"/properties/{unused['id']}").json["code"] == "customer.property_not_found"
