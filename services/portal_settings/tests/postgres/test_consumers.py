"""What events of other services do to the settings: customers and groups come, move and end."""

from typing import Any

import pytest

from common.service import Service
from common.testing import Client, published
from common.testing.events import deliver, event
from portal_settings.seed import seed

pytestmark = pytest.mark.postgres

NEW = "0195556a-0000-7000-8000-0000000000ee"


def customer(id_: str, verb: str = "updated", version: int = 2, **more: Any) -> Any:
    data = {
        "id": id_,
        "number": "K10001",
        "kind": "business",
        "status": "active",
        "name": "Moved",
        "dba_name": None,
        "parent_id": None,
        "group_id": None,
        "external_ids": [],
        "primary_contact_id": None,
        "archive": None,
        "created_at": "2026-03-02T09:30:00.000000Z",
        "updated_at": "2026-03-02T09:30:00.000000Z",
        "batch_id": None,
        "changes": [],
    }
    return event(f"customer.customer.{verb}.v1", id_, data | more, version=version, customer_id=id_)


def group(id_: str, verb: str, version: int) -> Any:
    return event(f"customer.group.{verb}.v1", id_, {"id": id_, "name": "Schools", "changes": []}, version=version)


def of(customer_id: str) -> str:
    return f"/customers/{customer_id}/portal-settings"


def billing(client: Client, customer_id: str) -> tuple[str, str]:
    shown = client.get(of(customer_id)).json["settings"]["billing_enabled"]
    return shown["effective"], shown["source"]


def test_a_customer_that_moves_inherits_from_its_new_place(service: Service, staff: Client, tree: Any) -> None:
    staff.patch(of(tree.hq), json={"settings": {"billing_enabled": "off"}}, version=0)
    assert billing(staff, tree.loner) == ("on", "platform")
    deliver(service, customer(tree.loner, parent_id=tree.hq))
    assert billing(staff, tree.loner) == ("off", "ancestor")
    deliver(service, customer(tree.loner, version=1))
    assert billing(staff, tree.loner) == ("off", "ancestor"), "an older event changes nothing"


def test_a_branch_may_arrive_before_its_parent_and_its_group(service: Service, staff: Client, tree: Any) -> None:
    parent = "0195556a-0000-7000-8000-0000000000ef"
    deliver(service, customer(NEW, "created", 1, parent_id=parent, group_id=NEW[:-1] + "d"))
    assert billing(staff, NEW) == ("on", "platform")
    deliver(service, customer(parent, "created", 1))
    staff.patch(of(parent), json={"settings": {"billing_enabled": "off"}}, version=0)
    assert billing(staff, NEW) == ("off", "ancestor")


def test_an_archived_and_a_restored_customer_keep_their_settings(service: Service, staff: Client, tree: Any) -> None:
    staff.patch(of(tree.loner), json={"settings": {"billing_enabled": "off"}}, version=0)
    deliver(service, customer(tree.loner, "archived", 2, status="archived"))
    assert staff.patch(of(tree.loner), json={}, version=1).json["code"] == "portal_settings.customer_archived"
    deliver(service, customer(tree.loner, "restored", 3))
    assert staff.patch(of(tree.loner), json={}, version=1).status_code == 200
    assert billing(staff, tree.loner) == ("off", "own")


def test_the_settings_of_a_deleted_customer_end_with_it(service: Service, staff: Client, tree: Any) -> None:
    fee = {"fee_note": "included"}
    body = {"settings": {"billing_enabled": "off"}, "locks": {"billing_enabled": True}, "licence_acknowledgement": fee}
    staff.patch(of(tree.hq), json=body, version=0)
    deliver(service, customer(tree.hq, "deleted", 2))
    deliver(service, customer(tree.hq, "deleted", 2))
    deliver(service, customer(tree.hq, version=1))
    assert staff.get(of(tree.hq)).status_code == 404
    assert billing(staff, tree.branch) == ("on", "platform")
    first, last = published(service.db)
    assert (first.version, last.version, last.customer_id) == (1, 2, tree.hq)
    assert (last.data["values"], last.data["locks"], last.data["licence"]) == ({}, [], None)
    assert [change["after"] for change in last.data["changes"]] == ["inherit", "open", "none"]


def test_a_group_comes_is_renamed_and_ends(service: Service, staff: Client, tree: Any) -> None:
    path = f"/customer-groups/{NEW}/portal-settings"
    assert staff.get(path).status_code == 404
    deliver(service, [group(NEW, "created", 1), group(NEW, "updated", 2)])
    assert staff.patch(path, json={"settings": {"billing_enabled": "off"}}, version=0).status_code == 200
    deliver(service, customer(tree.loner, group_id=NEW))
    assert staff.get(of(tree.loner)).json["settings"]["billing_enabled"]["source_name"] == "Schools"
    deliver(service, group(NEW, "deleted", 3))
    assert staff.get(path).status_code == 404
    assert billing(staff, tree.loner) == ("on", "platform")
    assert published(service.db)[-1].subject == NEW


def test_the_seed_decides_the_defaults_once(service: Service, staff: Client, tree: Any) -> None:
    seed(service.db)
    seed(service.db)
    shown = staff.get("/portal-settings").json
    assert shown["version"] == 1
    assert shown["settings"]["order_authorization"]["value"] == "on"
    staff.patch("/portal-settings", json={"settings": {"order_authorization": "off"}}, version=1)
    seed(service.db)
    assert staff.get("/portal-settings").json["settings"]["order_authorization"]["value"] == "off"


def test_the_first_customer_keeps_an_inventory_unless_somebody_decides(
    service: Service, staff: Client, tree: Any
) -> None:
    seed(service.db)
    first, *others = sorted((tree.hq, tree.branch, tree.site, tree.loner))

    def keeps(customer_id: str) -> tuple[str, str]:
        shown = staff.get(of(customer_id)).json["settings"]["internal_inventory_enabled"]
        return shown["effective"], shown["source"]

    assert keeps(first) == ("on", "own")
    assert "own" not in {keeps(other)[1] for other in others}
    staff.patch(of(first), json={"settings": {"internal_inventory_enabled": "off"}}, version=1)
    seed(service.db)
    assert keeps(first) == ("off", "own")


def test_a_customer_that_is_erased_leaves_no_name_behind(service: Service, staff: Client, tree: Any) -> None:
    fee = {"fee_note": "included"}
    body = {"settings": {"hr_sync_enabled": "on"}, "licence_acknowledgement": fee, "reason": "Asked by Tomasina"}
    assert staff.patch(of(tree.loner), json=body, version=0).status_code == 200
    assert published(service.db)[-1].data["licence"]["acknowledged_by"] != "[erased]"
    told = {"request_id": NEW, "erased_ids": [tree.loner], "everything": True}
    deliver(service, customer(tree.loner, "erased", kind="person", name="[erased]", **told))
    scope, answer = published(service.db)[-2:]
    assert "Tomasina" not in str(scope.data)
    assert scope.data["licence"]["acknowledged_by"] == "[erased]"
    service.contracts.check(scope.type, scope.data)
    assert (answer.type, answer.data["request_id"]) == ("portal-settings.erasure.completed.v1", NEW)
    assert answer.data["counts"]["events"] == 1
    assert staff.get(of(tree.loner)).json["settings"]["hr_sync_enabled"]["effective"] == "on"
