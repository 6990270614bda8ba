"""Installed systems: types by the administrator, values by type, several of one type per customer."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from customer.tests.places import a_property

Make = Callable[..., dict[str, Any]]
_numbers = count(1)

IP = {
    "key": "ip_address",
    "label": "IP address",
    "type": "text",
    "max_length": 15,
    "pattern": r"(\d{1,3}\.){3}\d{1,3}",
    "pattern_message": "Write it as 192.0.2.10.",
}
VERSION = {"key": "version", "label": "Version", "type": "text"}
LOGIN = {"key": "login", "label": "Login", "type": "secret"}


@pytest.fixture
def a_type(staff: Client) -> Make:
    """Defines a system type with IP address, version and login."""

    def make(*fields: dict[str, Any]) -> dict[str, Any]:
        body = {"name": f"Telephone system {next(_numbers)}", "fields": list(fields) or [IP, VERSION, LOGIN]}
        answer = staff.post("/system-types", json=body)
        assert answer.status_code == 201, answer.json
        return answer.json

    return make


@pytest.fixture
def a_system(staff: Client, a_type: Make, a_customer: Make) -> Make:
    """Installs a system at a customer of its own, unless one is given."""

    def make(**fields: Any) -> dict[str, Any]:
        customer_id = fields.pop("customer_id", None) or a_customer()["id"]
        body = {"type_id": fields.pop("type_id", None) or a_type()["id"]} | fields
        answer = staff.post(f"/customers/{customer_id}/systems", json=body)
        assert answer.status_code == 201, answer.json
        return answer.json

    return make


def last(service: Service, event_type: str) -> Any:
    return published(service.db, event_type)[-1]


def path_of(system: dict[str, Any]) -> str:
    return f"/customers/{system['customer_id']}/systems/{system['id']}"


def test_a_customer_has_several_systems_of_one_type(
    staff: Client, service: Service, a_type: Make, a_customer: Make
) -> None:
    kind, made = a_type(), a_customer()
    path = f"/customers/{made['id']}/systems"
    first = staff.post(path, json={"type_id": kind["id"], "values": {"ip_address": "192.0.2.10"}})
    second = staff.post(path, json={"type_id": kind["id"], "name": "Warehouse"})
    assert (first.json["name"], second.json["name"]) == (kind["name"], "Warehouse")
    assert first.json["values"] == {"ip_address": "192.0.2.10"}
    assert first.json["type"] == {"id": kind["id"], "name": kind["name"]}
    nothing = {"set": False, "revision": None, "updated_at": None, "updated_by": None, "age_days": None}
    assert first.json["secrets"] == {"login": nothing}
    assert [item["id"] for item in staff.get(path).json["items"]] == [first.json["id"], second.json["id"]]
    event = last(service, "customer.system.added.v1")
    assert (event.customer_id, event.data["type_name"], event.data["values"]) == (made["id"], kind["name"], {})


def test_values_are_checked_by_the_type(staff: Client, a_system: Make) -> None:
    system = a_system()
    answer = staff.patch(path_of(system), json={"values": {"ip_address": "first floor", "serial": "1"}}, version=1)
    assert (answer.status_code, answer.json["code"]) == (422, "customer.custom_fields_invalid")
    assert {(error["pointer"], error["detail"]) for error in answer.json["errors"]} == {
        ("/values/ip_address", "Write it as 192.0.2.10."),
        ("/values/serial", "There is no field serial."),
    }


def test_a_system_changes_field_by_field(staff: Client, service: Service, a_system: Make) -> None:
    system = a_system(values={"version": "11.2"})
    body = {"status": "retired", "values": {"version": "11.3", "ip_address": None}}
    changed = staff.patch(path_of(system), json=body, version=1)
    assert (changed.json["status"], changed.json["values"]) == ("retired", {"version": "11.3"})
    changes = last(service, "customer.system.updated.v1").data["changes"]
    assert [(change["path"], change["label"]) for change in changes] == [
        ("status", "Status"),
        ("values.version", "Version"),
    ]
    assert staff.patch(path_of(system), json=body, version=2).json["version"] == 2
    assert staff.patch(path_of(system), json={"name": "X"}, version=1).status_code == 412
    assert staff.delete(path_of(system), version=2).status_code == 204
    assert staff.get(path_of(system)).json["code"] == "customer.system_not_found"
    assert last(service, "customer.system.removed.v1").version == 3


def test_a_field_that_is_added_to_a_type_breaks_no_system(
    staff: Client, service: Service, a_type: Make, a_system: Make
) -> None:
    kind = a_type(VERSION)
    system = a_system(type_id=kind["id"], values={"version": "1"})
    serial = {"key": "serial", "label": "Serial", "type": "text", "required": True}
    changed = staff.patch(f"/system-types/{kind['id']}", json={"fields": [serial, VERSION]}, version=1)
    assert [(field["key"], field["order"]) for field in changed.json["fields"]] == [("serial", 0), ("version", 1)]
    assert staff.get(path_of(system)).json["values"] == {"version": "1"}
    assert staff.patch(path_of(system), json={"name": "Renamed"}, version=1).status_code == 200
    missing = staff.patch(path_of(system), json={"values": {"version": "2"}}, version=2)
    assert missing.json["errors"][0]["pointer"] == "/values/serial"
    both = staff.patch(path_of(system), json={"values": {"version": "2", "serial": "S1"}}, version=2)
    assert both.json["values"] == {"serial": "S1", "version": "2"}
    assert last(service, "customer.system.updated.v1").data["type_version"] == 2


def test_a_field_that_is_left_out_is_archived_and_comes_back_with_its_values(
    staff: Client, a_type: Make, a_system: Make
) -> None:
    kind = a_type(IP, VERSION)
    system = a_system(type_id=kind["id"], values={"version": "1"})
    path = f"/system-types/{kind['id']}"
    without = staff.patch(path, json={"fields": [IP]}, version=1).json
    assert [(field["key"], field["archived"]) for field in without["fields"]] == [
        ("ip_address", False),
        ("version", True),
    ]
    assert staff.get(path_of(system)).json["values"] == {}
    assert staff.patch(path, json={"fields": without["fields"]}, version=2).json["version"] == 2
    staff.patch(path, json={"fields": [IP, VERSION]}, version=2)
    assert staff.get(path_of(system)).json["values"] == {"version": "1"}


def test_a_field_of_a_type_keeps_its_type(staff: Client, a_type: Make) -> None:
    kind = a_type()
    opened = {"fields": [LOGIN | {"type": "text"}]}
    answer = staff.patch(f"/system-types/{kind['id']}", json=opened, version=1)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/fields/0/type")
    twice = staff.post("/system-types", json={"name": "Twice", "fields": [IP, IP]})
    assert twice.json["errors"][0]["pointer"] == "/fields/1/key"


def test_an_archived_type_takes_no_new_systems(staff: Client, service: Service, a_type: Make, a_system: Make) -> None:
    kind = a_type(VERSION)
    system = a_system(type_id=kind["id"])
    path = f"/system-types/{kind['id']}"
    assert staff.delete(path, version=1).status_code == 204
    refused = staff.post(f"/customers/{system['customer_id']}/systems", json={"type_id": kind["id"]})
    assert (refused.status_code, refused.json["code"]) == (422, "customer.system_type_unknown")
    assert staff.patch(path_of(system), json={"values": {"version": "2"}}, version=1).status_code == 200
    assert kind["id"] not in {item["id"] for item in staff.get("/system-types?limit=200").json["items"]}
    assert staff.post(f"{path}/restoration").json["version"] == 3
    again = staff.post("/system-types", json={"name": kind["name"].upper()})
    assert (again.status_code, again.json["code"]) == (409, "customer.system_type_name_taken")
    verbs = [event.type.split(".")[2] for event in published(service.db) if event.subject == kind["id"]]
    assert verbs == ["created", "archived", "restored"]


def test_an_archived_customer_keeps_its_systems_as_they_are(staff: Client, a_system: Make) -> None:
    system = a_system()
    staff.post(f"/customers/{system['customer_id']}/archival", json={"reason": "x"})
    assert staff.get(path_of(system)).status_code == 200
    assert staff.patch(path_of(system), json={"name": "X"}, version=1).json["code"] == "customer.archived"


def test_systems_are_for_who_may_see_them(
    service: Service, tokens: TestTokens, a_system: Make, a_customer: Make
) -> None:
    system = a_system()
    reader = client_for(service, tokens.staff(["customers.view"]))
    assert reader.get(path_of(system)).json["permission"] == "systems.view"
    viewer = client_for(service, tokens.staff(["systems.view"]))
    assert viewer.get(path_of(system)).status_code == 200
    assert viewer.patch(path_of(system), json={"name": "X"}, version=1).json["permission"] == "systems.edit"
    assert viewer.post("/system-types", json={"name": "X"}).json["permission"] == "schema.manage"
    portal = client_for(service, tokens.portal({system["customer_id"]: ["systems.view"]}))
    assert portal.get(path_of(system)).json["code"] == "staff_only"
    elsewhere = f"/customers/{a_customer()['id']}/systems/{system['id']}"
    assert viewer.get(elsewhere).json["code"] == "customer.system_not_found"


def test_a_system_stands_at_a_property_that_then_stays(staff: Client, service: Service, a_system: Make) -> None:
    place = a_property(staff)
    system = a_system(property_id=place["id"])
    assert system["property"] == {name: place[name] for name in ("id", "number", "name")}
    refused = staff.delete(f"/properties/{place['id']}", version=1)
    assert (refused.status_code, refused.json["code"]) == (409, "customer.property_in_use")
    moved = staff.patch(path_of(system), json={"property_id": None}, version=1)
    assert moved.json["property"] is None
    [change] = last(service, "customer.system.updated.v1").data["changes"]
    assert (change["path"], change["before_label"], change["after"]) == ("property", place["name"], None)
    unknown = {"property_id": "0195556a-0000-7000-8000-0000000000ff"}
    assert staff.patch(path_of(system), json=unknown, version=2).json["code"] == "customer.property_unknown"
    assert staff.delete(f"/properties/{place['id']}", version=1).status_code == 204


def test_a_note_may_be_about_a_system(staff: Client, a_system: Make) -> None:
    system, other = a_system(), a_system()
    notes = f"/customers/{system['customer_id']}/notes"
    about = {"kind": "note", "body": "Fuse in the cellar", "scope_type": "system"}
    made = staff.post(notes, json=about | {"scope_id": system["id"]})
    assert (made.status_code, made.json["scope_id"]) == (201, system["id"])
    assert staff.post(notes, json=about | {"scope_id": other["id"]}).status_code == 422
