"""Contacts through the API, and the one primary contact of a business."""

from collections.abc import Callable
from typing import Any

from common.ids import new_id
from common.service import Service
from common.testing import Client, published

Make = Callable[..., dict[str, Any]]


def last_events(service: Service, count: int) -> list[Any]:
    return published(service.db)[-count:]


def test_the_first_contact_of_a_business_becomes_primary(staff: Client, service: Service, a_customer: Make) -> None:
    made = a_customer()
    answer = staff.post(f"/customers/{made['id']}/contacts", json={"name": "Ruth"})
    assert (answer.status_code, answer.json["primary"]) == (201, True)
    added, updated = last_events(service, 2)
    assert (added.type, updated.type) == ("customer.contact.added.v1", "customer.customer.updated.v1")
    assert updated.data["changes"] == [
        {
            "path": "primary_contact",
            "label": "Primary contact",
            "before": None,
            "after": answer.json["id"],
            "before_label": None,
            "after_label": "Ruth",
        }
    ]
    second = staff.post(f"/customers/{made['id']}/contacts", json={"name": "Tomas"}).json
    assert second["primary"] is False


def test_setting_the_primary_contact_unsets_the_one_before_as_one_change(
    staff: Client, service: Service, a_customer: Make
) -> None:
    made = a_customer(contacts=[{"name": "Ruth"}, {"name": "Tomas"}])
    ruth, tomas = made["contacts"]
    path = f"/customers/{made['id']}/primary-contact"
    answer = staff.put(path, json={"contact_id": tomas["id"]}, version=1)
    assert (answer.status_code, answer.json["primary_contact_id"]) == (200, tomas["id"])
    [event] = last_events(service, 1)
    [change] = event.data["changes"]
    assert (change["before_label"], change["after_label"]) == ("Ruth", "Tomas")
    listed = staff.get(f"/customers/{made['id']}/contacts").json["items"]
    assert [contact["primary"] for contact in listed] == [False, True]
    before = len(published(service.db))
    assert staff.put(path, json={"contact_id": tomas["id"]}, version=2).json["version"] == 2
    assert len(published(service.db)) == before
    asked = staff.patch(f"/customers/{made['id']}/contacts/{ruth['id']}", json={"primary": True}, version=1)
    assert (asked.json["primary"], asked.json["version"]) == (True, 1)
    assert staff.put(path, json={"contact_id": new_id()}, version=3).json["code"] == "customer.contact_not_found"


def test_nobody_is_promoted_when_the_primary_contact_goes(staff: Client, service: Service, a_customer: Make) -> None:
    made = a_customer(contacts=[{"name": "Ruth"}, {"name": "Tomas"}])
    ruth = made["contacts"][0]
    assert staff.delete(f"/customers/{made['id']}/contacts/{ruth['id']}", version=1).status_code == 204
    assert staff.get(f"/customers/{made['id']}").json["primary_contact_id"] is None
    updated, removed = last_events(service, 2)
    assert updated.data["primary_contact_id"] is None
    assert (removed.type, removed.version) == ("customer.contact.removed.v1", 2)


def test_a_person_has_no_primary_contact(staff: Client, a_customer: Make) -> None:
    made = a_customer(kind="person", contacts=[{"name": "Ruth"}])
    contact = made["contacts"][0]
    assert contact["primary"] is False
    answer = staff.put(f"/customers/{made['id']}/primary-contact", json={"contact_id": contact["id"]}, version=1)
    assert (answer.status_code, answer.json["code"]) == (422, "customer.person_has_no_primary_contact")
    added = staff.post(f"/customers/{made['id']}/contacts", json={"name": "Tomas", "primary": True})
    assert added.json["code"] == "customer.person_has_no_primary_contact"


def test_a_contact_is_changed_field_by_field(staff: Client, service: Service, a_customer: Make) -> None:
    made = a_customer(contacts=[{"name": "Ruth", "title": "Owner", "phones": [{"number": "030 1"}]}])
    path = f"/customers/{made['id']}/contacts/{made['contacts'][0]['id']}"
    body = {"title": None, "phones": [{"number": "030 1"}, {"label": "fax", "number": "030 2", "default": True}]}
    answer = staff.patch(path, json=body, version=1)
    assert answer.status_code == 200, answer.json
    assert [phone["default"] for phone in answer.json["phones"]] == [False, True]
    [event] = last_events(service, 1)
    assert [change["path"] for change in event.data["changes"]] == ["title", "phones"]
    assert staff.patch(path, json={"title": ""}, version=2).json["version"] == 2
    assert staff.patch(path, json={"name": "X"}, version=1).status_code == 412
    assert staff.get(path).headers["ETag"] == '"v2"'


def test_two_defaults_or_the_same_entry_twice_are_refused(staff: Client, a_customer: Make) -> None:
    path = f"/customers/{a_customer()['id']}/contacts"
    double = {"name": "R", "emails": [{"address": "a@x.test"}, {"address": "A@x.test"}]}
    answer = staff.post(path, json=double)
    assert answer.json["errors"][0]["pointer"] == "/emails/1/address"
    both = {"name": "R", "phones": [{"number": "1", "default": True}, {"number": "2", "default": True}]}
    assert staff.post(path, json=both).json["errors"][0]["pointer"] == "/phones/1/default"


def test_a_contact_of_another_customer_does_not_exist_here(staff: Client, a_customer: Make) -> None:
    one, other = a_customer(contacts=[{"name": "Ruth"}]), a_customer()
    path = f"/customers/{other['id']}/contacts/{one['contacts'][0]['id']}"
    assert staff.get(path).json["code"] == "customer.contact_not_found"
    assert staff.patch(path, json={"name": "X"}, version=1).status_code == 404
    assert staff.delete(path, version=1).status_code == 404


def test_pages_of_contacts_are_complete(staff: Client, a_customer: Make) -> None:
    names = [f"Same Name {n // 3}" for n in range(11)]
    made = a_customer(contacts=[{"name": name} for name in names])
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        query = f"?limit=3&cursor={cursor}" if cursor else "?limit=3"
        page = staff.get(f"/customers/{made['id']}/contacts{query}").json
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == sorted(contact["id"] for contact in made["contacts"])
    broken = staff.get(f"/customers/{made['id']}/contacts?cursor=broken")
    assert (broken.status_code, broken.json["code"]) == (400, "cursor_invalid")
