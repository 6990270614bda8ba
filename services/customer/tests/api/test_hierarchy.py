"""Head offices and branches: what becomes of branches when a head office is archived, and the path to a customer."""

from collections.abc import Callable
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for, published

Make = Callable[..., dict[str, Any]]
Tree = dict[str, dict[str, Any]]


@pytest.fixture
def tree(staff: Client, a_customer: Make) -> Tree:
    """root > head > (left > leaf, right, gone), where `gone` is archived."""
    made: Tree = {}
    for name, parent in (
        ("root", None),
        ("head", "root"),
        ("left", "head"),
        ("leaf", "left"),
        ("right", "head"),
        ("gone", "head"),
    ):
        made[name] = a_customer(name=name, parent_id=made[parent]["id"] if parent else None)
    staff.post(f"/customers/{made['gone']['id']}/archival", json={"reason": "closed"})
    return made


def archive(staff: Client, customer: dict[str, Any], **fields: Any) -> Any:
    return staff.post(f"/customers/{customer['id']}/archival", json={"reason": "sold"} | fields)


def now(staff: Client, customer: dict[str, Any]) -> dict[str, Any]:
    return staff.get(f"/customers/{customer['id']}").json


def test_active_branches_hinder_archiving_and_are_named_with_the_choices(staff: Client, tree: Tree) -> None:
    answer = archive(staff, tree["head"])
    assert (answer.status_code, answer.json["code"], answer.json["count"]) == (409, "customer.has_branches", 2)
    assert [branch["name"] for branch in answer.json["branches"]] == ["left", "right"]
    assert "reparent_to_grandparent" in answer.json["detail"]
    assert archive(staff, tree["head"], children="forget").status_code == 422


def test_a_whole_subtree_is_archived_with_its_head_office_each_under_its_own_id(
    staff: Client, service: Service, tree: Tree
) -> None:
    before = len(published(service.db))
    assert archive(staff, tree["head"], children="archive").status_code == 200
    events = published(service.db)[before:]
    assert [event.data["name"] for event in events] == ["leaf", "left", "right", "head"]
    assert {event.type for event in events} == {"customer.customer.archived.v1"}
    assert len({event.data["archive"]["id"] for event in events}) == 4
    assert now(staff, tree["root"])["status"] == "active"
    refused = staff.post(f"/customers/{tree['leaf']['id']}/restoration")
    assert refused.json["code"] == "customer.parent_unsuitable"
    assert staff.post(f"/customers/{tree['head']['id']}/restoration").status_code == 200
    assert now(staff, tree["left"])["status"] == "archived"


def test_branches_are_detached_with_what_is_below_them(staff: Client, service: Service, tree: Tree) -> None:
    before = len(published(service.db))
    assert archive(staff, tree["head"], children="detach").status_code == 200
    events = published(service.db)[before:]
    assert sorted(event.data["name"] for event in events) == ["head", "left", "right"]
    left = next(event for event in events if event.data["name"] == "left")
    assert left.data["path_ids"] == [tree["left"]["id"]]
    assert left.data["changes"] == [
        {
            "path": "parent",
            "label": "Head office",
            "before": tree["head"]["id"],
            "after": None,
            "before_label": "head",
            "after_label": None,
        }
    ]
    assert now(staff, tree["left"])["parent_id"] is None
    assert now(staff, tree["leaf"])["parent_id"] == tree["left"]["id"]
    assert now(staff, tree["gone"])["parent_id"] == tree["head"]["id"]


def test_branches_go_under_the_head_office_above(staff: Client, service: Service, tree: Tree) -> None:
    assert archive(staff, tree["head"], children="reparent_to_grandparent").status_code == 200
    assert now(staff, tree["right"])["parent"]["name"] == "root"
    events = {event.data["name"]: event for event in published(service.db)[-3:]}
    assert events["right"].data["path_ids"] == [tree["root"]["id"], tree["right"]["id"]]
    refused = archive(staff, tree["root"], children="reparent_to_grandparent")
    assert (refused.status_code, refused.json["code"]) == (409, "customer.no_grandparent")


def test_without_branches_the_choice_changes_nothing(staff: Client, tree: Tree) -> None:
    assert archive(staff, tree["leaf"], children="archive").json["status"] == "archived"
    again = archive(staff, tree["leaf"], children="detach")
    assert (again.status_code, again.json["version"]) == (200, 2)


def test_branches_that_shared_a_tax_id_are_not_torn_apart(staff: Client, tree: Tree) -> None:
    value = {"country": "FR", "value": "40303265045"}
    for name in ("head", "left", "right"):
        assert staff.post(f"/customers/{tree[name]['id']}/tax-ids", json=value).status_code == 201
    refused = archive(staff, tree["head"], children="detach")
    assert (refused.status_code, refused.json["code"]) == (409, "customer.duplicate_tax_id")
    assert now(staff, tree["left"])["parent_id"] == tree["head"]["id"]
    assert archive(staff, tree["head"], children="reparent_to_grandparent").status_code == 200


def test_the_path_leads_from_the_root_to_the_customer(staff: Client, tree: Tree) -> None:
    path = staff.get(f"/customers/{tree['leaf']['id']}/path").json
    assert path["names"] == ["root", "head", "left", "leaf"]
    assert path["ids"] == [tree[name]["id"] for name in path["names"]]
    assert path["numbers"] == [tree[name]["number"] for name in path["names"]]
    assert (path["depth"], path["nodes"][0]["name"]) == (4, "root")


def test_a_portal_users_path_begins_where_its_sight_begins(service: Service, tokens: TestTokens, tree: Tree) -> None:
    seen = {tree[name]["id"]: ["customers.view"] for name in ("left", "leaf")}
    portal = client_for(service, tokens.portal(seen))
    assert portal.get(f"/customers/{tree['leaf']['id']}/path").json["names"] == ["left", "leaf"]


def test_every_event_of_a_customer_holds_its_path_at_that_time(staff: Client, service: Service, tree: Tree) -> None:
    ids = {name: tree[name]["id"] for name in tree}
    created = {event.data["name"]: event for event in published(service.db) if event.subject in ids.values()}
    assert created["leaf"].data["path_ids"] == [ids[name] for name in ("root", "head", "left", "leaf")]
    staff.patch(f"/customers/{ids['left']}", json={"parent_id": ids["right"]}, version=1)
    assert published(service.db)[-1].data["path_ids"] == [ids[name] for name in ("root", "head", "right", "left")]
    staff.patch(f"/customers/{ids['leaf']}", json={"dba_name": "Leaf & Sons"}, version=1)
    assert published(service.db)[-1].data["path_ids"] == [
        ids[name] for name in ("root", "head", "right", "left", "leaf")
    ]
    staff.patch(f"/customers/{ids['left']}", json={"parent_id": None}, version=2)
    assert published(service.db)[-1].data["path_ids"] == [ids["left"]]
