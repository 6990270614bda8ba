"""Settings of groups and customers through the API: who decides, what counts, and what a change of group would do."""

from collections.abc import Callable
from threading import Event as Stop
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published

Make = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def _registered(service: Service) -> None:
    job = next(job for job in service.jobs if job.name == "settings")
    while job.run(Stop()):
        pass


def a_group(staff: Client, name: str, **values: Any) -> dict[str, Any]:
    made = staff.post("/customer-groups", json={"name": name}).json
    if values:
        answer = staff.patch(f"/customer-groups/{made['id']}/settings", json={"values": values}, version=0)
        assert answer.status_code == 200, answer.json
    return made


def counts(staff: Client, customer: dict[str, Any], key: str) -> tuple[Any, str, str | None]:
    """The value that counts, its source, and the source's id."""
    settings = staff.get(f"/customers/{customer['id']}/settings").json["settings"]
    [found] = [setting for setting in settings if setting["key"] == key]
    return found["value"], found["source"], found["source_id"]


def decide(staff: Client, customer: dict[str, Any], version: int, **body: Any) -> Any:
    return staff.patch(f"/customers/{customer['id']}/settings", json=body, version=version)


def test_zero_false_and_empty_of_the_customer_beat_the_group(staff: Client, a_customer: Make) -> None:
    group = a_group(staff, "Generous", payment_terms_days=60, reminders=True, price_list="gold")
    customer = a_customer(group_id=group["id"])
    assert counts(staff, customer, "payment_terms_days") == (60, "group", group["id"])
    values = {"payment_terms_days": 0, "reminders": False, "price_list": ""}
    answer = decide(staff, customer, 0, values=values)
    assert (answer.status_code, answer.json["version"], answer.headers["ETag"]) == (200, 1, '"v1"')
    for key, value in values.items():
        assert counts(staff, customer, key) == (value, "own", customer["id"])


def test_zero_and_false_of_the_group_beat_the_default(staff: Client, a_customer: Make) -> None:
    group = a_group(staff, "Strict", payment_terms_days=0, reminders=False)
    customer = a_customer(group_id=group["id"])
    assert counts(staff, customer, "payment_terms_days") == (0, "group", group["id"])
    assert counts(staff, customer, "reminders") == (False, "group", group["id"])


def test_what_is_no_longer_decided_is_inherited_again(staff: Client, service: Service, a_customer: Make) -> None:
    customer = a_customer()
    decide(staff, customer, 0, values={"reminders": False, "payment_terms_days": 7})
    assert decide(staff, customer, 1, inherit=["reminders"]).json["version"] == 2
    assert counts(staff, customer, "reminders") == (True, "default", None)
    assert staff.delete(f"/customers/{customer['id']}/settings", version=2).status_code == 204
    assert counts(staff, customer, "payment_terms_days") == (30, "default", None)
    told = [each for each in published(service.db) if each.type == "customer.customer_settings.changed.v1"]
    told = [each for each in told if each.customer_id == customer["id"]]
    assert [each.data["values"] for each in told] == [
        {"reminders": False, "payment_terms_days": 7},
        {"payment_terms_days": 7},
        {},
    ]
    labels = [(each["before_label"], each["after_label"]) for each in told[1].data["changes"]]
    assert labels == [("No", "Inherited")]


def test_only_settings_that_go_down_the_tree_come_from_head_offices(staff: Client, a_customer: Make) -> None:
    group = a_group(staff, "Of the head office", price_list="silver", reminders=False)
    head = a_customer(group_id=group["id"])
    middle = a_customer(parent_id=head["id"])
    branch = a_customer(parent_id=middle["id"])
    assert counts(staff, branch, "price_list") == ("silver", "ancestor_group", group["id"])
    assert counts(staff, branch, "reminders") == (True, "default", None)
    decide(staff, middle, 0, values={"price_list": "bronze"})
    assert counts(staff, branch, "price_list") == ("bronze", "ancestor", middle["id"])
    own = a_group(staff, "Of the branch", price_list="branch")
    staff.post(f"/customer-groups/{own['id']}/customers", json={"customer_ids": [branch["id"]]})
    assert counts(staff, branch, "price_list") == ("branch", "group", own["id"])


def test_a_group_tells_once_however_many_members_it_has(staff: Client, service: Service, a_customer: Make) -> None:
    group = a_group(staff, "Many")
    for _ in range(3):
        a_customer(group_id=group["id"])
    before = len(published(service.db))
    staff.patch(f"/customer-groups/{group['id']}/settings", json={"values": {"reminders": False}}, version=0)
    [event] = published(service.db)[before:]
    assert (event.type, event.data["group_id"]) == ("customer.group_settings.changed.v1", group["id"])
    again = staff.patch(f"/customer-groups/{group['id']}/settings", json={"values": {"reminders": False}}, version=1)
    assert (again.json["version"], "Event-Id" in again.headers) == (1, False)
    stale = staff.patch(f"/customer-groups/{group['id']}/settings", json={"values": {"reminders": True}}, version=0)
    assert stale.status_code == 412


def test_unknown_settings_and_unsuitable_values_are_pointed_at(staff: Client, a_customer: Make) -> None:
    values = {
        "colour": "red",
        "reminders": 0,
        "payment_terms_days": 400,
        "payment_method": "barter",
        "price_list": None,
    }
    refused = decide(staff, a_customer(), 0, values=values, inherit=["nothing"])
    assert (refused.status_code, refused.json["code"]) == (422, "customer.setting_invalid")
    pointers = {error["pointer"] for error in refused.json["errors"]}
    assert pointers == {"/inherit/0", *(f"/values/{key}" for key in values)}


def test_a_change_of_group_is_shown_before_it_is_made(staff: Client, a_customer: Make) -> None:
    old = a_group(staff, "Before", payment_terms_days=60, reminders=False)
    new = a_group(staff, "After", payment_terms_days=0, payment_method="card")
    customer = a_customer(group_id=old["id"])
    decide(staff, customer, 0, values={"payment_method": "transfer"})
    path = f"/customers/{customer['id']}/group-preview"
    found = {each["key"]: each for each in staff.post(path, json={"group_id": new["id"]}).json["changes"]}
    assert found.keys() == {"payment_terms_days", "reminders"}, "its own decision stays"
    assert found["payment_terms_days"]["before"] == {"value": 60, "source": "group", "source_id": old["id"]}
    assert found["payment_terms_days"]["after"] == {"value": 0, "source": "group", "source_id": new["id"]}
    assert found["reminders"]["after"] == {"value": True, "source": "default", "source_id": None}
    none = staff.post(path, json={"group_id": None}).json
    assert {each["key"] for each in none["changes"]} == {"payment_terms_days", "reminders"}
    assert staff.post(path, json={"group_id": new_id()}).status_code == 422
    assert staff.get(f"/customers/{customer['id']}").json["group_id"] == old["id"]


def test_putting_many_into_a_group_is_tried_first(staff: Client, a_customer: Make) -> None:
    group = a_group(staff, "Tried", reminders=False)
    ids = [a_customer()["id"] for _ in range(3)]
    path = f"/customer-groups/{group['id']}/customers"
    tried = staff.post(f"{path}?dry_run=true", json={"customer_ids": ids})
    affected = [{"key": "reminders", "label": "Payment reminders", "customers": 3}]
    assert tried.json == {"changed": 3, "unchanged": 0, "settings": affected}
    assert "Event-Id" not in tried.headers
    assert staff.get(path).json["items"] == []
    assert staff.post(path, json={"customer_ids": ids}).json["changed"] == 3


def test_deleting_a_group_moves_its_members_where_it_is_told(staff: Client, a_customer: Make) -> None:
    group, other = a_group(staff, "Closing", reminders=False), a_group(staff, "Taking over")
    customer = a_customer(group_id=group["id"])
    archived = a_customer(group_id=group["id"])
    staff.post(f"/customers/{archived['id']}/archival", json={"reason": "x"})
    path = f"/customer-groups/{group['id']}"
    assert staff.delete(path, version=1).json["code"] == "customer.group_has_members"
    for wrong in (group["id"], new_id()):
        refused = staff.delete(f"{path}?move_to={wrong}", version=1)
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/move_to")
    assert staff.delete(f"{path}?move_to={other['id']}", version=1).status_code == 204
    assert staff.get(path).status_code == 404
    for moved in (customer, archived):
        assert staff.get(f"/customers/{moved['id']}").json["group"]["name"] == "Taking over"


def test_settings_say_who_registered_them_and_what_they_take(staff: Client) -> None:
    listed = {setting["key"]: setting for setting in staff.get("/customer-settings").json["items"]}
    assert listed["price_list"]["tree_inheritable"] is True
    assert {"value": "card", "label": "Card"} in listed["payment_method"]["choices"]
    assert all(setting["service"] == "customer" for setting in listed.values())


def test_each_side_needs_its_permission(service: Service, tokens: TestTokens, staff: Client, a_customer: Make) -> None:
    group, customer = a_group(staff, "Guarded"), a_customer()
    editor = client_for(service, tokens.staff(["customers.view", "customers.edit"]))
    refused = editor.patch(f"/customer-groups/{group['id']}/settings", json={"values": {"reminders": False}}, version=0)
    assert (refused.status_code, refused.json["permission"]) == (403, "groups.manage")
    assert decide(editor, customer, 0, values={"reminders": False}).status_code == 200
    portal = client_for(service, tokens.portal({customer["id"]: ["customers.view", "customers.edit"]}))
    assert portal.get(f"/customers/{customer['id']}/settings").status_code == 403
