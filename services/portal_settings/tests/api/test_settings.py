"""The settings of every scope over HTTP, as staff and the portal see and change them."""

from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from portal_switches import KEYS

pytestmark = pytest.mark.postgres

PLATFORM = "/portal-settings"


def of_group(group_id: str) -> str:
    return f"/customer-groups/{group_id}/portal-settings"


def of(customer_id: str) -> str:
    return f"/customers/{customer_id}/portal-settings"


def switch(client: Client, path: str, key: str) -> dict[str, Any]:
    return client.get(path).json["settings"][key]


def change(client: Client, path: str, version: int = 0, **body: Any) -> Any:
    answer = client.patch(path, json=body, version=version)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_an_untouched_scope_shows_what_it_inherits_at_version_0(staff: Client, tree: Any) -> None:
    for path in (PLATFORM, of_group(tree.clinics), of(tree.branch)):
        answer = staff.get(path)
        assert (answer.status_code, answer.headers["ETag"]) == (200, '"v0"')
        assert tuple(answer.json["settings"]) == KEYS
        billing = answer.json["settings"]["billing_enabled"]
        assert (billing["value"], billing["effective"], billing["source"]) == ("inherit", "on", "platform")
        assert billing["label"]
        assert billing["description"]


def test_each_scope_decides_for_those_below_it(staff: Client, tree: Any) -> None:
    key = "automation_enabled"
    change(staff, PLATFORM, settings={key: "on"})
    assert switch(staff, of(tree.loner), key)["source"] == "platform"
    change(staff, of(tree.hq), settings={key: "off"})
    site = switch(staff, of(tree.site), key)
    assert (site["effective"], site["source"], site["source_id"], site["source_name"]) == (
        "off",
        "ancestor",
        tree.hq,
        "Hq",
    )
    change(staff, of_group(tree.clinics), settings={key: "on"})
    site = switch(staff, of(tree.site), key)
    assert (site["source"], site["source_id"], site["source_name"]) == ("ancestor_group", tree.clinics, "Clinics")
    assert switch(staff, of(tree.branch), key)["source"] == "group"
    change(staff, of(tree.branch), settings={key: "off"})
    assert switch(staff, of(tree.branch), key)["source"] == "own"
    change(staff, of(tree.branch), 1, settings={key: "inherit"})
    assert switch(staff, of(tree.branch), key)["source"] == "group"


@pytest.mark.parametrize(
    ("said", "stored"),
    [("on", "on"), (True, "on"), ("off", "off"), (False, "off"), ("inherit", "inherit"), (None, "inherit")],
)
def test_a_switch_may_be_set_in_words_or_as_true_false_and_null(
    staff: Client, tree: Any, said: Any, stored: str
) -> None:
    change(staff, of(tree.loner), settings={"billing_enabled": "on" if stored != "on" else "off"})
    changed = change(staff, of(tree.loner), 1, settings={"billing_enabled": said})
    assert changed["settings"]["billing_enabled"]["value"] == stored


@pytest.mark.parametrize(
    "body",
    [
        {"settings": {"billing_enabled": "maybe"}},
        {"settings": {"billing_enabled": 1}},
        {"settings": {"billing_enabled": ["on"]}},
        {"settings": {"teleport": "on"}},
        {"locks": {"teleport": True}},
        {"locks": {"billing_enabled": "on"}},
        {"licence_acknowledgement": {}},
        {"licence_acknowledgement": True},
        {"reason": "x" * 501},
        {"surprise": 1},
    ],
)
def test_what_no_scope_can_decide_is_refused_by_name(staff: Client, tree: Any, body: dict[str, Any]) -> None:
    answer = staff.patch(of(tree.loner), json=body, version=0)
    assert (answer.status_code, answer.json["code"]) == (422, "validation_failed")
    assert answer.json["errors"][0]["pointer"].startswith("/" + next(iter(body)))


def test_a_change_publishes_one_event_and_a_repetition_none(staff: Client, service: Service, tree: Any) -> None:
    changed = staff.patch(of(tree.branch), json={"settings": {"billing_enabled": "off"}, "reason": "Asked"}, version=0)
    assert changed.headers["ETag"] == '"v1"'
    again = staff.patch(of(tree.branch), json={"settings": {"billing_enabled": "off"}}, version=1)
    assert (again.status_code, again.headers["ETag"], again.json["changes"]) == (200, '"v1"', [])
    (event,) = published(service.db)
    assert event.id == changed.headers["Event-Id"]
    assert (event.subject, event.customer_id, event.version) == (tree.branch, tree.branch, 1)
    assert event.data["values"] == {"billing_enabled": "off"}
    assert event.data["reason"] == "Asked"
    assert [(c["path"], c["before"], c["after"]) for c in event.data["changes"]] == [
        ("billing_enabled", "inherit", "off")
    ]


def test_a_change_of_the_platform_is_one_event_for_everybody(staff: Client, service: Service, tree: Any) -> None:
    change(staff, PLATFORM, settings={"order_authorization": "on"}, locks={"order_authorization": True})
    (event,) = published(service.db)
    assert (event.subject, event.customer_id, event.partition_key) == ("platform", "", "platform")
    assert (event.data["scope_id"], event.data["locks"]) == (None, ["order_authorization"])


def test_pre_orders_turn_the_warehouse_on_in_the_same_change(staff: Client, service: Service, tree: Any) -> None:
    changed = change(staff, of(tree.hq), settings={"allow_preorders": "on"})
    assert [(c["path"], c["after"], c["cause"]) for c in changed["changes"]] == [
        ("allow_preorders", "on", None),
        ("warehouse_enabled", "on", "allow_preorders"),
    ]
    assert {c["key"] for c in changed["effective_changes"]} == {"allow_preorders", "warehouse_enabled"}
    assert len(published(service.db)) == 1


def test_the_warehouse_stays_on_under_pre_orders_unless_both_go_off(staff: Client, service: Service, tree: Any) -> None:
    change(staff, of(tree.hq), settings={"allow_preorders": "on"})
    refused = staff.patch(of(tree.hq), json={"settings": {"warehouse_enabled": "off"}}, version=1)
    assert (refused.status_code, refused.json["code"]) == (409, "portal_settings.dependent_setting")
    assert refused.json["blockers"] == [
        {"key": "allow_preorders", "label": "Allow pre-orders", "source": "own", "source_id": tree.hq}
    ]
    assert "cascade=true" in refused.json["detail"]
    assert len(published(service.db)) == 1
    both = change(staff, of(tree.hq), 1, settings={"warehouse_enabled": "off"}, cascade=True)
    assert {c["path"]: c["cause"] for c in both["changes"]} == {
        "warehouse_enabled": None,
        "allow_preorders": "warehouse_enabled",
    }


def test_hr_sync_needs_its_licence_acknowledged(staff: Client, tree: Any) -> None:
    refused = staff.patch(of(tree.hq), json={"settings": {"hr_sync_enabled": "on"}}, version=0)
    assert (refused.status_code, refused.json["code"]) == (409, "portal_settings.licence_not_acknowledged")
    fee = {"fee_note": "3 EUR per person and month"}
    changed = change(staff, of(tree.hq), settings={"hr_sync_enabled": "on"}, licence_acknowledgement=fee)
    assert changed["settings"]["hr_sync_enabled"]["active"]
    assert changed["licence"]["acknowledged_by"] == "Grace Hopper"
    branch = staff.get(of(tree.branch)).json
    assert (branch["licence"]["source"], branch["licence"]["fee_note"]) == ("ancestor", fee["fee_note"])
    assert branch["settings"]["hr_sync_enabled"]["active"]
    repeated = staff.patch(of(tree.hq), json={"licence_acknowledgement": fee}, version=1)
    assert repeated.json["version"] == 1
    refused = staff.patch(of(tree.hq), json={"licence_acknowledgement": None}, version=1)
    assert refused.json["code"] == "portal_settings.dependent_setting"
    withdrawn = change(staff, of(tree.hq), 1, licence_acknowledgement=None, cascade=True)
    assert withdrawn["licence"] is None
    assert withdrawn["settings"]["hr_sync_enabled"]["value"] == "off"


def test_a_lock_holds_for_those_below_and_names_who_set_it(staff: Client, tree: Any) -> None:
    change(staff, of_group(tree.hospitals), settings={"billing_enabled": "off"}, locks={"billing_enabled": True})
    locked = switch(staff, of(tree.site), "billing_enabled")
    assert locked["effective"] == "off"
    assert locked["locked_by"] == {
        "source": "ancestor_group",
        "source_id": tree.hospitals,
        "source_name": "Hospitals",
    }
    refused = staff.patch(of(tree.hq), json={"settings": {"billing_enabled": "on"}}, version=0)
    assert (refused.status_code, refused.json["code"]) == (409, "portal_settings.locked")
    assert refused.json["blockers"][0]["source_id"] == tree.hospitals
    assert switch(staff, of_group(tree.hospitals), "billing_enabled")["locked"]
    assert switch(staff, of(tree.loner), "billing_enabled")["locked_by"] is None


def test_an_inert_switch_says_why_and_what_helps(staff: Client, tree: Any) -> None:
    change(staff, of(tree.loner), settings={"auto_confirm_orders": "on"})
    inert = switch(staff, of(tree.loner), "auto_confirm_orders")
    assert (inert["effective"], inert["active"], inert["inert_reason"]) == ("on", False, "order_authorization_off")
    assert "Grant order authorization" in inert["inert_detail"]


def test_an_archived_customer_is_read_only(staff: Client, service: Service, tree: Any) -> None:
    from portal_settings.use_cases import remember_customer

    with service.db.transaction() as session:
        archived = {"id": tree.loner, "name": "Loner", "status": "archived", "parent_id": None, "group_id": None}
        remember_customer(session, archived, 2)
    assert staff.get(of(tree.loner)).status_code == 200
    refused = staff.patch(of(tree.loner), json={"settings": {"billing_enabled": "off"}}, version=0)
    assert (refused.status_code, refused.json["code"]) == (409, "portal_settings.customer_archived")


def test_unknown_customers_and_groups_are_not_found(staff: Client) -> None:
    nobody = "0195556a-0000-7000-8000-00000000ffff"
    assert staff.get(of(nobody)).json["code"] == "portal_settings.customer_not_found"
    assert staff.get(of_group(nobody)).json["code"] == "portal_settings.group_not_found"
    assert staff.patch(of(nobody), json={}, version=0).status_code == 404


def test_a_change_must_say_which_version_it_changes(staff: Client, tree: Any) -> None:
    body = {"settings": {"billing_enabled": "off"}}
    assert staff.patch(of(tree.hq), json=body).status_code == 428
    assert staff.patch(of(tree.hq), json=body, version=7).json["code"] == "portal_settings.stale"
    change(staff, of(tree.hq), **body)
    assert staff.patch(of(tree.hq), json=body, version=0).status_code == 412


def test_what_counts_is_never_taken_from_a_browser_s_store(staff: Client, tree: Any) -> None:
    assert "no-store" in staff.get(of(tree.hq)).headers["Cache-Control"]
    stale = staff.get(of(tree.hq), headers={"If-None-Match": '"v0"'})
    assert stale.status_code == 200


def test_viewing_and_editing_need_their_permissions(service: Service, tree: Any, tokens: TestTokens) -> None:
    nobody = client_for(service, tokens.staff([]))
    assert nobody.get(PLATFORM).json["permission"] == "portal_settings.view"
    viewer = client_for(service, tokens.staff(["portal_settings.view"]))
    assert viewer.get(of(tree.hq)).status_code == 200
    assert viewer.patch(of(tree.hq), json={}, version=0).json["permission"] == "portal_settings.edit"
