"""Entries over HTTP."""

from typing import Any

import pytest

from common.testing import Client

pytestmark = pytest.mark.postgres

ENTRIES = "/automation/entries"


def create(staff: Client, customer_id: str, title: str = "Call back") -> Any:
    answer = staff.post(ENTRIES, json={"customer_id": customer_id, "title": title})
    assert answer.status_code == 201, answer.json
    return answer.json


def test_an_entry_is_created_shown_and_closed(staff: Client, customer_id: str) -> None:
    entry = create(staff, customer_id)
    place = f"{ENTRIES}/{entry['id']}"
    assert staff.get(place).json["status"] == "open"
    closed = staff.post(f"{place}/closure", version=1)
    assert (closed.status_code, closed.json["status"], closed.json["version"]) == (200, "closed", 2)
    assert staff.post(f"{place}/closure", version=2).json["code"] == "automation.already_closed"


def test_the_stale_one_of_two_editors_is_refused(staff: Client, customer_id: str) -> None:
    entry = create(staff, customer_id)
    staff.post(f"{ENTRIES}/{entry['id']}/closure", version=1)
    assert staff.post(f"{ENTRIES}/{entry['id']}/closure", version=1).status_code == 412


def test_a_list_is_filtered_and_paged(staff: Client, customer_id: str) -> None:
    made = [create(staff, customer_id, f"Entry {number}")["id"] for number in range(3)]
    first = staff.get(f"{ENTRIES}?customer_id={customer_id}&limit=2").json
    assert [item["id"] for item in first["items"]] == made[:0:-1]
    rest = staff.get(f"{ENTRIES}?customer_id={customer_id}&limit=2&cursor={first['next_cursor']}").json
    assert rest["items"][0]["id"] == made[0]


def test_another_customer_learns_nothing(staff: Client, portal: Client, customer_id: str) -> None:
    entry = create(staff, customer_id)
    assert portal.get(f"{ENTRIES}/{entry['id']}").status_code == 404
    assert portal.get(ENTRIES).json["items"] == []


def test_an_unknown_field_is_refused_by_its_name(staff: Client, customer_id: str) -> None:
    answer = staff.post(ENTRIES, json={"customer_id": customer_id, "title": "Call", "colour": "red"})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/colour"
