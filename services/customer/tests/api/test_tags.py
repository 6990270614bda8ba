"""Tags through the API: defined once, put on customers, merged, never seen by portal accounts."""

from collections.abc import Callable
from threading import Event as Stop
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def a_tag(staff: Client) -> Make:
    def make(name: str, **fields: Any) -> dict[str, Any]:
        answer = staff.post("/tags", json={"name": name} | fields)
        assert answer.status_code == 201, answer.json
        return answer.json

    return make


def move_merged(service: Service) -> None:
    job = next(job for job in service.jobs if job.name == "merged-tags")
    while job.run(Stop()):
        pass


def test_a_tag_is_defined_changed_and_deleted(staff: Client, service: Service, a_tag: Make) -> None:
    tag = a_tag("Key account", colour="#1f6feb")
    path = f"/tags/{tag['id']}"
    assert (tag["customers"], tag["archived"]) == (0, False)
    changed = staff.patch(path, json={"description": "Has a named contact"}, version=1).json
    assert (changed["description"], changed["version"]) == ("Has a named contact", 2)
    assert staff.patch(path, json={"description": "Has a named contact"}, version=2).json["version"] == 2
    assert staff.patch(path, json={"name": "X"}, version=1).status_code == 412
    assert staff.delete(path, version=2).status_code == 204
    assert staff.get(path).status_code == 404
    verbs = [event.type.split(".")[2] for event in published(service.db) if event.subject == tag["id"]]
    assert verbs == ["created", "updated", "deleted"]


def test_a_name_is_taken_whatever_its_case_and_accents(staff: Client, a_tag: Make) -> None:
    a_tag("Café")
    refused = staff.post("/tags", json={"name": "CAFE"})
    assert (refused.status_code, refused.json["code"]) == (409, "customer.tag_name_taken")
    other = a_tag("Tea room")
    assert staff.patch(f"/tags/{other['id']}", json={"name": "cafÉ"}, version=1).status_code == 409


def test_tags_are_put_on_a_customer_with_their_names_frozen(
    staff: Client, service: Service, a_customer: Make, a_tag: Make
) -> None:
    vip, slow = a_tag("Vip"), a_tag("Slow payer")
    customer = a_customer()
    path = f"/customers/{customer['id']}/tags"
    answer = staff.put(path, json={"tag_ids": [vip["id"], slow["id"]]}, version=1)
    assert [tag["name"] for tag in answer.json["items"]] == ["Slow payer", "Vip"]
    assert (answer.json["version"], answer.headers["ETag"]) == (2, '"v2"')
    [event] = [each for each in published(service.db) if each.subject == customer["id"] and each.version == 2]
    assert event.data["tag_ids"] == [vip["id"], slow["id"]]
    [change] = event.data["changes"]
    assert (change["path"], change["before_label"], change["after_label"]) == ("tags", None, "Slow payer, Vip")
    staff.patch(f"/tags/{vip['id']}", json={"name": "Very important"}, version=1)
    assert staff.delete(f"{path}/{slow['id']}").status_code == 204
    assert staff.delete(f"{path}/{slow['id']}").status_code == 404
    last = [each for each in published(service.db) if each.subject == customer["id"]][-1].data["changes"][0]
    assert (last["before_label"], last["after_label"]) == ("Slow payer, Very important", "Very important")


def test_the_same_tags_in_another_order_change_nothing(staff: Client, a_customer: Make, a_tag: Make) -> None:
    one, two = a_tag("One"), a_tag("Two")
    path = f"/customers/{a_customer()['id']}/tags"
    staff.put(path, json={"tag_ids": [one["id"], two["id"]]}, version=1)
    again = staff.put(path, json={"tag_ids": [two["id"], one["id"], two["id"]]}, version=2)
    assert (again.json["version"], "Event-Id" in again.headers) == (2, False)
    added = staff.post(path, json={"tag_id": one["id"]})
    assert (added.status_code, added.json["version"]) == (200, 2)


def test_unknown_and_archived_tags_are_pointed_at(staff: Client, a_customer: Make, a_tag: Make) -> None:
    good, old = a_tag("Good"), a_tag("Old")
    staff.patch(f"/tags/{old['id']}", json={"archived": True}, version=1)
    path = f"/customers/{a_customer()['id']}/tags"
    refused = staff.put(path, json={"tag_ids": [good["id"], old["id"], new_id()]}, version=1)
    assert (refused.status_code, refused.json["code"]) == (422, "customer.tag_unknown")
    assert [error["pointer"] for error in refused.json["errors"]] == ["/tag_ids/1", "/tag_ids/2"]
    assert staff.get(path).json["items"] == []


def test_an_archived_tag_stays_where_it_is(staff: Client, a_customer: Make, a_tag: Make) -> None:
    tag, other = a_tag("Stays"), a_tag("Other")
    path = f"/customers/{a_customer()['id']}/tags"
    staff.post(path, json={"tag_id": tag["id"]})
    staff.patch(f"/tags/{tag['id']}", json={"archived": True}, version=1)
    kept = staff.put(path, json={"tag_ids": [tag["id"], other["id"]]}, version=2)
    assert {each["name"] for each in kept.json["items"]} == {"Stays", "Other"}


def test_a_tag_in_use_is_not_deleted(staff: Client, a_customer: Make, a_tag: Make) -> None:
    tag = a_tag("Used")
    staff.post(f"/customers/{a_customer()['id']}/tags", json={"tag_id": tag["id"]})
    refused = staff.delete(f"/tags/{tag['id']}", version=1)
    assert (refused.status_code, refused.json["code"], refused.json["customers"]) == (409, "customer.tag_in_use", 1)


def test_merging_moves_carriers_and_the_rules_that_speak_of_the_tag(
    staff: Client, service: Service, a_customer: Make, a_tag: Make
) -> None:
    old, new = a_tag("Hotel"), a_tag("Hospitality trade")
    both, only_old = a_customer(), a_customer()
    for tag in (old, new):
        staff.post(f"/customers/{both['id']}/tags", json={"tag_id": tag["id"]})
    staff.post(f"/customers/{only_old['id']}/tags", json={"tag_id": old["id"]})
    segment = staff.post("/segments", json={"name": "Hotels", "text": "tag:hotel"}).json
    answer = staff.post(f"/tags/{old['id']}/merge", json={"into": new["id"]}, version=1)
    assert (answer.status_code, answer.json) == (200, {"merged_into": new["id"], "customers": 2})
    move_merged(service)
    for customer in (both, only_old):
        assert [tag["id"] for tag in staff.get(f"/customers/{customer['id']}/tags").json["items"]] == [new["id"]]
    gone = staff.get(f"/tags/{old['id']}")
    assert (gone.status_code, gone.json["merged_into"]) == (404, new["id"])
    now = staff.get(f"/segments/{segment['id']}").json
    assert (now["rule"]["value"], now["rule_version"]) == ([new["id"]], 2)
    event = [each for each in published(service.db) if each.subject == only_old["id"]][-1]
    assert (event.data["changes"][0]["before_label"], event.data["changes"][0]["after_label"]) == (
        "Hotel",
        "Hospitality trade",
    )
    assert staff.post("/tags", json={"name": "Hotel"}).status_code == 201, "the name is free again"


def test_a_tag_is_not_merged_into_itself_or_nothing(staff: Client, a_tag: Make) -> None:
    tag = a_tag("Alone")
    for into in (tag["id"], new_id()):
        refused = staff.post(f"/tags/{tag['id']}/merge", json={"into": into}, version=1)
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/into")


def test_portal_accounts_never_see_tags(
    service: Service, tokens: TestTokens, staff: Client, a_customer: Make, a_tag: Make
) -> None:
    customer, tag = a_customer(), a_tag("Difficult")
    staff.post(f"/customers/{customer['id']}/tags", json={"tag_id": tag["id"]})
    portal = client_for(service, tokens.portal({customer["id"]: ["customers.view", "customers.edit"]}))
    for path in ("/tags", f"/customers/{customer['id']}/tags", f"/customers/{customer['id']}/segments"):
        assert portal.get(path).status_code == 403
    shown = portal.get(f"/customers/{customer['id']}")
    assert shown.status_code == 200
    assert tag["id"] not in shown.text
    assert "Difficult" not in shown.text


def test_defining_needs_its_permission(service: Service, tokens: TestTokens, a_tag: Make) -> None:
    editor = client_for(service, tokens.staff(["customers.view", "customers.edit"]))
    refused = editor.post("/tags", json={"name": "Mine"})
    assert (refused.status_code, refused.json["permission"]) == (403, "schema.manage")
