"""Customers through the API: the whole form in one call, edits with versions and changes, the end of a customer."""

from collections.abc import Callable
from threading import Event as Stop
from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published

Make = Callable[..., dict[str, Any]]

FORM = {
    "number": "K10472",
    "kind": "business",
    "name": "Alderwick Foods",
    "dba_name": "Alderwick's",
    "external_ids": [{"system": "crm", "id": "A-771"}],
    "addresses": [{"line1": "14 Tanner Row", "city": "Leeds", "postal_code": "LS1 4AP", "country": "gb"}],
    "contacts": [
        {
            "name": "Ruth Adeyemi",
            "emails": [{"address": "ruth@example.test"}, {"label": "home", "address": "r@example.test"}],
            "phones": [{"label": "mobile", "number": "+44 7700 900123"}],
            "roles": ["buyer"],
        },
        {"name": "Tomas Hlavka"},
    ],
}


def events_of(service: Service, customer_id: str) -> list[Any]:
    return [event for event in published(service.db) if event.customer_id == customer_id]


def test_the_whole_form_makes_a_customer_in_one_call(staff: Client, service: Service) -> None:
    head = staff.post("/customers", json={"name": "Head", "number": "K1"}).json
    answer = staff.post("/customers", json=FORM | {"parent_number": "K1"})
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"v1"'
    made = answer.json
    assert made["parent"] == {"id": head["id"], "number": "K1", "name": "Head"}
    assert made["external_ids"] == [{"system": "crm", "id": "A-771"}]
    assert [contact["primary"] for contact in made["contacts"]] == [True, False]
    assert made["primary_contact_id"] == made["contacts"][0]["id"]
    assert [email["default"] for email in made["contacts"][0]["emails"]] == [True, False]
    assert made["addresses"][0]["country"] == "GB"
    assert made["addresses"][0]["purposes"] == [
        {"purpose": "billing", "default": True},
        {"purpose": "ship_to", "default": True},
    ]
    events = events_of(service, made["id"])
    assert [event.type.removeprefix("customer.") for event in events] == [
        "customer.created.v1",
        "contact.added.v1",
        "contact.added.v1",
        "address.added.v1",
    ]
    assert answer.headers["Event-Id"] == events[-1].id
    assert events[0].data["primary_contact_id"] == made["primary_contact_id"]
    shown = staff.get(f"/customers/{made['id']}")
    assert shown.status_code == 200
    assert {
        name: value for name, value in made.items() if name not in {"contacts", "addresses", "duplicates"}
    } == shown.json


def test_a_number_is_made_when_none_is_given(staff: Client) -> None:
    staff.post("/customers", json={"name": "By hand", "number": "10001"})
    numbers = [staff.post("/customers", json={"name": "Automatic"}).json["number"] for _ in range(2)]
    assert numbers == sorted(set(numbers))
    assert "10001" not in numbers


def test_a_number_belongs_to_one_customer(staff: Client, a_customer: Make) -> None:
    first = a_customer()
    answer = staff.post("/customers", json={"name": "Second", "number": first["number"]})
    assert (answer.status_code, answer.json["code"]) == (409, "customer.number_taken")
    assert answer.json["customer_id"] == first["id"]


def test_an_external_id_belongs_to_one_customer(staff: Client, a_customer: Make) -> None:
    a_customer(external_ids=[{"system": "erp", "id": "7"}])
    answer = staff.post("/customers", json={"name": "B", "external_ids": [{"system": "erp", "id": "7"}]})
    assert (answer.status_code, answer.json["code"]) == (409, "customer.external_id_taken")


def test_an_edit_writes_one_event_with_what_changed(staff: Client, service: Service, a_customer: Make) -> None:
    made = a_customer(name="Before")
    group = staff.post("/customer-groups", json={"name": f"Group {made['number']}"}).json
    body = {
        "name": "After",
        "dba_name": "A",
        "group_id": group["id"],
        "external_ids": [{"system": "x", "id": made["id"]}],
    }
    answer = staff.patch(f"/customers/{made['id']}", json=body, version=1)
    assert answer.status_code == 200, answer.json
    assert answer.json["group"] == {"id": group["id"], "name": group["name"]}
    event = events_of(service, made["id"])[-1]
    assert (event.type, event.version) == ("customer.customer.updated.v1", 2)
    assert event.data["changes"] == [
        {"path": "name", "label": "Name", "before": "Before", "after": "After"},
        {"path": "dba_name", "label": "Trading name", "before": None, "after": "A"},
        {"path": "external_ids", "label": "External ids", "before": [], "after": body["external_ids"]},
        {
            "path": "group",
            "label": "Customer group",
            "before": None,
            "after": group["id"],
            "before_label": None,
            "after_label": group["name"],
        },
    ]


def test_an_edit_that_changes_nothing_writes_nothing(staff: Client, service: Service, a_customer: Make) -> None:
    made = a_customer()
    before = len(published(service.db))
    answer = staff.patch(f"/customers/{made['id']}", json={"name": made["name"], "parent_id": None}, version=1)
    assert (answer.status_code, answer.json["version"]) == (200, 1)
    assert "Event-Id" not in answer.headers
    assert len(published(service.db)) == before


def test_a_stale_edit_is_refused(staff: Client, a_customer: Make) -> None:
    made = a_customer()
    path = f"/customers/{made['id']}"
    assert staff.patch(path, json={"name": "One"}, version=1).status_code == 200
    answer = staff.patch(path, json={"name": "Two"}, version=1)
    assert (answer.status_code, answer.json["code"]) == (412, "customer.stale")
    assert staff.patch(path, json={"name": "Two"}).status_code == 428


def test_numbers_change_and_the_old_one_is_never_given_again(staff: Client, a_customer: Make) -> None:
    made = a_customer()
    path = f"/customers/{made['id']}"
    assert staff.patch(path, json={"number": f"{made['number']}-N"}, version=1).status_code == 200
    answer = staff.post("/customers", json={"name": "Other", "number": made["number"]})
    assert (answer.status_code, answer.json["code"]) == (409, "customer.number_taken")
    back = staff.patch(path, json={"number": made["number"]}, version=2)
    assert back.status_code == 200, back.json


def test_branches_form_a_tree_without_rings(staff: Client, a_customer: Make) -> None:
    head = a_customer()
    branch = a_customer(parent_id=head["id"])
    leaf = a_customer(parent_number=branch["number"])
    listed = staff.get(f"/customers/{head['id']}/branches").json["items"]
    assert [item["id"] for item in listed] == [branch["id"]]
    answer = staff.patch(f"/customers/{head['id']}", json={"parent_id": leaf["id"]}, version=1)
    assert (answer.status_code, answer.json["code"]) == (409, "customer.hierarchy_cycle")
    assert answer.json["path"] == [head["id"], leaf["id"], branch["id"], head["id"]]
    itself = staff.patch(f"/customers/{head['id']}", json={"parent_id": head["id"]}, version=1)
    assert itself.json["code"] == "customer.hierarchy_cycle"
    out = staff.patch(f"/customers/{branch['id']}", json={"parent_id": None}, version=1)
    assert out.json["parent"] is None


def test_the_tree_is_at_most_eight_levels_deep(staff: Client, a_customer: Make) -> None:
    top = a_customer()
    parent = top
    for _ in range(7):
        parent = a_customer(parent_id=parent["id"])
    answer = staff.post("/customers", json={"name": "Ninth", "parent_id": parent["id"]})
    assert (answer.status_code, answer.json["code"]) == (409, "customer.hierarchy_too_deep")
    other = a_customer()
    moved = staff.patch(f"/customers/{top['id']}", json={"parent_id": other["id"]}, version=1)
    assert moved.json["code"] == "customer.hierarchy_too_deep"


def test_a_head_office_is_an_active_business(staff: Client, a_customer: Make) -> None:
    person = a_customer(kind="person")
    answer = staff.post("/customers", json={"name": "B", "parent_id": person["id"]})
    assert answer.json["code"] == "customer.parent_unsuitable"
    unknown = staff.post("/customers", json={"name": "B", "parent_number": "no such number"})
    assert (unknown.status_code, unknown.json["code"]) == (422, "customer.parent_not_found")
    assert unknown.json["errors"][0]["pointer"] == "/parent_number"


def test_archiving_and_restoring_name_the_archive(staff: Client, service: Service, a_customer: Make) -> None:
    made = a_customer()
    path = f"/customers/{made['id']}"
    archived = staff.post(f"{path}/archival", json={"reason": "Moved away"})
    assert archived.status_code == 200
    assert archived.json["archive"]["reason"] == "Moved away"
    again = staff.post(f"{path}/archival", json={"reason": "Twice"})
    assert (again.status_code, again.json["archive"]["reason"]) == (200, "Moved away")
    for answer in (
        staff.patch(path, json={"name": "X"}, version=2),
        staff.post(f"{path}/contacts", json={"name": "X"}),
        staff.post(f"{path}/addresses", json={"line1": "X", "city": "X", "country": "DE"}),
    ):
        assert (answer.status_code, answer.json["code"]) == (409, "customer.archived")
        assert "restore" in answer.json["detail"]
    restored = staff.post(f"{path}/restoration")
    assert (restored.status_code, restored.json["status"], restored.json["archive"]) == (200, "active", None)
    assert staff.post(f"{path}/restoration", json={}).json["version"] == restored.json["version"]
    events = events_of(service, made["id"])
    assert [event.type for event in events[1:]] == ["customer.customer.archived.v1", "customer.customer.restored.v1"]
    assert events[1].data["archive"]["id"] == events[2].data["archive"]["id"] == archived.json["archive"]["id"]
    assert [event.version for event in events] == [1, 2, 3]


def test_a_head_office_with_active_branches_is_not_archived(staff: Client, a_customer: Make) -> None:
    head = a_customer()
    branch = a_customer(parent_id=head["id"])
    answer = staff.post(f"/customers/{head['id']}/archival", json={"reason": "x"})
    assert (answer.status_code, answer.json["code"]) == (409, "customer.has_branches")
    assert answer.json["branches"][0]["number"] == branch["number"]
    assert staff.post(f"/customers/{branch['id']}/archival", json={"reason": "x"}).status_code == 200
    assert staff.post(f"/customers/{head['id']}/archival", json={"reason": "x"}).status_code == 200
    orphan = staff.post(f"/customers/{branch['id']}/restoration")
    assert (orphan.status_code, orphan.json["code"]) == (409, "customer.parent_unsuitable")


def test_only_an_archived_customer_is_deleted_and_only_after_a_time_of_grace(
    staff: Client, service: Service, a_customer: Make
) -> None:
    made = a_customer(contacts=[{"name": "R"}], addresses=[{"line1": "X", "city": "X", "country": "DE"}])
    path = f"/customers/{made['id']}"
    answer = staff.delete(path, version=1)
    assert (answer.status_code, answer.json["code"]) == (409, "customer.not_archived")
    staff.post(f"{path}/archival", json={"reason": "x"})
    assert staff.delete(path, version=1).status_code == 412
    asked = staff.delete(path, version=2)
    assert (asked.status_code, asked.json["status"], asked.json["version"]) == (202, "archived", 3)
    again = staff.delete(path, version=3)
    assert (again.json["version"], again.json["deletion_at"]) == (3, asked.json["deletion_at"])
    purge(service)
    assert staff.get(path).json["deletion_at"]
    time_passes(service, made["id"])
    purge(service)
    assert staff.get(path).status_code == 404
    assert events_of(service, made["id"])[-1].type == "customer.customer.deleted.v1"
    reused = staff.post("/customers", json={"name": "Next", "number": made["number"]})
    assert (reused.status_code, reused.json["code"]) == (409, "customer.number_taken")


def test_restoring_takes_a_deletion_back(staff: Client, service: Service, a_customer: Make) -> None:
    made = a_customer()
    path = f"/customers/{made['id']}"
    staff.post(f"{path}/archival", json={"reason": "x"})
    staff.delete(path, version=2)
    assert staff.post(f"{path}/restoration").json["deletion_at"] is None
    purge(service)
    assert staff.get(path).json["status"] == "active"


def test_what_stands_against_a_deletion_is_listed(staff: Client, a_customer: Make) -> None:
    head = a_customer()
    branch = a_customer(parent_id=head["id"])
    staff.post(f"/customers/{branch['id']}/archival", json={"reason": "x"})
    staff.post(f"/customers/{head['id']}/archival", json={"reason": "x"})
    answer = staff.delete(f"/customers/{head['id']}", version=2)
    assert (answer.status_code, answer.json["code"]) == (409, "customer.deletion_blocked")
    [blocker] = answer.json["blockers"]
    assert (blocker["code"], blocker["branches"][0]["id"]) == ("customer.has_branches", branch["id"])


def test_the_names_of_a_deleted_customer_go_with_it(staff: Client, service: Service, a_customer: Make) -> None:
    one, other = a_customer(), a_customer()
    body = {"losers": [other["id"]]}
    plan = staff.post(f"/customers/{one['id']}/merge-plans", json=body).json
    staff.post(f"/customers/{one['id']}/merges", json=body | {"fingerprint": plan["fingerprint"]})
    archived = staff.post(f"/customers/{one['id']}/archival", json={"reason": "x"}).json
    assert staff.delete(f"/customers/{one['id']}", version=archived["version"]).status_code == 202
    time_passes(service, one["id"])
    purge(service)
    for customer in (one, other):
        assert staff.get(f"/customers/{customer['id']}").status_code == 404
        assert events_of(service, customer["id"])[-1].type == "customer.customer.deleted.v1"
        reused = staff.post("/customers", json={"name": "Next", "number": customer["number"]})
        assert reused.json["code"] == "customer.number_taken"


def purge(service: Service) -> None:
    next(job for job in service.jobs if job.name == "deletions").run(Stop())


def time_passes(service: Service, customer_id: str) -> None:
    with service.db.transaction() as session:
        session.execute(
            text("UPDATE customers SET deletion_at = now() - interval '1 second' WHERE id = :id"), {"id": customer_id}
        )


def test_a_business_becomes_a_person_only_without_what_persons_lack(staff: Client, a_customer: Make) -> None:
    made = a_customer(contacts=[{"name": "R"}])
    path = f"/customers/{made['id']}"
    answer = staff.patch(path, json={"kind": "person"}, version=1)
    assert (answer.status_code, answer.json["code"]) == (409, "customer.kind_fixed")
    assert staff.put(f"{path}/primary-contact", json={"contact_id": None}, version=1).status_code == 200
    assert staff.patch(path, json={"kind": "person"}, version=2).json["kind"] == "person"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": "x", "kind": "robot"}, "/kind"),
        ({"name": "x", "surprise": 1}, "/surprise"),
        ({"name": "x", "parent_id": new_id(), "parent_number": "1"}, "/parent_number"),
        ({"name": "x", "addresses": [{"line1": "a", "city": "b", "country": "Germany"}]}, "/addresses/0/country"),
        ({"name": "x", "addresses": [{"line1": "a", "city": "b", "country": "XX"}]}, "/addresses/0/country"),
        ({"name": "x", "contacts": [{"name": "a", "emails": [{"address": "nope"}]}]}, "/contacts/0/emails/0/address"),
        (
            {"name": "x", "contacts": [{"name": "a", "primary": True}, {"name": "b", "primary": True}]},
            "/contacts/1/primary",
        ),
    ],
)
def test_a_wrong_field_is_named(staff: Client, body: dict[str, Any], pointer: str) -> None:
    answer = staff.post("/customers", json=body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == pointer


def test_each_operation_needs_its_permission(service: Service, tokens: TestTokens, a_customer: Make) -> None:
    made = a_customer()
    viewer = client_for(service, tokens.staff(["customers.view"]))
    path = f"/customers/{made['id']}"
    assert viewer.get(path).status_code == 200
    for answer, permission in (
        (viewer.patch(path, json={"name": "X"}, version=1), "customers.edit"),
        (viewer.post(f"{path}/archival", json={"reason": "x"}), "customers.archive"),
        (viewer.delete(path, version=1), "customers.delete"),
        (viewer.post("/customer-groups", json={"name": "x"}), "groups.manage"),
        (viewer.get("/imports"), "customers.import"),
    ):
        assert (answer.status_code, answer.json["permission"]) == (403, permission)


def test_a_portal_account_sees_its_own_customer_only(service: Service, tokens: TestTokens, a_customer: Make) -> None:
    head = a_customer(contacts=[{"name": "H"}])
    own = a_customer(parent_id=head["id"], contacts=[{"name": "R"}])
    branch, foreign_branch = a_customer(parent_id=own["id"]), a_customer(parent_id=own["id"])
    grants = {own["id"]: ["customers.view"], branch["id"]: ["customers.view"]}
    portal = client_for(service, tokens.portal(grants))
    shown = portal.get(f"/customers/{own['id']}")
    assert (shown.status_code, shown.json["parent"]) == (200, None)
    assert [c["name"] for c in portal.get(f"/customers/{own['id']}/contacts").json["items"]] == ["R"]
    assert portal.get(f"/customers/{own['id']}/addresses").status_code == 200
    listed = portal.get(f"/customers/{own['id']}/branches").json["items"]
    assert [item["id"] for item in listed] == [branch["id"]]
    for path in (f"/customers/{head['id']}", f"/customers/{foreign_branch['id']}/contacts"):
        assert portal.get(path).status_code == 404
    mixed = portal.get(f"/customers/{own['id']}/contacts/{head['contacts'][0]['id']}")
    assert (mixed.status_code, mixed.json["code"]) == (404, "customer.contact_not_found")
    refused = portal.patch(f"/customers/{own['id']}", json={"name": "X"}, version=1)
    assert (refused.status_code, refused.json["code"]) == (403, "staff_only")
