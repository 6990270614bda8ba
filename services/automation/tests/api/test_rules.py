"""Rules over HTTP: made, changed, tried, deleted, and who may."""

from collections.abc import Callable
from typing import Any

import pytest

from automation.domain import rules as domain
from automation.tests.conftest import EVERYTHING, ok
from automation.tests.told import PLACED, example, rule, task_titled
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published

pytestmark = pytest.mark.postgres

Make = Callable[..., Any]


def test_a_rule_is_made_disabled_changed_and_deleted(service: Service, staff: Client, make: Make) -> None:
    body = rule("Look")
    body.pop("enabled")
    made = make(staff, body)
    place = f"/rules/{made['id']}"
    assert (made["enabled"], made["condition"], made["most_per_hour"]) == (False, {"all": []}, 1000)
    assert made["actions"][0] == task_titled("Look", audience="staff", due_in_days=None, assignee=None)
    on = ok(staff.patch(place, json={"enabled": True, "name": "Look at it"}, version=1))
    assert (on["enabled"], on["name"], on["version"]) == (True, "Look at it", 2)
    assert staff.patch(place, json={"name": "Other"}, version=1).json["code"] == "automation.stale"
    assert staff.delete(place, version=2).status_code == 204
    assert staff.get(place).json["code"] == "automation.rule_not_found"
    told = [one for one in published(service.db) if one.subject == made["id"]]
    assert [(one.type.split(".")[2], one.version) for one in told] == [("created", 1), ("updated", 2), ("deleted", 3)]
    assert [change["path"] for change in told[1].data["changes"]] == ["name", "enabled"]


def test_what_is_wrong_is_named(staff: Client) -> None:
    body = rule("Look", condition={"all": [{"field": "total", "op": "like", "value": 1}]})
    answer = staff.post("/rules", json=body)
    assert (answer.status_code, answer.json["code"]) == (422, "automation.rule_invalid")
    assert answer.json["errors"][0]["pointer"] == "/condition/all/0/op"
    assert staff.post("/rules", json=rule("Look", customer_id=new_id())).json["code"] == "automation.customer_unknown"
    assert staff.post("/rules", json=rule("Look", "ordering.order.drafted.v1")).json["errors"][0]["pointer"] == (
        "/event_type"
    )


def test_a_company_has_a_bounded_number_of_rules(
    staff: Client, admin: Client, make: Make, customer_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "MAX_RULES", 1)
    own = make(admin, rule("Own", customer_id=customer_id))
    refused = admin.post("/rules", json=rule("One more", customer_id=customer_id))
    assert (refused.status_code, refused.json["code"]) == (409, "automation.too_many_rules")
    assert admin.delete(f"/rules/{own['id']}", version=own["version"]).status_code == 204
    make(admin, rule("Instead", customer_id=customer_id))


def test_rules_are_listed_by_owner_and_event_in_pages(
    staff: Client, admin: Client, make: Make, customer_id: str
) -> None:
    own = make(admin, rule("Own", customer_id=customer_id))
    provider_s = [make(staff, rule(f"Ours {number}"))["id"] for number in range(3)]
    assert [one["id"] for one in ok(admin.get("/rules"))["items"]] == [own["id"]]
    first = ok(staff.get("/rules?owner=provider&limit=2"))
    rest = ok(staff.get(f"/rules?owner=provider&limit=2&cursor={first['next_cursor']}"))
    assert [one["id"] for one in (*first["items"], *rest["items"])] == provider_s
    assert [one["id"] for one in ok(staff.get(f"/rules?customer_id={customer_id}"))["items"]] == [own["id"]]
    assert ok(staff.get(f"/rules?event_type={PLACED}&enabled=false"))["items"] == []


def test_a_company_sees_and_changes_its_own_rules_alone(
    service: Service, staff: Client, admin: Client, make: Make, customer_id: str, tokens: TestTokens
) -> None:
    provider_s = make(staff, rule("Ours"))
    own = make(admin, rule("Own", customer_id=customer_id))
    stranger = client_for(service, tokens.portal({new_id(): EVERYTHING}))
    reader = client_for(service, tokens.portal({customer_id: ["automation.view"]}))
    for client, of, code in (
        (admin, provider_s, "automation.rule_not_found"),
        (stranger, own, "automation.rule_not_found"),
        (reader, own, "permission_missing"),
    ):
        assert client.patch(f"/rules/{of['id']}", json={"name": "Mine"}, version=1).json["code"] == code
        assert client.delete(f"/rules/{of['id']}", version=1).json["code"] == code
    assert admin.post("/rules", json=rule("Nobody's")).json["code"] == "automation.customer_required"
    assert stranger.post("/rules", json=rule("Foreign", customer_id=customer_id)).json["code"] == "permission_missing"
    assert ok(reader.get(f"/rules/{own['id']}"))["name"] == "Own"


def test_a_dry_run_says_what_would_be_done_and_why_and_does_nothing(
    service: Service, staff: Client, make: Make, tasks_of: Any, customer_id: str
) -> None:
    condition = {"field": "total", "op": "gte", "value": 200}
    made = make(staff, rule("Look", PLACED, task_titled("Look at {number} of {customer}"), condition=condition,
                            currency="GBP", enabled=False))  # fmt: skip
    place = f"/rules/{made['id']}/dry-run"
    before = len(published(service.db))
    data = example(PLACED) | {"customer_id": customer_id}
    found = ok(staff.post(place, json={"data": data}))
    assert (found["matched"], found["actions"][0]["title"]) == (True, "Look at O-000001 of Alderwick")
    assert found["explanation"]["found"] == ["228.60"]
    small = ok(staff.post(place, json={"data": data | {"total": {"amount": "9.00", "currency": "GBP"}}}))
    assert (small["matched"], small["actions"], small["explanation"]["found"]) == (False, [], ["9.00"])
    broken = staff.post(place, json={"data": {"number": "O-1"}})
    assert (broken.status_code, broken.json["errors"][0]["pointer"]) == (422, "/data")
    assert (tasks_of(customer_id), len(published(service.db))) == ([], before)


def test_everything_that_a_rule_may_speak_of_is_listed(admin: Client) -> None:
    items = {one["event_type"]: one for one in ok(admin.get("/rule-triggers"))["items"]}
    assert "{total}" in str([f"{{{name}}}" for name in items[PLACED]["placeholders"]])
    [sku] = [field for field in items[PLACED]["fields"] if field["name"] == "sku"]
    assert (sku["several"], "contains" in sku["operators"]) == (True, True)
    assert [name for name, one in items.items() if one["provider_only"]] == ["customer.customer.updated.v1"]
