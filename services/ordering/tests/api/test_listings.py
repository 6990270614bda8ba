"""Listings over HTTP, as staff keep them."""

from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from ordering.tests.api.conftest import Make

pytestmark = pytest.mark.postgres

PHONE = {
    "sku": "PHONE-DESK",
    "name": "Desk telephone, installed",
    "kind": "service",
    "category": "Telephony",
    "unit": "seat",
    "components": [
        {"kind": "goods", "sku": "PH-200", "name": "Telephone", "quantity": 1},
        {"kind": "work", "name": "Installation", "quantity": 1},
        {"kind": "recurring", "name": "Line", "quantity": 1, "period": "month"},
    ],
    "backorder_policy": "limited",
    "backorder_cap": 50,
    "lead_days": 14,
    "return_days": 30,
}


def refused(answer: Any) -> tuple[int, str, list[str]]:
    return answer.status_code, answer.json["code"], [error["pointer"] for error in answer.json.get("errors", [])]


def test_a_listing_is_made_changed_and_told_whole(staff: Client, service: Service) -> None:
    made = staff.post("/listings", json=PHONE)
    assert (made.status_code, made.json["status"], made.json["audience"]) == (201, "draft", "global")
    path = f"/listings/{made.json['id']}"
    changed = staff.patch(path, json={"lead_days": 7, "description": "With a headset."}, version=1).json
    assert (changed["lead_days"], changed["version"], changed["components"]) == (7, 2, PHONE["components"])
    assert staff.patch(path, json={"lead_days": 7}, version=2).json["version"] == 2
    assert staff.patch(path, json={"lead_days": 8}, version=1).status_code == 412
    [first, second] = published(service.db)[-2:]
    assert (first.type, first.version, first.subject) == ("ordering.listing.created.v1", 1, changed["id"])
    assert {change["path"] for change in second.data["changes"]} == {"lead_days", "description"}
    assert second.data["components"] == PHONE["components"]


def test_it_goes_from_draft_to_retired_and_each_step_is_told(staff: Client, service: Service, a_listing: Make) -> None:
    path = f"/listings/{a_listing('draft')['id']}"
    assert staff.post(f"{path}/pause", version=1).json["code"] == "ordering.listing_status"
    for version, (step, status) in enumerate(
        [("publication", "published"), ("pause", "paused"), ("publication", "published"), ("retirement", "retired")], 1
    ):
        answer = staff.post(f"{path}/{step}", version=version)
        assert (answer.status_code, answer.json["status"], answer.json["version"]) == (200, status, version + 1)
    told = [event.type.split(".")[2] for event in published(service.db)[-5:]]
    assert told == ["created", "published", "paused", "published", "retired"]
    assert staff.patch(path, json={"name": "x"}, version=5).json["code"] == "ordering.listing_status"
    assert staff.post(f"{path}/publication", version=5).json["code"] == "ordering.listing_status"


def test_a_sku_names_one_listing(staff: Client, a_listing: Make) -> None:
    taken = a_listing("draft")["sku"]
    answer = staff.post("/listings", json={"sku": taken, "name": "Another", "kind": "stock"})
    assert refused(answer) == (409, "ordering.sku_taken", ["/sku"])


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"backorder_policy": "limited"}, "/backorder_cap"),
        ({"backorder_cap": 5}, "/backorder_cap"),
        ({"audience": "tree"}, "/audience"),
        ({"kind": "internal", "audience": "explicit"}, "/owner_id"),
        ({"preorderable": True}, "/available_from"),
        ({"preorder_from": "2031-02-01", "preorder_until": "2031-01-01"}, "/preorder_until"),
        ({"components": [{"kind": "recurring", "name": "Line", "quantity": 1}]}, "/components/0/period"),
        ({"components": [{"kind": "work", "name": "Hour", "quantity": 1, "period": "month"}]}, "/components/0/period"),
    ],
)
def test_fields_that_do_not_fit_each_other_are_named(staff: Client, fields: dict[str, Any], pointer: str) -> None:
    body = {"sku": "ODD", "name": "Odd", "kind": "stock"} | fields
    assert refused(staff.post("/listings", json=body)) == (422, "ordering.listing_unsuitable", [pointer])


def test_an_owner_must_be_a_customer(staff: Client, customer_id: str) -> None:
    body = {"sku": "OWN", "name": "Own", "kind": "internal", "audience": "tree", "owner_id": customer_id}
    assert refused(staff.post("/listings", json=body)) == (404, "ordering.customer_not_found", ["/owner_id"])


def test_staff_finds_by_words_category_kind_and_status_page_by_page(staff: Client, a_listing: Make) -> None:
    made = [a_listing("draft", name=f"Café lamp {letter}", category="Lighting")["id"] for letter in "abc"]
    a_listing(name="Café lamp d", category="Lighting")
    path = "/listings?q=LAMP%20cafe&category=Lighting&status=draft&kind=stock"
    first = staff.get(f"{path}&limit=2").json
    assert [item["id"] for item in first["items"]] == made[:2]
    rest = staff.get(f"{path}&limit=2&cursor={first['next_cursor']}").json
    assert [item["id"] for item in rest["items"]] == made[2:]
    assert "price" not in first["items"][0]
    assert staff.get("/listings?q=100%25").json["items"] == []


def test_only_who_may_edit_makes_listings(service: Service, tokens: TestTokens, buyer: Client) -> None:
    viewer = client_for(service, tokens.staff(["listings.view"]))
    assert viewer.post("/listings", json=PHONE).status_code == 403
    assert buyer.post("/listings", json=PHONE).json["code"] == "permission_missing"
