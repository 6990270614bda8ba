"""Merging customers: the plan, what moves, what clashes, the names that stay, and undoing it."""

from collections.abc import Callable
from io import BytesIO
from threading import Event as Stop
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, published

Make = Callable[..., dict[str, Any]]

PLACE = {"line1": "Kai 3", "city": "Kiel", "country": "DE"}


def plan(staff: Client, survivor: dict[str, Any], *losers: dict[str, Any], **choices: str) -> Any:
    body = {"losers": [loser["id"] for loser in losers], "choices": choices}
    return staff.post(f"/customers/{survivor['id']}/merge-plans", json=body)


def merge(staff: Client, survivor: dict[str, Any], *losers: dict[str, Any], **choices: str) -> dict[str, Any]:
    made = plan(staff, survivor, *losers, **choices)
    assert made.status_code == 200, made.json
    body = {"losers": [loser["id"] for loser in losers], "choices": choices, "fingerprint": made.json["fingerprint"]}
    answer = staff.post(f"/customers/{survivor['id']}/merges", json=body)
    assert answer.status_code == 201, answer.json
    return answer.json


@pytest.fixture
def pair(a_customer: Make) -> tuple[dict[str, Any], dict[str, Any]]:
    """A survivor without a trading name, and a loser with one; both have contacts, addresses and external ids."""
    one = a_customer(
        name="Alder Foods",
        external_ids=[{"system": "crm", "id": f"A-{new_id()}"}],
        contacts=[{"name": "Ruth"}],
        addresses=[PLACE],
    )
    other = a_customer(
        name="Alder Food",
        dba_name="Alder's",
        external_ids=[{"system": "erp", "id": f"B-{new_id()}"}],
        contacts=[{"name": "Tomas"}, {"name": "Ines"}],
        addresses=[PLACE | {"line1": "Markt 1"}],
    )
    return one, other


def test_a_plan_shows_winners_moves_and_clashes_and_stores_nothing(
    staff: Client, service: Service, pair: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    one, other = pair
    before = len(published(service.db))
    found = plan(staff, one, other).json
    winners = {field["name"]: (field["value"], field["taken_from"]) for field in found["winners"]}
    assert winners["name"] == ("Alder Foods", one["id"])
    assert winners["dba_name"] == ("Alder's", other["id"])
    assert found["counts"] == {**found["counts"], "contacts": 2, "addresses": 1, "branches": 0}
    assert [alternate["value"] for alternate in found["alternates"] if alternate["field"] == "name"] == ["Alder Food"]
    assert [clash["part"] for clash in found["clashes"]] == ["addresses"]
    assert found["added"]["external_ids"] == other["external_ids"]
    assert len(published(service.db)) == before
    assert staff.get(f"/customers/{other['id']}").json["name"] == "Alder Food"


def test_merging_moves_everything_and_leaves_a_name_that_leads_on(
    staff: Client, service: Service, a_customer: Make, pair: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    one, other = pair
    branch = a_customer(parent_id=other["id"])
    made = merge(staff, one, other, name=other["id"])
    after = staff.get(f"/customers/{one['id']}").json
    assert (after["name"], after["dba_name"], after["number"]) == ("Alder Food", "Alder's", one["number"])
    assert after["external_ids"] == one["external_ids"] + other["external_ids"]
    assert after["primary_contact_id"] == one["primary_contact_id"]
    people = staff.get(f"/customers/{one['id']}/contacts").json["items"]
    assert {contact["name"] for contact in people} == {"Ruth", "Tomas", "Ines"}
    places = staff.get(f"/customers/{one['id']}/addresses").json["items"]
    assert [[p["default"] for p in place["purposes"]] for place in places] == [[True, True], [False, False]]
    assert staff.get(f"/customers/{branch['id']}").json["parent_id"] == one["id"]

    alias = staff.get(f"/customers/{other['id']}").json
    assert (alias["id"], alias["merged_from"]["number"]) == (one["id"], other["number"])
    assert after["merged_from"] is None
    for answer in (
        staff.patch(f"/customers/{other['id']}", json={"name": "X"}, version=1),
        staff.post(f"/customers/{other['id']}/contacts", json={"name": "X"}),
        staff.post(f"/customers/{other['id']}/restoration"),
        staff.get(f"/customers/{other['id']}/contacts"),
    ):
        assert (answer.status_code, answer.json["code"]) == (409, "customer.merged")
        assert answer.json["survivor_id"] == one["id"]
    child = staff.post("/customers", json={"name": "Below", "parent_number": other["number"]})
    assert child.json["parent_id"] == one["id"]

    event = published(service.db, "customer.customer.merged.v1")[-1]
    assert event.data["id_map"] == {other["id"]: one["id"]}
    assert (event.customer_id, event.subject) == (one["id"], made["id"])
    moved = [e for e in published(service.db, "customer.contact.updated.v1") if e.customer_id == one["id"]]
    assert {e.data["name"] for e in moved} == {"Tomas", "Ines"}
    assert {(e.data["changes"][0]["before"], e.data["changes"][0]["after"]) for e in moved} == {
        (other["id"], one["id"])
    }
    put_away = published(service.db, "customer.customer.archived.v1")[-1]
    assert (put_away.subject, put_away.data["merged_into"]) == (other["id"], one["id"])
    shown = staff.get(f"/customers/{one['id']}/merges/{made['id']}").json
    assert [alternate["value"] for alternate in shown["alternates"] if alternate["field"] == "name"] == ["Alder Foods"]
    assert [each["id"] for each in staff.get(f"/customers/{one['id']}/merges").json["items"]] == [made["id"]]


def test_tags_and_settings_follow_and_come_back(staff: Client, service: Service, a_customer: Make) -> None:
    next(job for job in service.jobs if job.name == "settings").run(Stop())
    one, other, third = a_customer(), a_customer(), a_customer()
    vip, late = (staff.post("/tags", json={"name": f"{name} {one['number']}"}).json["id"] for name in ("VIP", "Late"))
    for customer, tag in ((one, vip), (other, late), (other, vip)):
        staff.post(f"/customers/{customer['id']}/tags", json={"tag_id": tag})
    for customer in (other, third):
        path = f"/customers/{customer['id']}/settings"
        answer = staff.patch(path, json={"values": {"reminders": False}}, version=0)
        assert answer.status_code == 200, answer.json

    def tags(customer: dict[str, Any]) -> set[str]:
        return {tag["id"] for tag in staff.get(f"/customers/{customer['id']}/tags").json["items"]}

    def decided(customer: dict[str, Any]) -> int:
        return int(staff.get(f"/customers/{customer['id']}/settings").json["version"])

    made = merge(staff, one, other, third)
    assert [each["part"] for each in made["unresolved"]] == ["settings"]
    assert (tags(one), decided(one)) == ({vip, late}, 2)
    undone = staff.post(f"/customers/{one['id']}/merges/{made['id']}/undo").json
    assert undone["kept"] == []
    assert (tags(one), tags(other)) == ({vip}, {vip, late})
    assert [decided(customer) for customer in (one, other, third)] == [0, 3, 1]


def test_files_of_one_name_are_both_kept_and_notes_follow(staff: Client, service: Service, a_customer: Make) -> None:
    one, other = a_customer(), a_customer()
    for customer in (one, other):
        form = {"file": (BytesIO(b"%PDF-1.4\n%%EOF\n"), "map.pdf"), "category": "site_map"}
        answer = staff.post(f"/customers/{customer['id']}/files", data=form)
        assert answer.status_code == 201, answer.json
    note = staff.post(f"/customers/{other['id']}/notes", json={"kind": "note", "body": "Ring twice"})
    assert note.status_code == 201, note.json
    made = merge(staff, one, other)
    names = {file["name"] for file in staff.get(f"/customers/{one['id']}/files").json["items"]}
    assert names == {"map.pdf", "map (2).pdf"}
    [found] = staff.get(f"/customers/{one['id']}/notes").json["items"]
    assert (found["body"], found["scope_id"]) == ("Ring twice", one["id"])
    undone = staff.post(f"/customers/{one['id']}/merges/{made['id']}/undo")
    assert undone.status_code == 200, undone.json
    for customer in (one, other):
        [file] = staff.get(f"/customers/{customer['id']}/files").json["items"]
        assert (file["name"], file["scope_id"]) == ("map.pdf", customer["id"])
    [back] = staff.get(f"/customers/{other['id']}/notes").json["items"]
    assert back["scope_id"] == other["id"]


def test_a_plan_that_is_out_of_date_is_refused(staff: Client, pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    one, other = pair
    found = plan(staff, one, other).json
    contact = other["contacts"][0]["id"]
    staff.patch(f"/customers/{other['id']}/contacts/{contact}", json={"title": "Owner"}, version=1)
    body = {"losers": [other["id"]], "fingerprint": found["fingerprint"]}
    answer = staff.post(f"/customers/{one['id']}/merges", json=body)
    assert (answer.status_code, answer.json["code"]) == (409, "customer.merge_plan_outdated")
    assert answer.json["fingerprint"] == plan(staff, one, other).json["fingerprint"]


def test_who_cannot_be_merged_is_refused_with_every_reason(staff: Client, a_customer: Make) -> None:
    head = a_customer()
    branch = a_customer(parent_id=head["id"])
    someone = a_customer(kind="person")
    answer = plan(staff, head, branch, someone)
    assert (answer.status_code, answer.json["code"]) == (409, "customer.merge_refused")
    assert {reason["code"] for reason in answer.json["reasons"]} == {"ancestor_with_descendant", "kinds_differ"}
    gone = a_customer()
    staff.post(f"/customers/{gone['id']}/archival", json={"reason": "x"})
    assert {reason["code"] for reason in plan(staff, gone, head).json["reasons"]} == {"survivor_archived"}
    assert plan(staff, head, gone).status_code == 200
    assert plan(staff, head, head).json["code"] == "customer.merge_refused"
    wrong = plan(staff, head, gone, shoe_size=head["id"], name=branch["id"])
    assert [error["pointer"] for error in wrong.json["errors"]] == ["/choices/shoe_size", "/choices/name"]


def test_names_of_names_lead_to_the_last_survivor_and_back(staff: Client, a_customer: Make) -> None:
    first, second, third = a_customer(), a_customer(), a_customer()
    merge(staff, second, first)
    later = merge(staff, third, second)
    assert staff.get(f"/customers/{first['id']}").json["id"] == third["id"]
    earlier = staff.get(f"/customers/{third['id']}/merges").json["items"]
    assert [each["id"] for each in earlier] == [later["id"]]
    undone = staff.post(f"/customers/{third['id']}/merges/{later['id']}/undo")
    assert undone.status_code == 200, undone.json
    assert staff.get(f"/customers/{first['id']}").json["id"] == second["id"]


def test_undoing_gives_everybody_back_what_was_theirs(
    staff: Client, service: Service, a_customer: Make, pair: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    one, other = pair
    branch = a_customer(parent_id=other["id"])
    made = merge(staff, one, other, name=other["id"])
    path = f"/customers/{one['id']}/merges/{made['id']}/undo"
    dry = staff.post(path, json={"dry_run": True}).json
    assert (dry["counts"]["contacts"], dry["counts"]["branches"], dry["kept"]) == (2, 1, [])
    assert staff.get(f"/customers/{other['id']}").json["id"] == one["id"]
    assert staff.post(path).status_code == 200
    for before in (one, other):
        after = staff.get(f"/customers/{before['id']}").json
        for name in ("id", "name", "dba_name", "status", "external_ids", "primary_contact_id", "archive"):
            assert after[name] == before[name], name
        people = staff.get(f"/customers/{before['id']}/contacts").json["items"]
        assert {contact["id"] for contact in people} == {contact["id"] for contact in before["contacts"]}
        places = staff.get(f"/customers/{before['id']}/addresses").json["items"]
        assert [place["purposes"] for place in places] == [place["purposes"] for place in before["addresses"]]
    assert staff.get(f"/customers/{branch['id']}").json["parent_id"] == other["id"]
    event = published(service.db, "customer.customer.unmerged.v1")[-1]
    assert (event.subject, event.version) == (made["id"], 2)
    again = staff.post(path)
    assert (again.status_code, again.json["code"]) == (409, "customer.merge_undo_refused")


def test_undoing_keeps_what_was_changed_since_and_says_so(
    staff: Client, pair: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    one, other = pair
    made = merge(staff, one, other)
    base = f"/customers/{one['id']}"
    version = staff.get(base).json["version"]
    staff.patch(base, json={"dba_name": "Alder & Co"}, version=version)
    tomas, ines = (contact["id"] for contact in other["contacts"])
    staff.patch(f"{base}/contacts/{tomas}", json={"title": "Owner"}, version=2)
    staff.delete(f"{base}/contacts/{ines}", version=2)
    undone = staff.post(f"{base}/merges/{made['id']}/undo").json
    assert {(kept["part"], kept["id"]) for kept in undone["kept"]} == {("fields", "dba_name"), ("contacts", ines)}
    assert staff.get(base).json["dba_name"] == "Alder & Co"
    [contact] = staff.get(f"/customers/{other['id']}/contacts").json["items"]
    assert (contact["id"], contact["title"]) == (tomas, "Owner")
