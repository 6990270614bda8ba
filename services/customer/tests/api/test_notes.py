"""Notes and follow-ups through the API."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published

Make = Callable[..., dict[str, Any]]

EDITOR = ("customers.view", "customers.edit")


@pytest.fixture
def editor(service: Service, tokens: TestTokens) -> Client:
    """A colleague who edits customers and is no manager."""
    return client_for(service, tokens.staff(EDITOR, name="Ines Ober"))


def bodies(answer: Any) -> list[str]:
    return [item["body"] for item in answer.json["items"]]


def age(service: Service, note_id: str, minutes: int) -> None:
    with service.db.transaction() as session:
        session.execute(
            text("UPDATE notes SET created_at = created_at - make_interval(mins => :minutes) WHERE id = :id"),
            {"minutes": minutes, "id": note_id},
        )


def test_urgent_notes_come_first_until_their_end(staff: Client, a_customer: Make) -> None:
    path = f"/customers/{a_customer()['id']}/notes"
    now = datetime.now(UTC)
    until = {"over": now - timedelta(minutes=1), "tonight": now + timedelta(hours=5)}
    staff.post(path, json={"body": "first", "urgency": {"reason": "gas"}})
    staff.post(path, json={"body": "over", "urgency": {"reason": "x", "until": until["over"].isoformat()}})
    staff.post(path, json={"body": "tonight", "urgency": {"reason": "x", "until": until["tonight"].isoformat()}})
    last = staff.post(path, json={"body": "last"})
    assert last.status_code == 201, last.json
    assert bodies(staff.get(path)) == ["tonight", "first", "last", "over"]
    shown = {item["body"]: item for item in staff.get(path).json["items"]}
    assert [shown[body]["urgent"] for body in ("first", "over", "last")] == [True, False, False]
    assert shown["first"]["urgency"]["owner"]["label"] == "Test Staff"
    assert shown["last"]["urgency"] is None
    pages, cursor = [], ""
    while cursor is not None:
        page = staff.get(f"{path}?limit=1" + (f"&cursor={cursor}" if cursor else ""))
        pages += bodies(page)
        cursor = page.json["next_cursor"]
    assert pages == ["tonight", "first", "last", "over"]


def test_a_correction_keeps_what_was_written(staff: Client, service: Service, a_customer: Make) -> None:
    path = f"/customers/{a_customer()['id']}/notes"
    made = staff.post(path, json={"body": "Rang at 9"}).json
    changed = staff.patch(f"{path}/{made['id']}", json={"body": "Rang at 10", "kind": "call"}, version=1)
    assert (changed.status_code, changed.json["version"], changed.json["kind"]) == (200, 2, "call")
    (kept,) = staff.get(f"{path}/{made['id']}/versions").json["items"]
    assert (kept["version"], kept["body"], kept["kind"]) == (1, "Rang at 9", "note")
    event = published(service.db)[-1]
    assert event.type == "customer.note.updated.v1"
    assert event.data["changes"][1] == {"path": "body", "label": "Text", "before": "Rang at 9", "after": "Rang at 10"}
    assert staff.patch(f"{path}/{made['id']}", json={"body": "Rang at 10"}, version=2).json["version"] == 2
    assert staff.patch(f"{path}/{made['id']}", json={"body": "x"}, version=1).status_code == 412


def test_the_words_are_their_authors_for_a_quarter_of_an_hour(
    staff: Client, editor: Client, service: Service, a_customer: Make
) -> None:
    path = f"/customers/{a_customer()['id']}/notes"
    made = editor.post(path, json={"body": "Key is with the porter"}).json
    one = f"{path}/{made['id']}"
    assert editor.patch(one, json={"body": "Key is with the guard"}, version=1).status_code == 200
    age(service, made["id"], 16)
    late = editor.patch(one, json={"body": "changed"}, version=2)
    assert (late.status_code, late.json["code"]) == (403, "customer.note_closed")
    assert editor.delete(one, version=2).status_code == 403
    # How it is dealt with stays open to all who edit; its words and its end are a manager's.
    assert editor.patch(one, json={"urgency": {"reason": "lost"}}, version=2).status_code == 200
    assert staff.patch(one, json={"body": "Key is lost"}, version=3).status_code == 200
    assert staff.delete(one, version=4).status_code == 204
    assert staff.get(one).json["code"] == "customer.note_not_found"
    assert published(service.db)[-1].type == "customer.note.removed.v1"


def test_somebody_elses_words_are_not_changed(staff: Client, editor: Client, a_customer: Make) -> None:
    path = f"/customers/{a_customer()['id']}/notes"
    made = staff.post(path, json={"body": "mine"}).json
    assert editor.patch(f"{path}/{made['id']}", json={"body": "yours"}, version=1).status_code == 403


def test_a_note_is_about_a_part_of_its_own_customer(staff: Client, a_customer: Make) -> None:
    mine, other = (a_customer(contacts=[{"name": "R"}]) for _ in range(2))
    path = f"/customers/{mine['id']}/notes"
    contact = mine["contacts"][0]["id"]
    about = staff.post(path, json={"body": "prefers mail", "scope_type": "contact", "scope_id": contact})
    assert (about.status_code, about.json["scope_id"]) == (201, contact)
    for scope_id in (other["contacts"][0]["id"], new_id(), None):
        body = {"body": "x", "scope_type": "contact"} | ({"scope_id": scope_id} if scope_id else {})
        refused = staff.post(path, json=body)
        assert (refused.status_code, refused.json["code"]) == (422, "customer.scope_unknown")
    staff.post(path, json={"body": "on the whole"})
    assert bodies(staff.get(f"{path}?scope_type=contact&scope_id={contact}")) == ["prefers mail"]


def test_open_follow_ups_are_listed_by_their_day(
    staff: Client, editor: Client, service: Service, a_customer: Make
) -> None:
    customer = a_customer()
    path = f"/customers/{customer['id']}/notes"
    due = {"b": "2031-05-02", "a": "2031-05-01", "c": "2031-05-03"}
    made = {
        body: editor.post(path, json={"body": body, "kind": "follow_up", "due_on": day}).json
        for body, day in due.items()
    }
    staff.post(path, json={"body": "not hers", "kind": "follow_up", "due_on": "2031-05-01"})
    assert bodies(editor.get("/tasks")) == ["a", "b", "c"]
    assert set(bodies(editor.get("/tasks?owner=everybody"))) >= {"a", "b", "c", "not hers"}
    first = editor.get("/tasks?limit=1").json
    assert first["items"][0]["customer_number"] == customer["number"]
    assert bodies(editor.get(f"/tasks?limit=5&cursor={first['next_cursor']}")) == ["b", "c"]
    done = editor.patch(f"{path}/{made['b']['id']}", json={"done": True}, version=1).json
    assert (done["done_by_label"], bool(done["done_at"])) == ("Ines Ober", True)
    assert bodies(editor.get("/tasks")) == ["a", "c"]
    assert editor.patch(f"{path}/{made['b']['id']}", json={"done": False}, version=2).status_code == 200
    assert bodies(editor.get("/tasks")) == ["a", "b", "c"]


def test_only_a_follow_up_is_due_and_done(staff: Client, a_customer: Make) -> None:
    path = f"/customers/{a_customer()['id']}/notes"
    for body in ({"due_on": "2031-01-01"}, {"done": True}, {"kind": "follow_up"}):
        refused = staff.post(path, json={"body": "x"} | body)
        assert (refused.status_code, refused.json["code"]) == (409, "customer.note_is_no_follow_up"), body
    unknown = staff.post(path, json={"body": "x", "kind": "follow_up", "due_on": "2031-01-01", "owner_id": new_id()})
    assert (unknown.status_code, unknown.json["errors"][0]["pointer"]) == (422, "/owner_id")


def test_restricted_notes_exist_only_for_those_who_may_see_them(
    staff: Client, editor: Client, a_customer: Make
) -> None:
    path = f"/customers/{a_customer()['id']}/notes"
    made = staff.post(path, json={"body": "insolvency feared", "visibility": "restricted"}).json
    assert bodies(editor.get(path)) == []
    assert editor.get(f"{path}/{made['id']}").status_code == 404
    assert editor.get(f"{path}/{made['id']}/versions").status_code == 404
    assert editor.patch(f"{path}/{made['id']}", json={"body": "x"}, version=1).status_code == 404
    refused = editor.post(path, json={"body": "x", "visibility": "restricted"})
    assert (refused.status_code, refused.json["permission"]) == (403, "documents.restricted")


def test_portal_users_read_and_write_what_is_for_the_portal(
    staff: Client, service: Service, tokens: TestTokens, a_customer: Make
) -> None:
    customer, other = a_customer(), a_customer()
    path = f"/customers/{customer['id']}/notes"
    for visibility in ("internal", "portal", "restricted"):
        staff.post(path, json={"body": visibility, "visibility": visibility})
    buyer = client_for(service, tokens.portal({customer["id"]: ["customers.view"]}))
    assert bodies(buyer.get(path)) == ["portal"]
    made = buyer.post(path, json={"body": "We move in May", "visibility": "internal"})
    assert made.status_code == 201, made.json
    assert (made.json["visibility"], made.json["author"]["kind"]) == ("portal", "portal")
    assert made.json["author"]["label"] == "Test Buyer"
    assert buyer.post(path, json={"body": "x", "urgency": {"reason": "now"}}).status_code == 409
    assert buyer.post(f"/customers/{other['id']}/notes", json={"body": "x"}).status_code == 404
    hidden = staff.patch(f"{path}/{made.json['id']}", json={"visibility": "internal"}, version=1)
    assert (hidden.status_code, hidden.json["code"]) == (403, "customer.note_closed")


def test_an_archived_customer_still_gets_notes(staff: Client, a_customer: Make) -> None:
    customer = a_customer()
    staff.post(f"/customers/{customer['id']}/archival", json={"reason": "closed"})
    assert staff.post(f"/customers/{customer['id']}/notes", json={"body": "asked to come back"}).status_code == 201


def test_the_size_of_a_text_is_bounded(staff: Client, a_customer: Make) -> None:
    path = f"/customers/{a_customer()['id']}/notes"
    assert staff.post(path, json={"body": "x" * 20_000}).status_code == 201
    assert staff.post(path, json={"body": "x" * 20_001}).status_code == 422
    assert staff.post(path, json={"body": "  "}).status_code == 422
