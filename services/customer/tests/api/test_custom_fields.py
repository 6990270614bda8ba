"""Custom fields through the API: definitions, values of customers and contacts, and who sees them."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from customer.tests.places import a_customer_named, a_property, assign

Make = Callable[..., dict[str, Any]]
_keys = count(1)


@pytest.fixture
def a_field(staff: Client) -> Make:
    """Defines a field with a key of its own; it is archived after the test, so that it asks nobody for anything."""
    made: list[str] = []

    def make(kind: str = "text", applies_to: str = "customer", **settings: Any) -> dict[str, Any]:
        key = settings.pop("key", f"field_{next(_keys)}")
        body = {"applies_to": applies_to, "key": key, "label": f"Label of {key}", "type": kind} | settings
        answer = staff.post("/custom-fields", json=body)
        assert answer.status_code == 201, answer.json
        made.append(answer.json["id"])
        return answer.json

    yield make
    for field_id in made:
        present = staff.get(f"/custom-fields/{field_id}").json
        staff.delete(f"/custom-fields/{field_id}", version=present["version"])


def last(service: Service, event_type: str) -> Any:
    return published(service.db, event_type)[-1]


def test_a_field_is_defined_once_and_its_key_stays_its_own(staff: Client, service: Service, a_field: Make) -> None:
    made = a_field(section="Delivery", order=5, max_length=20)
    assert made["version"] == 1
    assert "decimals" not in made
    assert last(service, "customer.custom_field.created.v1").data["key"] == made["key"]
    again = {"applies_to": "customer", "key": made["key"], "label": "X", "type": "text"}
    answer = staff.post("/custom-fields", json=again)
    assert (answer.status_code, answer.json["code"]) == (409, "customer.custom_field_key_taken")
    assert answer.json["custom_field_id"] == made["id"]
    assert staff.post("/custom-fields", json=again | {"applies_to": "contact"}).status_code == 201
    assert staff.patch(f"/custom-fields/{made['id']}", json={"key": "other"}, version=1).status_code == 422


@pytest.mark.parametrize("key", ["", "A", "1a", "a", "with-hyphen", "a" * 64, "ä_b"])
def test_a_key_has_the_form_of_a_name(staff: Client, key: str) -> None:
    body = {"applies_to": "customer", "key": key, "label": "X", "type": "text"}
    answer = staff.post("/custom-fields", json=body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/key")


def test_a_definition_changes_only_where_its_values_allow(staff: Client, service: Service, a_field: Make) -> None:
    made = a_field("integer", min=1)
    path = f"/custom-fields/{made['id']}"
    refused = staff.patch(path, json={"type": "text"}, version=1)
    assert (refused.status_code, refused.json["code"]) == (422, "customer.custom_field_definition_invalid")
    changed = staff.patch(path, json={"type": "decimal", "label": "Weight"}, version=1)
    assert (changed.json["type"], changed.json["min"], changed.json["version"]) == ("decimal", "1", 2)
    paths = [change["path"] for change in last(service, "customer.custom_field.updated.v1").data["changes"]]
    assert paths == ["label", "type", "min"]
    assert staff.patch(path, json={"label": "Weight"}, version=2).json["version"] == 2
    assert staff.patch(path, json={"label": "X"}, version=1).status_code == 412


def test_fields_come_in_their_order_page_by_page(staff: Client, a_field: Make) -> None:
    made = [a_field(applies_to="property", order=order)["id"] for order in (30, 10, 20, 10)]
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = staff.get(f"/custom-fields?applies_to=property&limit=2{more}").json
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [made[1], made[3], made[2], made[0]]


def test_values_travel_with_the_customer(staff: Client, service: Service, a_field: Make, a_customer: Make) -> None:
    route, size = a_field(), a_field("integer")
    made = a_customer(custom_fields={route["key"]: "North 4", size["key"]: "12"})
    assert made["custom_fields"] == {route["key"]: "North 4", size["key"]: 12}
    path = f"/customers/{made['id']}"
    changed = staff.patch(path, json={"custom_fields": {size["key"]: None, route["key"]: "South 1"}}, version=1)
    assert changed.json["custom_fields"] == {route["key"]: "South 1"}
    event = last(service, "customer.customer.updated.v1")
    assert event.data["custom_fields"] == {route["key"]: "South 1"}
    assert {(change["path"], change["label"], change["before"]) for change in event.data["changes"]} == {
        (f"cf.{route['key']}", route["label"], "North 4"),
        (f"cf.{size['key']}", size["label"], 12),
    }
    same = staff.patch(path, json={"custom_fields": {route["key"]: " South 1 "}}, version=2)
    assert same.json["version"] == 2


def test_an_unknown_custom_field_is_named_and_nothing_is_stored(staff: Client, service: Service) -> None:
    before = len(published(service.db))
    answer = staff.post("/customers", json={"name": "X", "custom_fields": {"no_such": 1}})
    assert (answer.status_code, answer.json["code"]) == (422, "customer.custom_fields_invalid")
    assert "no_such" in answer.json["detail"]
    assert answer.json["errors"][0]["pointer"] == "/custom_fields/no_such"
    nested = {"name": "X", "contacts": [{"name": "R", "custom_fields": {"no_such": 1}}]}
    answer = staff.post("/customers", json=nested)
    assert answer.json["errors"][0]["pointer"] == "/contacts/0/custom_fields/no_such"
    assert len(published(service.db)) == before


def test_values_of_a_contact_are_its_own(staff: Client, service: Service, a_field: Make, a_customer: Make) -> None:
    born = a_field("date", applies_to="contact", personal=True)
    made = a_customer(contacts=[{"name": "Ruth", "custom_fields": {born["key"]: "1990-04-01"}}])
    contact = made["contacts"][0]
    assert contact["custom_fields"] == {born["key"]: "1990-04-01"}
    path = f"/customers/{made['id']}/contacts/{contact['id']}"
    changed = staff.patch(path, json={"custom_fields": {born["key"]: "1991-04-01"}}, version=1)
    assert changed.json["custom_fields"] == {born["key"]: "1991-04-01"}
    event = last(service, "customer.contact.updated.v1")
    assert event.data["custom_fields"] == {born["key"]: "1991-04-01"}
    [change] = event.data["changes"]
    assert (change["before"], change["after"]) == (None, None)
    assert staff.get(f"/customers/{made['id']}/contacts").json["items"][0]["custom_fields"] == {
        born["key"]: "1991-04-01"
    }


def test_a_new_required_field_leaves_old_records_alone(staff: Client, a_field: Make, a_customer: Make) -> None:
    other = a_field()
    made = a_customer()
    needed = a_field(required=True)
    path = f"/customers/{made['id']}"
    assert staff.patch(path, json={"name": "Renamed"}, version=1).status_code == 200
    refused = staff.patch(path, json={"custom_fields": {other["key"]: "x"}}, version=2)
    assert refused.json["errors"] == [
        {
            "pointer": f"/custom_fields/{needed['key']}",
            "code": "required",
            "detail": f"{needed['label']} is required.",
        }
    ]
    both = {other["key"]: "x", needed["key"]: "y"}
    assert staff.patch(path, json={"custom_fields": both}, version=2).status_code == 200
    assert staff.post("/customers", json={"name": "New"}).json["code"] == "customer.custom_fields_invalid"


def test_a_default_and_a_number_are_for_new_records(staff: Client, a_field: Make, a_customer: Make) -> None:
    old = a_customer()
    side = a_field("text", default="left")
    number = a_field("auto_number", prefix="C-", digits=4)
    made = [a_customer()["custom_fields"] for _ in range(2)]
    assert made == [{side["key"]: "left", number["key"]: f"C-000{place}"} for place in (1, 2)]
    assert staff.get(f"/customers/{old['id']}").json["custom_fields"] == {}
    refused = staff.patch(f"/customers/{old['id']}", json={"custom_fields": {number["key"]: "C-9"}}, version=1)
    assert "by itself" in refused.json["errors"][0]["detail"]


def test_a_unique_value_belongs_to_one_active_record(staff: Client, a_field: Make, a_customer: Make) -> None:
    badge = a_field(unique=True)["key"]
    first, other = a_customer(custom_fields={badge: "AB 1"}), a_customer()
    taken = staff.patch(f"/customers/{other['id']}", json={"custom_fields": {badge: " ab  1"}}, version=1)
    assert (taken.status_code, taken.json["code"]) == (409, "customer.custom_field_value_taken")
    assert first["number"] in taken.json["detail"]
    assert taken.json["customer_id"] == first["id"]
    staff.post(f"/customers/{first['id']}/archival", json={"reason": "x"})
    assert (
        staff.patch(f"/customers/{other['id']}", json={"custom_fields": {badge: "AB 1"}}, version=1).status_code == 200
    )
    clash = staff.post(f"/customers/{first['id']}/restoration")
    assert (clash.status_code, clash.json["code"]) == (409, "customer.custom_field_value_taken")
    staff.patch(f"/customers/{other['id']}", json={"custom_fields": {badge: None}}, version=2)
    assert staff.post(f"/customers/{first['id']}/restoration").status_code == 200
    assert staff.post("/customers", json={"name": "N", "custom_fields": {badge: "ab 1"}}).status_code == 409


def test_a_merge_keeps_unique_values_with_whom_they_go_and_gives_the_others_back(
    staff: Client, service: Service, a_field: Make, a_customer: Make
) -> None:
    badge, mail = a_field(unique=True)["key"], a_field("email", applies_to="contact", unique=True)["key"]
    secret = a_field(personal=True)["key"]
    person = {"name": "R", "custom_fields": {mail: "r@example.org"}}
    one = a_customer(name="Alder Foods", custom_fields={badge: "A"})
    other = a_customer(name="Birch Bakery", custom_fields={badge: "B", secret: "hers"}, contacts=[person])
    plan = staff.post(f"/customers/{one['id']}/merge-plans", json={"losers": [other["id"]]}).json
    body = {"losers": [other["id"]], "fingerprint": plan["fingerprint"]}
    merged = staff.post(f"/customers/{one['id']}/merges", json=body)
    assert merged.status_code == 201, merged.json
    assert staff.get(f"/customers/{one['id']}").json["custom_fields"] == {badge: "A", secret: "hers"}
    changes = [event.data["changes"] for event in published(service.db, "customer.customer.updated.v1")][-1]
    [told] = [change for change in changes if change["path"].startswith("cf.")]
    assert (told["path"], told["before"], told["after"]) == (f"cf.{secret}", None, None)

    def wanted(**values: str) -> int:
        contacts = [{"name": "X", "custom_fields": {mail: values["mail"]}}] if "mail" in values else []
        fields = {badge: values["badge"]} if "badge" in values else {}
        body = {"name": "Cedar", "custom_fields": fields, "contacts": contacts}
        return int(staff.post("/customers", json=body).status_code)

    assert (wanted(badge="a"), wanted(mail="R@example.org"), wanted(badge="b")) == (409, 409, 201)
    undo = staff.post(f"/customers/{one['id']}/merges/{merged.json['id']}/undo", json={"dry_run": False})
    assert (undo.status_code, undo.json["code"]) == (409, "customer.custom_field_value_taken")


def test_a_removed_contact_gives_its_unique_values_back(staff: Client, a_field: Make, a_customer: Make) -> None:
    key = a_field("email", applies_to="contact", unique=True)["key"]
    person = {"name": "R", "custom_fields": {key: "r@example.org"}}
    twice = staff.post("/customers", json={"name": "X", "contacts": [person, person]})
    assert twice.json["code"] == "customer.custom_field_value_taken"
    made = a_customer(contacts=[person])
    path = f"/customers/{made['id']}/contacts"
    assert staff.post(path, json=person).status_code == 409
    assert staff.delete(f"{path}/{made['contacts'][0]['id']}", version=1).status_code == 204
    assert staff.post(path, json=person).status_code == 201


def test_a_reference_names_a_record_that_is_there(
    staff: Client, service: Service, a_field: Make, a_customer: Make
) -> None:
    key = a_field("reference", to="customer")["key"]
    broker, made = a_customer(name="The Broker"), a_customer()
    path = f"/customers/{made['id']}"
    unknown = staff.patch(path, json={"custom_fields": {key: "0195556a-0000-7000-8000-0000000000ff"}}, version=1)
    assert unknown.json["errors"][0]["pointer"] == f"/custom_fields/{key}"
    assert staff.patch(path, json={"custom_fields": {key: broker["id"]}}, version=1).status_code == 200
    [change] = last(service, "customer.customer.updated.v1").data["changes"]
    assert (change["after"], change["after_label"]) == (broker["id"], "The Broker")


def test_an_archived_field_hides_its_values_and_restoring_shows_them(
    staff: Client, service: Service, a_field: Make, a_customer: Make
) -> None:
    field = a_field()
    made = a_customer(custom_fields={field["key"]: "kept"})
    path, record = f"/custom-fields/{field['id']}", f"/customers/{made['id']}"
    assert staff.delete(path, version=1).status_code == 204
    assert staff.get(record).json["custom_fields"] == {}
    refused = staff.patch(record, json={"custom_fields": {field["key"]: "x"}}, version=1)
    assert refused.json["errors"][0]["code"] == "unknown_field"
    archived = staff.get("/custom-fields?archived=only&limit=200").json["items"]
    assert field["id"] in {item["id"] for item in archived}
    assert staff.post(f"{path}/restoration").json["archived_at"] is None
    assert staff.get(record).json["custom_fields"] == {field["key"]: "kept"}
    verbs = [event.type.split(".")[2] for event in published(service.db) if event.subject == field["id"]]
    assert verbs == ["created", "archived", "restored"]


def test_a_widened_field_shows_its_old_values_in_the_new_form(staff: Client, a_field: Make, a_customer: Make) -> None:
    field = a_field("select", options=[{"id": "n", "label": "North"}, {"id": "s", "label": "South"}])
    made = a_customer(custom_fields={field["key"]: "n"})
    assert staff.patch(f"/custom-fields/{field['id']}", json={"type": "multi_select"}, version=1).status_code == 200
    path = f"/customers/{made['id']}"
    assert staff.get(path).json["custom_fields"] == {field["key"]: ["n"]}
    assert staff.patch(path, json={"custom_fields": {field["key"]: ["n"]}}, version=1).json["version"] == 1
    changed = staff.patch(path, json={"custom_fields": {field["key"]: ["s", "n"]}}, version=1)
    assert changed.json["custom_fields"] == {field["key"]: ["n", "s"]}


def test_a_portal_user_sees_only_what_is_meant_for_the_portal(
    staff: Client, service: Service, tokens: TestTokens, a_field: Make, a_customer: Make
) -> None:
    shown, internal = a_field(portal="view"), a_field()
    personal = a_field(applies_to="contact")
    values = {shown["key"]: "for you", internal["key"]: "margin 12 %"}
    made = a_customer(
        custom_fields=values, contacts=[{"name": "Ruth", "custom_fields": {personal["key"]: "difficult"}}]
    )
    assert staff.get(f"/customers/{made['id']}").json["custom_fields"] == values
    portal = client_for(service, tokens.portal({made["id"]: ["customers.view"]}))
    assert portal.get(f"/customers/{made['id']}").json["custom_fields"] == {shown["key"]: "for you"}
    assert portal.get(f"/customers/{made['id']}/contacts").json["items"][0]["custom_fields"] == {}
    assert portal.get("/custom-fields").json["code"] == "staff_only"


def test_only_who_may_defines_fields(service: Service, tokens: TestTokens, a_field: Make) -> None:
    made = a_field()
    viewer = client_for(service, tokens.staff(["customers.view", "customers.edit"]))
    body = {"applies_to": "customer", "key": "mine", "label": "Mine", "type": "text"}
    for answer in (
        viewer.post("/custom-fields", json=body),
        viewer.patch(f"/custom-fields/{made['id']}", json={"label": "X"}, version=1),
        viewer.delete(f"/custom-fields/{made['id']}", version=1),
        viewer.post(f"/custom-fields/{made['id']}/restoration"),
    ):
        assert (answer.status_code, answer.json["permission"]) == (403, "schema.manage")
    assert viewer.get(f"/custom-fields/{made['id']}").status_code == 200
    assert viewer.get("/custom-fields/0195556a-0000-7000-8000-0000000000ff").status_code == 404


def test_a_property_has_custom_fields_that_its_holders_do_not_hear_of(
    staff: Client, service: Service, tokens: TestTokens, a_field: Make
) -> None:
    zone = a_field(applies_to="property", unique=True)["key"]
    shown = a_field(applies_to="property", portal="view", default="yes")["key"]
    place, holder = a_property(staff, custom_fields={zone: "3"}), a_customer_named(staff, "Holder")
    assert place["custom_fields"] == {zone: "3", shown: "yes"}
    assert assign(staff, holder, place).status_code == 201
    path = f"/properties/{place['id']}"
    before = len(published(service.db))
    assert staff.patch(path, json={"custom_fields": {zone: "4"}}, version=1).json["custom_fields"][zone] == "4"
    [event] = published(service.db)[before:]
    assert (event.type, event.data["custom_fields"]) == ("customer.property.updated.v1", {zone: "4", shown: "yes"})
    again = {"name": "X", "line1": "Kai 3", "city": "Kiel", "country": "DE", "custom_fields": {zone: "4"}}
    taken = staff.post("/properties", json=again)
    assert (taken.status_code, taken.json["code"]) == (409, "customer.custom_field_value_taken")
    portal = client_for(service, tokens.portal({holder["id"]: ["customers.view"]}))
    held = portal.get(path)
    assert held.json["custom_fields"] == {shown: "yes"}
    conditional = {"applies_to": "property", "key": "no_kind", "label": "X", "type": "text"}
    refused = staff.post("/custom-fields", json=conditional | {"condition": {"kinds": ["person"]}})
    assert refused.json["errors"][0]["pointer"] == "/condition"


def test_an_object_has_at_most_forty_indexed_fields(staff: Client, a_field: Make) -> None:
    for _ in range(40):
        a_field("boolean", applies_to="property", facet=True)
    body = {"applies_to": "property", "key": "one_more", "label": "X", "type": "boolean"}
    refused = staff.post("/custom-fields", json=body | {"facet": True})
    assert (refused.status_code, refused.json["code"]) == (409, "customer.custom_field_limit")
    plain = staff.post("/custom-fields", json=body)
    assert plain.status_code == 201
    refused = staff.patch(f"/custom-fields/{plain.json['id']}", json={"facet": True}, version=1)
    assert refused.json["code"] == "customer.custom_field_limit"
