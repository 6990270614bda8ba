"""Rules of catalogues for segments and contracts: for whom they hold and until when, the same by query and in words."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, deliver
from ordering.tests.ordered import company
from ordering.tests.told import example

pytestmark = pytest.mark.postgres

Make = Callable[..., dict[str, Any]]
Customer = Callable[..., str]


def stay(service: Service, verb: str, stay_id: str, segment_id: str, customer_id: str) -> None:
    version = 1 if verb == "entered" else 2
    fields = {"segment_id": segment_id, "customer_id": customer_id, "segment_name": "Coffee drinkers"}
    deliver(service, example(f"customer.segment_member.{verb}.v1", stay_id, version, id=stay_id, **fields))


def rule(staff: Client, listing: dict[str, Any], kind: str, target_id: str, effect: str = "include") -> str:
    body = {"effect": effect, "listing_id": listing["id"], "target_kind": kind, "target_id": target_id}
    answer = staff.post("/catalogue-rules", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def told(staff: Client, listing: dict[str, Any], customer_id: str) -> dict[str, Any]:
    """Why the customer sees it or not, after the query has said the same."""
    path = f"/listings/{listing['id']}"
    shown = staff.get(f"{path}?customer_id={customer_id}").status_code == 200
    said: dict[str, Any] = staff.get(f"{path}/visibility?customer_id={customer_id}").json
    assert said["visible"] == shown
    return said


def test_a_segment_s_rule_holds_for_its_members_alone_while_they_are_in_it(
    service: Service, staff: Client, a_listing: Make, a_customer: Customer
) -> None:
    listing, segment, first = a_listing(audience="explicit"), new_id(), new_id()
    member, other = a_customer({}), a_customer({})
    branch = a_customer({}, parent_id=member)
    rule_id = rule(staff, listing, "segment", segment)
    stay(service, "entered", first, segment, member)
    said = told(staff, listing, member)
    assert (said["visible"], said["steps"][-1]["rule_id"]) == (True, rule_id)
    assert said["sentence"] == "A rule includes this listing for the segment Coffee drinkers."
    assert not told(staff, listing, branch)["visible"], "a segment decides about each branch by itself"
    assert told(staff, listing, other)["why"] == "not_assigned"
    stay(service, "left", first, segment, member)
    assert not told(staff, listing, member)["visible"]
    stay(service, "entered", first, segment, member)
    assert not told(staff, listing, member)["visible"], "what is told late brings no stay back"
    stay(service, "entered", new_id(), segment, member)
    assert told(staff, listing, member)["visible"]


def test_an_exclusion_of_a_segment_wins(service: Service, staff: Client, a_listing: Make, a_customer: Customer) -> None:
    listing, segment, member = a_listing(), new_id(), a_customer({})
    assert told(staff, listing, member)["visible"]
    rule(staff, listing, "customer", member)
    rule(staff, listing, "segment", segment, "exclude")
    assert told(staff, listing, member)["visible"]
    stay(service, "entered", new_id(), segment, member)
    assert told(staff, listing, member)["why"] == "excluded"


def test_a_contract_s_rule_holds_for_its_customer_while_it_holds(
    staff: Client, a_listing: Make, a_customer: Customer, age: Callable[..., None]
) -> None:
    listing, who = a_listing(audience="explicit"), a_customer({})
    branch = a_customer({}, parent_id=who)
    today = datetime.now(UTC).date()
    days = {"valid_from": str(today), "valid_to": str(today + timedelta(days=30))}
    contract = staff.post("/contracts", json={"customer_id": who, "name": "Telephony", **days}).json
    rule(staff, listing, "contract", contract["id"])
    assert not told(staff, listing, who)["visible"], "a draft does not hold"
    assert staff.post(f"/contracts/{contract['id']}/activation", version=1).status_code == 200
    assert told(staff, listing, who)["sentence"] == (
        f"A rule includes this listing for the contract {contract['number']}."
    )
    assert not told(staff, listing, branch)["visible"]
    age("contracts", contract["id"], valid_from=-30, valid_to=-1)
    assert not told(staff, listing, who)["visible"]


def test_a_rule_names_a_contract_that_there_is(staff: Client, a_listing: Make) -> None:
    body = {"effect": "include", "listing_id": a_listing()["id"], "target_kind": "contract", "target_id": new_id()}
    assert staff.post("/catalogue-rules", json=body).json["code"] == "ordering.contract_not_found"


def test_the_portal_sees_by_segments_and_contracts_too(
    service: Service, staff: Client, buyer: Client, customer_id: str, a_listing: Make
) -> None:
    company(service, customer_id)
    listing, segment = a_listing(audience="explicit"), new_id()
    rule(staff, listing, "segment", segment)
    assert buyer.get(f"/listings/{listing['id']}").status_code == 404
    stay(service, "entered", new_id(), segment, customer_id)
    assert buyer.get(f"/listings/{listing['id']}").status_code == 200
