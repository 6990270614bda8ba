"""Rules of catalogues over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from ordering.tests.api.conftest import Make
from ordering.tests.told import example

pytestmark = pytest.mark.postgres

ON, OFF = {"inherit_global_marketplace": "on"}, {"inherit_global_marketplace": "off"}


def rule(staff: Client, **fields: Any) -> Any:
    body = {"effect": "include", "target_kind": "customer"} | fields
    return staff.post("/catalogue-rules", json=body)


def portal_of(service: Service, tokens: TestTokens, customer_id: str, **claims: Any) -> Client:
    return client_for(service, tokens.portal({customer_id: ["listings.view", "prices.view"]}, **claims))


def sees(client: Client, listing: dict[str, Any]) -> bool:
    one = client.get(f"/listings/{listing['id']}").status_code == 200
    found = client.get(f"/listings?q={listing['sku']}").json["items"]
    assert [item["id"] for item in found] == ([listing["id"]] if one else [])
    return one


def test_a_rule_is_added_told_and_removed(
    staff: Client, service: Service, a_listing: Make, a_customer: Callable[..., str]
) -> None:
    listing, customer_id = a_listing(), a_customer()
    made = rule(staff, listing_id=listing["id"], target_id=customer_id, note="As agreed")
    assert made.status_code == 201
    twice = rule(staff, listing_id=listing["id"], target_id=customer_id, effect="exclude")
    assert (twice.status_code, twice.json["code"]) == (409, "ordering.catalogue_rule_taken")
    path = f"/catalogue-rules/{made.json['id']}"
    assert staff.get(path).json["note"] == "As agreed"
    assert [item["id"] for item in staff.get(f"/catalogue-rules?target_id={customer_id}").json["items"]] == [
        made.json["id"]
    ]
    assert staff.delete(path).status_code == 204
    assert staff.delete(path).json["code"] == "ordering.catalogue_rule_not_found"
    [added, removed] = published(service.db)[-2:]
    assert (added.type, removed.type) == ("ordering.catalogue_rule.added.v1", "ordering.catalogue_rule.removed.v1")
    assert (added.partition_key, removed.version) == (customer_id, 2)


def test_a_rule_names_one_thing_and_one_target(staff: Client, a_listing: Make, customer_id: str) -> None:
    listing = a_listing()["id"]
    for fields, code in (
        ({"target_id": new_id()}, "ordering.catalogue_rule_unsuitable"),
        ({"listing_id": listing, "category": "X", "target_id": new_id()}, "ordering.catalogue_rule_unsuitable"),
        ({"listing_id": listing}, "ordering.catalogue_rule_unsuitable"),
        ({"listing_id": listing, "target_kind": "role", "target_id": new_id()}, "ordering.catalogue_rule_unsuitable"),
        ({"listing_id": new_id(), "target_kind": "role", "role": "buyer"}, "ordering.listing_not_found"),
        ({"listing_id": listing, "target_id": customer_id}, "ordering.customer_not_found"),
    ):
        assert rule(staff, **fields).json["code"] == code, fields


def test_a_parent_s_rule_holds_for_its_branches_and_a_group_s_for_its_members(
    staff: Client, service: Service, tokens: TestTokens, a_listing: Make, a_customer: Callable[..., str]
) -> None:
    group = new_id()
    parent = a_customer(OFF, group_id=group)
    branch = portal_of(service, tokens, a_customer(OFF, parent_id=parent))
    stranger = portal_of(service, tokens, a_customer(OFF))
    by_parent, by_group = a_listing(), a_listing(audience="explicit")
    assert not sees(branch, by_parent)
    rule(staff, listing_id=by_parent["id"], target_id=parent)
    rule(staff, listing_id=by_group["id"], target_id=group, target_kind="group")
    assert sees(branch, by_parent)
    assert sees(branch, by_group)
    assert not sees(stranger, by_parent)
    assert not sees(stranger, by_group)


def test_a_category_is_included_and_one_of_it_excluded(
    staff: Client, service: Service, tokens: TestTokens, a_listing: Make, a_customer: Callable[..., str]
) -> None:
    customer_id = a_customer(OFF)
    portal = portal_of(service, tokens, customer_id)
    one, other = a_listing(category="Lamps"), a_listing(category="Lamps")
    rule(staff, category="Lamps", target_id=customer_id)
    rule(staff, listing_id=other["id"], target_id=customer_id, effect="exclude")
    assert sees(portal, one)
    assert not sees(portal, other)


def test_a_role_is_what_identity_says_of_the_person(
    staff: Client, service: Service, tokens: TestTokens, a_listing: Make, a_customer: Callable[..., str]
) -> None:
    parent = a_customer(ON)
    branch = a_customer(parent_id=parent)
    buyer, chief = new_id(), new_id()
    people = [
        {"account_id": buyer, "display_name": "B", "username": None, "status": "active", "role": "buyer"},
        {"account_id": chief, "display_name": "C", "username": None, "status": "active", "role": "admin"},
    ]
    more = {"visibility": "node", "contact_id": None}
    users = [person | more | {"roles": [person["role"]], "subtree": True} for person in people]
    told = {"customer_id": parent, "login": None, "users": users, "guests": [], "changes": []}
    deliver(service, example("identity.access.changed.v1", parent, 1, **told))
    dear, plain = a_listing(category="Dear"), a_listing()
    rule(staff, category="Dear", target_kind="role", role="buyer", effect="exclude")
    both = {parent: ["listings.view"], branch: ["listings.view"]}
    for account, expected in ((buyer, False), (chief, True)):
        client = client_for(service, tokens.portal(both, sub=account))
        for customer_id in both:
            assert (client.get(f"/listings/{dear['id']}?customer_id={customer_id}").status_code == 200) is expected
            assert client.get(f"/listings/{plain['id']}?customer_id={customer_id}").status_code == 200
    path = f"/listings/{dear['id']}/visibility?customer_id={branch}"
    assert staff.get(f"{path}&role=buyer").json["why"] == "excluded"
    assert staff.get(path).json["visible"]


def test_why_is_told_step_by_step(staff: Client, a_listing: Make, a_customer: Callable[..., str]) -> None:
    customer_id, listing = a_customer(OFF), a_listing()
    path = f"/listings/{listing['id']}/visibility?customer_id={customer_id}"
    shown = staff.get(path).json
    assert (shown["visible"], shown["why"]) == (False, "not_in_marketplace")
    assert [(step["looked_at"], step["outcome"]) for step in shown["steps"]] == [
        ("status", "passes"),
        ("exclusion", "passes"),
        ("owner", "passes"),
        ("inclusion", "passes"),
        ("inherit_global_marketplace", "hides"),
    ]
    assert [step["deciding"] for step in shown["steps"]] == [False] * 4 + [True]
    assert shown["sentence"] == (
        "It is in the global marketplace, and inheriting that is switched off for Harbour Lights (decided by the"
        " customer itself)."
    )
    made = rule(staff, listing_id=listing["id"], target_id=customer_id).json
    shown = staff.get(path).json
    assert (shown["visible"], shown["steps"][-1]["rule_id"]) == (True, made["id"])
    assert shown["sentence"] == "A rule includes this listing for Harbour Lights."
    assert staff.get(f"/listings/{listing['id']}/visibility?customer_id={new_id()}").status_code == 404


def test_who_buys_for_several_customers_says_for_which(
    service: Service, tokens: TestTokens, a_listing: Make, a_customer: Callable[..., str]
) -> None:
    with_it, without = a_customer(ON), a_customer(OFF)
    listing = a_listing()
    both = client_for(service, tokens.portal({one: ["listings.view"] for one in (with_it, without)}))
    asked = both.get("/listings")
    assert (asked.status_code, asked.json["code"]) == (422, "ordering.customer_needed")
    assert both.get(f"/listings/{listing['id']}?customer_id={with_it}").status_code == 200
    assert both.get(f"/listings/{listing['id']}?customer_id={without}").status_code == 404
    assert both.get(f"/listings?customer_id={new_id()}").json["code"] == "customer.not_found"


def test_rules_and_reasons_are_for_staff(buyer: Client, a_listing: Make, customer_id: str) -> None:
    assert buyer.get("/catalogue-rules").json["code"] == "permission_missing"
    path = f"/listings/{a_listing()['id']}/visibility?customer_id={customer_id}"
    assert buyer.get(path).json["code"] == "staff_only"
