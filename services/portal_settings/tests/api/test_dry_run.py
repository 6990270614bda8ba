"""A dry run tells everything that a change would do, and does nothing."""

from typing import Any

import pytest

from common.service import Service
from common.testing import Client, published

pytestmark = pytest.mark.postgres


def dry(client: Client, path: str, version: int = 0, **body: Any) -> Any:
    answer = client.patch(path + "?dry_run=true", json=body, version=version)
    assert answer.status_code == 200, answer.json
    return answer.json


def of(customer_id: str) -> str:
    return f"/customers/{customer_id}/portal-settings"


def test_a_dry_run_shows_the_outcome_and_stores_nothing(staff: Client, service: Service, tree: Any) -> None:
    shown = dry(staff, of(tree.hq), settings={"allow_preorders": "on"})
    assert shown["dry_run"]
    assert shown["version"] == 0
    assert shown["settings"]["warehouse_enabled"]["value"] == "on"
    assert [c["cause"] for c in shown["changes"]] == [None, "allow_preorders"]
    assert staff.get(of(tree.hq)).json["settings"]["warehouse_enabled"]["value"] == "inherit"
    assert published(service.db) == []


def test_a_dry_run_may_be_asked_for_in_the_body(staff: Client, service: Service, tree: Any) -> None:
    body = {"settings": {"billing_enabled": "off"}, "dry_run": True}
    assert staff.patch(of(tree.hq), json=body, version=0).json["dry_run"]
    assert published(service.db) == []


def test_a_dry_run_tells_all_refusals_with_their_blockers(staff: Client, tree: Any) -> None:
    lock = {"settings": {"billing_enabled": "on"}, "locks": {"billing_enabled": True}}
    staff.patch("/portal-settings", json=lock, version=0)
    shown = dry(staff, of(tree.hq), settings={"billing_enabled": "off", "hr_sync_enabled": "on"})
    assert [(r["code"], r["key"]) for r in shown["refusals"]] == [
        ("portal_settings.locked", "billing_enabled"),
        ("portal_settings.licence_not_acknowledged", "hr_sync_enabled"),
    ]


def test_a_dry_run_shows_the_licence_as_it_would_be(staff: Client, tree: Any) -> None:
    fee = {"fee_note": "included"}
    shown = dry(staff, of(tree.hq), settings={"hr_sync_enabled": "on"}, licence_acknowledgement=fee)
    assert shown["licence"]["fee_note"] == "included"
    assert shown["settings"]["hr_sync_enabled"]["active"]


def affected(client: Client, path: str, version: int = 0, **body: Any) -> tuple[int, dict[str, int]]:
    counted = dry(client, path, version, **body)["affected_customers"]
    assert counted["at_least"] is False
    return counted["count"], counted["by_switch"]


def test_everybody_without_a_decision_of_their_own_is_affected_by_the_platform(staff: Client, tree: Any) -> None:
    change = {"settings": {"automation_enabled": "on"}}
    assert affected(staff, "/portal-settings", **change) == (4, {"automation_enabled": 4})
    staff.patch(of(tree.branch), json={"settings": {"automation_enabled": "off"}}, version=0)
    assert affected(staff, "/portal-settings", **change) == (2, {"automation_enabled": 2})


def test_a_group_affects_its_members_and_what_is_below_them(staff: Client, tree: Any) -> None:
    hospitals, clinics = (f"/customer-groups/{id_}/portal-settings" for id_ in (tree.hospitals, tree.clinics))
    change = {"settings": {"automation_enabled": "on"}}
    assert affected(staff, hospitals, **change) == (3, {"automation_enabled": 3})
    assert affected(staff, clinics, **change) == (2, {"automation_enabled": 2})
    staff.patch(clinics, json={"settings": {"automation_enabled": "off"}}, version=0)
    assert affected(staff, hospitals, **change) == (1, {"automation_enabled": 1})


def test_a_lock_affects_those_who_had_decided_otherwise(staff: Client, tree: Any) -> None:
    staff.patch(of(tree.site), json={"settings": {"automation_enabled": "on"}}, version=0)
    assert affected(staff, of(tree.hq), locks={"automation_enabled": True}) == (1, {"automation_enabled": 1})


def test_switches_that_become_inert_below_are_counted(staff: Client, tree: Any) -> None:
    staff.patch("/portal-settings", json={"settings": {"warehouse_enabled": "on"}}, version=0)
    staff.patch(of(tree.loner), json={"settings": {"allow_preorders": "on"}}, version=0)
    assert affected(staff, "/portal-settings", 1, settings={"warehouse_enabled": "off"}) == (
        4,
        {"allow_preorders": 1, "warehouse_enabled": 4},
    )


def test_a_change_that_repeats_what_counts_affects_nobody(staff: Client, tree: Any) -> None:
    assert affected(staff, of(tree.hq), settings={"billing_enabled": "on"}) == (0, {})
    assert affected(staff, of(tree.hq)) == (0, {})
