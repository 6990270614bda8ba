"""The 360° document as callers see it."""

from typing import Any

import pytest

from common.beat import BEAT
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from common.testing.events import event
from overview.domain.nouns import SECTIONS
from overview.domain.sections import SERVICES
from overview.domain.viewers import CODES
from overview.tests import events
from overview.tests.delivery import deliver


@pytest.fixture
def staff(service: Service, tokens: TestTokens) -> Client:
    """Somebody who sees every section but the documents."""
    return client_for(service, tokens.staff(["customers.view", *CODES - {"documents.view"}]))


def overview(client: Client, customer_id: str, **options: Any) -> Any:
    answer = client.get(f"/customers/{customer_id}/overview", **options)
    assert answer.status_code == 200, answer.text
    return answer.json


def beat(service: Service, owner: str, oldest: float = 0.0) -> None:
    assert service.on_beat is not None
    data = {"service": owner, "oldest_unsent_seconds": oldest, "unsent": 0}
    with service.db.transaction() as session:
        service.on_beat(session, event(BEAT, owner, data))


def login(**fields: Any) -> dict[str, Any]:
    return {"account_id": new_id(), "username": "lind", "status": "active", "disabled_reason": None} | fields


def test_every_section_is_in_one_document(service: Service, staff: Client) -> None:
    id_, person = new_id(), new_id()
    emails = [{"label": "work", "address": "a@b.example", "default": True}]
    deliver(
        service,
        [
            events.customer(id_, name="Blåbær & Søn", primary_contact_id=person),
            events.contact(id_, person, name="Åse Lind", emails=emails),
            events.contact(id_, name="Aaron First"),
            events.address(id_, city="Århus", country="DK"),
            events.scope("platform", values={"billing_enabled": "off"}),
            events.access(id_, login=login()),
        ],
    )
    found = overview(staff, id_)
    assert found["customer"]["name"] == "Blåbær & Søn"
    assert [(one["name"], one["primary"]) for one in found["contacts"]] == [("Åse Lind", True), ("Aaron First", False)]
    assert found["addresses"][0]["city"] == "Århus"
    assert found["portal_settings"]["billing_enabled"]["effective"] == "off"
    assert found["access"]["login"]["username"] == "lind"
    assert [entry["kind"] for entry in found["timeline"]] == ["access", "address", "contact", "contact", "customer"]
    assert {name: count for name, count in found["counts"].items() if count} == {"contacts": 2, "addresses": 1}
    assert (found["hidden"], found["hidden_because"]) == (["documents"], {"documents": "missing_permission"})
    assert found["as_of"] == found["sections"]["access"]


def test_a_bare_customer_has_every_key(service: Service, staff: Client) -> None:
    id_ = new_id()
    deliver(service, events.customer(id_))
    found = overview(staff, id_)
    assert (found["contacts"], found["addresses"]) == ([], [])
    nobody = {"login": None, "users": [], "user_count": 0, "guests": [], "accepted_parent_id": None}
    assert found["access"] == nobody
    assert found["customer"]["parent"] is None
    assert found["customer"]["group"] is None
    assert all(found[name] == [] for name in SECTIONS)
    assert set(found["counts"]) == {"contacts", "addresses", *SECTIONS}
    assert set(found["counts"].values()) == {0}


def test_what_arrives_before_its_customer_waits_for_it(service: Service, staff: Client) -> None:
    id_ = new_id()
    deliver(service, [events.contact(id_, name="Early Bird"), events.address(id_), events.access(id_, login=login())])
    assert staff.get(f"/customers/{id_}/overview").json["code"] == "overview.customer_unknown"
    assert staff.get("/customers?q=early").json["items"] == []
    deliver(service, events.customer(id_))
    assert [one["name"] for one in overview(staff, id_)["contacts"]] == ["Early Bird"]
    assert [one["id"] for one in staff.get("/customers?q=early").json["items"]] == [id_]


def test_a_removed_contact_and_a_deleted_customer_are_gone(service: Service, staff: Client) -> None:
    id_, person = new_id(), new_id()
    deliver(service, [events.customer(id_), events.contact(id_, person), events.contact(id_, person, "removed", 2)])
    found = overview(staff, id_)
    assert (found["contacts"], found["counts"]["contacts"]) == ([], 0)
    assert found["timeline"][0]["verb"] == "removed"
    deliver(service, events.customer(id_, "deleted", 2, status="archived"))
    for path in ("overview", "timeline"):
        assert staff.get(f"/customers/{id_}/{path}").status_code == 404
    assert staff.get("/customers?archived=any").json["items"] == []


def test_parents_and_groups_are_named_as_they_are_called_now(service: Service, staff: Client) -> None:
    parent, id_, group = new_id(), new_id(), new_id()
    deliver(
        service,
        [
            events.customer(id_, parent_id=parent, group_id=group),
            events.customer(parent, name="Head Office", number="HQ-1"),
            events.group(group, "Key accounts"),
            events.group(group, "Best accounts", "updated", 2),
        ],
    )
    found = overview(staff, id_)["customer"]
    assert found["parent"] == {"id": parent, "number": "HQ-1", "name": "Head Office"}
    assert found["group"] == {"id": group, "name": "Best accounts"}
    deliver(service, events.group(group, "Best accounts", "deleted", 3))
    assert overview(staff, id_)["customer"]["group"] is None


def test_switches_come_from_ancestors_and_their_groups(service: Service, staff: Client, tokens: TestTokens) -> None:
    root, middle, leaf, group = new_id(), new_id(), new_id(), new_id()
    deliver(
        service,
        [
            events.customer(leaf, parent_id=middle),
            events.customer(middle, parent_id=root),
            events.customer(root, group_id=group),
            events.scope("group", group, values={"warehouse_enabled": "on"}),
            events.scope("customer", root, values={"allow_preorders": "on"}),
            events.scope("platform", values={"warehouse_enabled": "off"}),
        ],
    )
    found = overview(staff, leaf)["portal_settings"]
    assert (found["warehouse_enabled"]["effective"], found["warehouse_enabled"]["source"]) == ("on", "ancestor_group")
    assert found["allow_preorders"]["source_id"] == root
    buyer = client_for(service, tokens.portal({leaf: ["customers.view", "portal_settings.view"]}))
    seen = overview(buyer, leaf)["portal_settings"]
    assert seen["warehouse_enabled"]["effective"] == "on"
    assert seen["allow_preorders"]["source_id"] is None


def test_a_portal_user_sees_its_own_company_and_of_that_what_its_role_allows(
    service: Service, tokens: TestTokens
) -> None:
    own, other = new_id(), new_id()
    archived = {"id": new_id(), "reason": "never pays", "at": events.moment()}
    deliver(
        service,
        [
            events.customer(own),
            events.customer(other),
            events.access(own, login=login()),
            events.customer(own, "updated", 2, changes=[{"path": "group_id", "label": "Group"}], archive=archived),
        ],
    )
    buyer = client_for(service, tokens.portal({own: ["customers.view"]}))
    found = overview(buyer, own)
    assert (found["portal_settings"], found["access"]) == (None, None)
    assert found["hidden_because"].keys() >= {"portal_settings", "access", "documents"}
    assert found["hidden_because"]["access"] == "missing_permission"
    assert not {"group", "external_ids", "tags", "archive"} & found["customer"].keys()
    assert [(entry["kind"], entry["verb"]) for entry in found["timeline"]] == [("customer", "created")]
    assert buyer.get(f"/customers/{other}/overview").status_code == 404
    admin = client_for(service, tokens.portal({own: ["customers.view", "portal_users.manage"]}))
    assert overview(admin, own)["access"]["login"]["username"] == "lind"


def test_the_documents_tab_needs_the_permission_and_the_billing_module(
    service: Service, staff: Client, tokens: TestTokens
) -> None:
    id_ = new_id()
    deliver(service, [events.customer(id_), events.scope("platform", values={"billing_enabled": "off"})])
    held = ["customers.view", "documents.view", "systems.view", "orders.view", "assets.view"]
    held += ["billing.view", "tasks.view"]
    seller = client_for(service, tokens.staff(held))
    assert overview(seller, id_)["hidden_because"]["documents"] == "module_inactive"
    deliver(service, events.scope("customer", id_, values={"billing_enabled": "on"}))
    found = overview(seller, id_)
    assert (found["documents"], found["hidden"]) == ({"invoices": [], "quotes": []}, [])
    viewer = client_for(service, tokens.staff(["customers.view"]))
    hidden = overview(viewer, id_)
    assert (hidden["documents"], hidden["hidden_because"]["documents"]) == (None, "missing_permission")


def test_an_id_that_was_merged_answers_with_the_survivor(service: Service, staff: Client) -> None:
    survivor, loser = new_id(), new_id()
    merged = [{"path": "merged_into", "label": "Merged into", "before": None, "after": survivor}]
    deliver(
        service,
        [
            events.customer(survivor, name="Alderwick"),
            events.customer(loser, name="Alderwyck", number="OLD-1"),
            events.customer(loser, "archived", 2, name="Alderwyck", number="OLD-1", status="archived"),
            events.customer(
                loser, "updated", 3, name="Alderwyck", number="OLD-1", merged_into=survivor, changes=merged
            ),
        ],
    )
    found = overview(staff, loser)["customer"]
    assert (found["id"], found["merged_from"]) == (
        survivor,
        [{"id": loser, "number": "OLD-1", "name": "Alderwyck"}],
    )
    assert [item["id"] for item in staff.get("/customers?archived=any").json["items"]] == [survivor]
    entries = staff.get(f"/customers/{loser}/timeline").json["items"]
    assert [entry.get("origin", {}).get("number") for entry in entries] == ["OLD-1", "OLD-1", "OLD-1", None]
    deliver(service, events.customer(loser, "restored", 4, name="Alderwyck"))
    assert len(staff.get("/customers").json["items"]) == 2
    assert len(staff.get(f"/customers/{survivor}/timeline").json["items"]) == 1


def test_sections_are_served_and_named_when_their_owner_is_down_or_behind(service: Service, staff: Client) -> None:
    id_ = new_id()
    deliver(service, events.customer(id_))
    assert "customer" in overview(staff, id_)["unavailable"]
    for owner in SERVICES:
        beat(service, owner)
    assert overview(staff, id_)["unavailable"] == []
    beat(service, "identity", oldest=6.0)
    found = overview(staff, id_)
    assert found["unavailable"] == ["access"]
    assert found["access"] is not None


def test_sections_are_bounded_and_counted(service: Service, staff: Client) -> None:
    id_ = new_id()
    deliver(service, [events.customer(id_), *(events.contact(id_, name=f"P{n:03}") for n in range(60))])
    found = overview(staff, id_)
    assert (len(found["contacts"]), found["counts"]["contacts"], len(found["timeline"])) == (50, 60, 20)
    assert found["contacts"][0]["name"] == "P000"
