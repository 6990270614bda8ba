"""Contracts over HTTP: what they do to prices and catalogues, when they end, and who sees them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event as Stop
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from ordering.jobs.calendar import Calendar
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import company, listing

pytestmark = pytest.mark.postgres

CONTRACTS = "/contracts"
Contract = dict[str, Any]


def in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def priced_list(staff: Client, who: str, prices: dict[str, str], **fields: Any) -> str:
    body = {"code": f"C-{new_id()}", "name": "Agreed", "kind": "contract", "target_id": who, "currency": "EUR"}
    made = staff.post("/price-lists", json=body | fields).json
    rows = [{"listing_id": each, "min_quantity": 1, "amount": amount} for each, amount in prices.items()]
    if rows:
        assert staff.post(f"/price-lists/{made['id']}/prices", json={"prices": rows}).status_code == 200
    found: str = made["id"]
    return found


def make(staff: Client, who: str, **fields: Any) -> Contract:
    body = {"customer_id": who, "name": "Telephony", "valid_from": in_days(-30)} | fields
    answer = staff.post(CONTRACTS, json=body)
    assert answer.status_code == 201, answer.text
    found: Contract = answer.json
    return found


def command(staff: Client, one: Contract, what: str, status: int = 200, **body: Any) -> Contract:
    version = staff.get(f"{CONTRACTS}/{one['id']}").json["version"]
    answer = staff.post(f"{CONTRACTS}/{one['id']}/{what}", json=body or None, version=version)
    assert answer.status_code == status, answer.text
    found: Contract = answer.json
    return found


def price(staff: Client, who: str, listing_id: str) -> str | None:
    found = staff.get(f"/listings/{listing_id}?customer_id={who}").json
    return None if "price" not in found else found["price"]["amount"]


def test_its_prices_count_while_it_holds_and_only_then(service: Service, staff: Client) -> None:
    who, one = company(service), listing(service, 1000)
    list_id = priced_list(staff, who, {one: "7.50"})
    assert price(staff, who, one) == "7.50"
    contract = make(staff, who, price_list_id=list_id)
    assert (contract["status"], price(staff, who, one)) == ("draft", "10.00")
    assert command(staff, contract, "activation")["status"] == "active"
    assert price(staff, who, one) == "7.50"
    ended = command(staff, contract, "end", reason="Moved on", on=in_days(-1), agreed=True)
    assert (ended["status"], ended["ended_on"], ended["commands"]) == ("ended", in_days(-1), [])
    assert price(staff, who, one) == "10.00"
    told = [event for event in published(service.db) if event.subject == contract["id"]]
    assert [event.type.split(".")[2] for event in told] == ["created", "activated", "ended"]
    assert [event.version for event in told] == [1, 2, 3]
    for event in told:
        service.contracts.check(event.type, event.data)


def test_it_holds_from_its_first_day_on(service: Service, staff: Client) -> None:
    who, one = company(service), listing(service, 1000)
    contract = make(staff, who, price_list_id=priced_list(staff, who, {one: "7.50"}), valid_from=in_days(1))
    command(staff, contract, "activation")
    assert price(staff, who, one) == "10.00"


def test_what_it_names_is_offered_while_it_holds(service: Service, staff: Client) -> None:
    who = company(service)
    hidden, of_category = (listing(service, 1000, audience="explicit") for _ in range(2))
    category = f"Secret {new_id()[-6:]}"
    staff.patch(f"/listings/{of_category}", json={"category": category}, version=1)
    contract = make(staff, who, listing_ids=[hidden], categories=[category])
    seen = [staff.get(f"/listings/{each}?customer_id={who}").status_code for each in (hidden, of_category)]
    assert seen == [404, 404]
    command(staff, contract, "activation")
    seen = [staff.get(f"/listings/{each}?customer_id={who}").status_code for each in (hidden, of_category)]
    assert seen == [200, 200]
    why = staff.get(f"/listings/{hidden}/visibility?customer_id={who}").json
    assert (why["visible"], why["sentence"]) == (True, "A contract includes this listing for Alderwick.")
    other = company(service)
    assert staff.get(f"/listings/{hidden}?customer_id={other}").status_code == 404


def test_a_price_list_belongs_to_one_contract_of_its_customer(service: Service, staff: Client) -> None:
    who, other = company(service), company(service)
    own, foreign = priced_list(staff, who, {}), priced_list(staff, other, {})
    make(staff, who, price_list_id=own)
    body = {"customer_id": who, "name": "x", "valid_from": in_days(0)}
    for wrong in (own, foreign, new_id()):
        refused = staff.post(CONTRACTS, json=body | {"price_list_id": wrong})
        assert (refused.status_code, refused.json["code"]) == (422, "ordering.contract_unsuitable")
        assert refused.json["errors"][0]["pointer"] == "/price_list_id"
    refused = staff.post(CONTRACTS, json=body | {"listing_ids": [new_id()]})
    assert refused.json["errors"][0]["pointer"] == "/listing_ids/0"
    assert staff.post(CONTRACTS, json=body | {"customer_id": new_id()}).json["code"] == "ordering.customer_not_found"


def test_a_number_names_one_contract(service: Service, staff: Client) -> None:
    who = company(service)
    number = f"RC-{new_id()}"
    make(staff, who, number=number)
    body = {"customer_id": who, "name": "x", "valid_from": in_days(0), "number": number}
    assert staff.post(CONTRACTS, json=body).json["code"] == "ordering.contract_number_taken"


def test_it_is_changed_by_who_read_it_last_and_keeps_its_first_day(service: Service, staff: Client) -> None:
    contract = make(staff, company(service))
    path = f"{CONTRACTS}/{contract['id']}"
    changed = staff.patch(path, json={"notice_days": 30, "terms": "Two days."}, version=1).json
    assert (changed["version"], changed["notice_days"]) == (2, 30)
    assert staff.patch(path, json={"notice_days": 31}, version=1).status_code == 412
    [told] = published(service.db, "ordering.contract.updated.v1")[-1:]
    assert [change["path"] for change in told.data["changes"]] == ["notice_days", "terms"]
    command(staff, contract, "activation")
    refused = staff.patch(path, json={"valid_from": in_days(-1)}, version=3)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/valid_from")
    command(staff, contract, "end", reason="x", on=in_days(0), agreed=True)
    assert staff.patch(path, json={"name": "y"}, version=4).json["code"] == "ordering.contract_status"


def test_its_notice_is_kept_unless_both_sides_agree(service: Service, staff: Client) -> None:
    contract = make(staff, company(service), notice_days=30)
    command(staff, contract, "activation")
    refused = command(staff, contract, "end", 422, reason="x", on=in_days(29))
    assert (refused["code"], refused["earliest"]) == ("ordering.notice_too_short", in_days(30))
    ends = command(staff, contract, "end", reason="x", on=in_days(30))
    assert (ends["status"], ends["valid_to"]) == ("active", in_days(30))
    assert command(staff, contract, "end", reason="x", agreed=True)["status"] == "ended"


def test_the_day_ends_one_and_renews_another(service: Service, staff: Client, age: Callable[..., None]) -> None:
    who, one = company(service), listing(service, 1000)
    ends = make(staff, who, valid_to=in_days(5))
    goes_on = make(
        staff,
        who,
        valid_to=in_days(5),
        renewal="automatic",
        renewal_months=12,
        price_list_id=priced_list(staff, who, {one: "7.50"}),
    )
    for contract in (ends, goes_on):
        command(staff, contract, "activation")
        age("contracts", contract["id"], valid_to=-1)
    # What renews itself holds also before the calendar has come by.
    assert price(staff, who, one) == "7.50"
    Calendar(service.db).run(Stop())
    over, on = (staff.get(f"{CONTRACTS}/{contract['id']}").json for contract in (ends, goes_on))
    assert (over["status"], over["ended_on"], over["reason"]) == ("ended", in_days(-1), "term_over")
    assert on["status"] == "active"
    assert on["valid_to"] > in_days(300)
    assert command(staff, on, "renewal", months=1)["valid_to"] > on["valid_to"]
    told = [event.type.split(".")[2] for event in published(service.db) if event.subject == goes_on["id"]]
    assert told == ["created", "activated", "renewed", "renewed"]


def test_a_portal_user_sees_its_own_once_they_hold(service: Service, staff: Client, tokens: TestTokens) -> None:
    who, other = company(service), company(service)
    own, foreign = make(staff, who, note="Difficult"), make(staff, other)
    buyer = client_for(service, tokens.portal({who: BUYER}))
    assert buyer.get(f"{CONTRACTS}/{own['id']}").status_code == 404
    assert buyer.get(f"/customers/{who}/contracts").json["items"] == []
    for contract in (own, foreign):
        command(staff, contract, "activation")
    assert [one["id"] for one in buyer.get(CONTRACTS).json["items"]] == [own["id"]]
    assert [one["id"] for one in buyer.get(f"/customers/{who}/contracts").json["items"]] == [own["id"]]
    assert "note" not in buyer.get(f"{CONTRACTS}/{own['id']}").json
    assert buyer.get(f"{CONTRACTS}/{foreign['id']}").json["code"] == "ordering.contract_not_found"
    assert buyer.get(f"/customers/{other}/contracts").status_code == 404
    assert buyer.post(f"{CONTRACTS}/{own['id']}/end", json={"reason": "x"}, version=2).status_code == 403
    assert buyer.post(CONTRACTS, json={}).json["code"] == "staff_only"
    blind = client_for(service, tokens.portal({who: ("orders.view",)}))
    assert blind.get(f"{CONTRACTS}/{own['id']}").json["code"] == "permission_missing"
