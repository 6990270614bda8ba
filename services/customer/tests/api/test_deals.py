"""Deals through the API, and how they carry a customer from lead to customer."""

from collections.abc import Callable
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published

Make = Callable[..., dict[str, Any]]


def add(staff: Client, customer: dict[str, Any], **fields: Any) -> Any:
    return staff.post(f"/customers/{customer['id']}/deals", json={"name": "Cold rooms"} | fields)


def lifecycle(staff: Client, customer: dict[str, Any]) -> str:
    return staff.get(f"/customers/{customer['id']}").json["lifecycle"]


def test_a_deal_begins_open_at_the_first_stage_and_belongs_to_who_made_it(staff: Client, a_customer: Make) -> None:
    made = a_customer()
    quote = new_id()
    answer = add(
        staff, made, value={"amount": "1200.5", "currency": "eur"}, expected_close_on="2030-06-30", quote_ids=[quote]
    )
    assert answer.status_code == 201, answer.json
    deal = answer.json
    assert deal["stage"] == {"code": "qualification", "label": "Qualification"}
    assert (deal["status"], deal["closed_at"], deal["quote_ids"]) == ("open", None, [quote])
    assert deal["value"] == {"amount": "1200.50", "currency": "EUR"}
    assert deal["owner"]["label"] == "Test Staff"
    assert deal["customer"] == {"id": made["id"], "number": made["number"], "name": made["name"]}
    shown = staff.get(f"/customers/{made['id']}/deals/{deal['id']}").json
    assert shown == {name: deal[name] for name in shown}


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [("12.3", "EUR", "12.30"), ("1200", "JPY", "1200"), ("1.234", "KWD", "1.234"), ("0", "USD", "0.00")],
)
def test_amounts_have_the_decimals_of_their_currency(
    staff: Client, a_customer: Make, amount: str, currency: str, shown: str
) -> None:
    answer = add(staff, a_customer(), value={"amount": amount, "currency": currency})
    assert answer.json["value"] == {"amount": shown, "currency": currency}


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({"amount": "1.5", "currency": "JPY"}, "/value/amount"),
        ({"amount": "1.255", "currency": "EUR"}, "/value/amount"),
        ({"amount": "1", "currency": "QQQ"}, "/value/currency"),
        ({"amount": "-1", "currency": "EUR"}, "/value/amount"),
        ({"amount": "1e3", "currency": "EUR"}, "/value/amount"),
        ({"amount": "1"}, "/value/currency"),
    ],
)
def test_wrong_amounts_are_refused(staff: Client, a_customer: Make, value: Any, pointer: str) -> None:
    answer = add(staff, a_customer(), value=value)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_a_first_deal_makes_a_lead_a_prospect_and_a_won_one_a_customer(
    staff: Client, service: Service, a_customer: Make
) -> None:
    made = a_customer(lifecycle="lead")
    deal = add(staff, made).json
    assert deal["lifecycle_change"] == {"before": "lead", "after": "prospect", "reason": "first deal “Cold rooms”"}
    added, updated = published(service.db)[-2:]
    assert (added.type, updated.type) == ("customer.deal.added.v1", "customer.customer.updated.v1")
    assert updated.data["changes"] == [
        {
            "path": "lifecycle",
            "label": "Lifecycle",
            "before": "lead",
            "after": "prospect",
            "before_label": "Lead",
            "after_label": "Prospect (first deal “Cold rooms”)",
        }
    ]
    assert add(staff, made).json["lifecycle_change"] is None
    won = staff.patch(f"/customers/{made['id']}/deals/{deal['id']}", json={"status": "won"}, version=1).json
    assert won["lifecycle_change"]["reason"] == "deal “Cold rooms” won"
    assert won["closed_at"]
    assert [event.type for event in published(service.db)[-2:]] == [
        "customer.deal.won.v1",
        "customer.customer.updated.v1",
    ]
    assert lifecycle(staff, made) == "customer"


def test_a_lost_deal_needs_a_reason_and_can_be_reopened(staff: Client, service: Service, a_customer: Make) -> None:
    made = a_customer()
    deal = add(staff, made).json
    path = f"/customers/{made['id']}/deals/{deal['id']}"
    refused = staff.patch(path, json={"status": "lost"}, version=1)
    assert (refused.json["code"], refused.json["errors"][0]["pointer"]) == ("customer.deal_unsuitable", "/lost_reason")
    lost = staff.patch(path, json={"status": "lost", "lost_reason": "Price"}, version=1).json
    assert (lost["status"], lost["lost_reason"], lost["closed_at"] is None) == ("lost", "Price", False)
    assert published(service.db)[-1].type == "customer.deal.lost.v1"
    reopened = staff.patch(path, json={"status": "open"}, version=2).json
    assert (reopened["lost_reason"], reopened["closed_at"]) == (None, None)
    assert published(service.db)[-1].type == "customer.deal.updated.v1"
    assert staff.patch(path, json={"lost_reason": "Price"}, version=3).json["code"] == "customer.deal_unsuitable"
    assert staff.patch(path, json={"status": "open"}, version=3).json["version"] == 3


def test_every_change_of_a_deal_is_told_with_frozen_labels(staff: Client, service: Service, a_customer: Make) -> None:
    made = a_customer()
    deal = add(staff, made, value={"amount": "10", "currency": "EUR"}).json
    path = f"/customers/{made['id']}/deals/{deal['id']}"
    owner = {"id": new_id(), "label": "Nadia Ferro"}
    body = {"stage": "proposal", "owner": owner, "value": None, "expected_close_on": "2031-01-31"}
    assert staff.patch(path, json=body, version=1).status_code == 200
    [event] = published(service.db)[-1:]
    changes = {change["path"]: change for change in event.data["changes"]}
    assert set(changes) == {"stage", "owner", "value", "expected_close_on"}
    assert (changes["stage"]["before_label"], changes["stage"]["after_label"]) == ("Qualification", "Proposal")
    assert (changes["owner"]["before_label"], changes["owner"]["after_label"]) == ("Test Staff", "Nadia Ferro")
    assert changes["value"]["before"] == {"amount": "10.00", "currency": "EUR"}
    assert changes["expected_close_on"]["after"] == "2031-01-31"
    assert staff.patch(path, json={"name": "x"}, version=1).status_code == 412
    assert staff.delete(path, version=2).status_code == 204
    assert staff.get(path).json["code"] == "customer.deal_not_found"


def test_the_lifecycle_moves_freely_forward_and_back_only_as_far_as_its_deals_allow(
    staff: Client, service: Service, a_customer: Make
) -> None:
    made = a_customer()
    path = f"/customers/{made['id']}"
    assert made["lifecycle"] == "customer"
    assert staff.patch(path, json={"lifecycle": "lead"}, version=1).json["lifecycle"] == "lead"
    [change] = published(service.db)[-1].data["changes"]
    assert (change["path"], change["before"], change["after"]) == ("lifecycle", "customer", "lead")
    deal = add(staff, made).json
    refused = staff.patch(path, json={"lifecycle": "lead"}, version=3)
    assert (refused.status_code, refused.json["code"], refused.json["least"]) == (
        409,
        "customer.lifecycle_backwards",
        "prospect",
    )
    staff.patch(f"{path}/deals/{deal['id']}", json={"status": "won"}, version=1)
    assert staff.patch(path, json={"lifecycle": "prospect"}, version=4).json["least"] == "customer"
    staff.delete(f"{path}/deals/{deal['id']}", version=2)
    assert lifecycle(staff, made) == "customer"
    assert staff.patch(path, json={"lifecycle": "prospect"}, version=4).json["lifecycle"] == "prospect"
    assert staff.patch(path, json={"lifecycle": "friend"}, version=5).status_code == 422


def test_all_deals_are_listed_by_stage_status_and_owner(staff: Client, a_customer: Make) -> None:
    one, other = a_customer(), a_customer()
    owner = {"id": new_id(), "label": "Nadia Ferro"}
    first = add(staff, one, owner=owner, stage="negotiation").json["id"]
    second = add(staff, other, owner=owner, status="lost", lost_reason="Price").json["id"]
    mine = f"/deals?owner_id={owner['id']}"
    assert [deal["id"] for deal in staff.get(mine).json["items"]] == [second, first]
    assert [deal["id"] for deal in staff.get(f"{mine}&status=open").json["items"]] == [first]
    assert [deal["id"] for deal in staff.get(f"{mine}&stage=negotiation").json["items"]] == [first]
    assert [deal["id"] for deal in staff.get(f"/customers/{other['id']}/deals?status=lost").json["items"]] == [second]
    staff.post(f"/customers/{one['id']}/archival", json={"reason": "closed"})
    assert [deal["id"] for deal in staff.get(mine).json["items"]] == [second]


def test_stages_are_kept_in_their_order_by_who_manages_the_schema(
    staff: Client, service: Service, tokens: TestTokens, a_customer: Make
) -> None:
    assert client_for(service, tokens.staff(["customers.edit"])).post("/deal-stages", json={}).status_code == 403
    made = staff.post("/deal-stages", json={"code": "contract", "label": "Contract"}).json
    assert made["position"] == 4
    assert staff.post("/deal-stages", json={"code": "contract", "label": "x"}).json["code"] == (
        "customer.deal_stage_taken"
    )
    path = f"/deal-stages/{made['id']}"
    assert staff.patch(path, json={"position": 0}, version=1).json["version"] == 2
    assert staff.get("/deal-stages").json["items"][0]["code"] == "contract"
    deal = add(staff, a_customer()).json
    assert deal["stage"]["code"] == "contract"
    refused = staff.delete(path, version=2)
    assert (refused.json["code"], refused.json["count"]) == ("customer.deal_stage_in_use", 1)
    unknown = add(staff, a_customer(), stage="dreaming")
    assert unknown.json["errors"][0]["pointer"] == "/stage"
    staff.delete(f"/customers/{deal['customer_id']}/deals/{deal['id']}", version=1)
    assert staff.delete(path, version=2).status_code == 204
    assert staff.get(path).json["code"] == "customer.deal_stage_not_found"


def test_the_portal_sees_neither_deals_nor_the_lifecycle(
    service: Service, tokens: TestTokens, a_customer: Make
) -> None:
    own = a_customer(lifecycle="lead")
    portal = client_for(service, tokens.portal({own["id"]: ["customers.view"]}))
    assert portal.get(f"/customers/{own['id']}/deals").json["code"] == "staff_only"
    assert "lifecycle" not in portal.get(f"/customers/{own['id']}").json
