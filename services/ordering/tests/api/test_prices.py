"""Price lists over HTTP, and what a customer pays by them."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from ordering.tests.api.conftest import Make

pytestmark = pytest.mark.postgres

_codes = count(1)
SHOWN = {"inherit_global_marketplace": "on"}


def a_list(staff: Client, kind: str = "standard", **fields: Any) -> str:
    body = {"code": f"L-{next(_codes)}", "name": "A list", "kind": kind, "currency": "EUR"} | fields
    answer = staff.post("/price-lists", json=body)
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def put(staff: Client, list_id: str, *prices: dict[str, Any]) -> Any:
    return staff.post(f"/price-lists/{list_id}/prices", json={"prices": list(prices)})


def pays(client: Client, listing: dict[str, Any], customer_id: str) -> Any:
    answer = client.get(f"/listings/{listing['id']}?customer_id={customer_id}")
    assert answer.status_code == 200, answer.json
    return answer.json["price"] and answer.json["price"]["amount"]


def test_a_list_is_made_changed_and_told(staff: Client, service: Service) -> None:
    body = {"code": "SCHOOLS", "name": "Schools", "kind": "group", "target_id": new_id(), "currency": "EUR"}
    made = staff.post("/price-lists", json=body)
    assert (made.status_code, made.json["priority"]) == (201, 0)
    assert staff.post("/price-lists", json=body).json["code"] == "ordering.price_list_taken"
    path = f"/price-lists/{made.json['id']}"
    assert staff.patch(path, json={"priority": 5}, version=1).json["priority"] == 5
    assert staff.patch(path, json={"priority": 6}, version=1).status_code == 412
    early = {"valid_from": "2031-02-01", "valid_to": "2031-01-01"}
    assert staff.patch(path, json=early, version=2).json["code"] == "ordering.price_list_unsuitable"
    event = published(service.db)[-1]
    assert (event.type, event.data["changes"][0]["after"]) == ("ordering.price_list.updated.v1", 5)
    assert [item["code"] for item in staff.get(f"/price-lists?target_id={body['target_id']}").json["items"]] == [
        "SCHOOLS"
    ]


def test_many_prices_are_set_replaced_and_removed_at_once(staff: Client, service: Service, a_listing: Make) -> None:
    list_id = a_list(staff)
    one, other = a_listing(), a_listing()
    first = put(
        staff,
        list_id,
        {"sku": one["sku"], "amount": "5"},
        {"listing_id": one["id"], "min_quantity": 10, "amount": "4.50"},
        {"listing_id": other["id"], "amount": "7.25"},
    )
    assert (first.status_code, first.json) == (200, {"changed": 3})
    again = put(
        staff,
        list_id,
        {"listing_id": one["id"], "amount": "5.00"},
        {"listing_id": one["id"], "min_quantity": 10, "amount": None},
        {"listing_id": other["id"], "amount": "7"},
    )
    assert again.json == {"changed": 2}
    items = staff.get(f"/price-lists/{list_id}/prices").json["items"]
    assert [(item["sku"], item["min_quantity"], item["price"]["amount"]) for item in items] == [
        (one["sku"], 1, "5.00"),
        (other["sku"], 1, "7.00"),
    ]
    event = published(service.db, "ordering.price_list.prices_changed.v1")[-1]
    assert (event.version, event.data["count"]) == (3, 2)
    assert [(told["before"], told["after"]) for told in event.data["prices"]] == [
        ({"amount": "4.50", "currency": "EUR"}, None),
        ({"amount": "7.25", "currency": "EUR"}, {"amount": "7.00", "currency": "EUR"}),
    ]
    before = len(published(service.db))
    assert put(staff, list_id, {"listing_id": other["id"], "amount": "7.00"}).json == {"changed": 0}
    assert len(published(service.db)) == before


def test_one_wrong_price_keeps_all_out(staff: Client, a_listing: Make) -> None:
    list_id, listing = a_list(staff), a_listing()
    good = {"listing_id": listing["id"], "amount": "5"}
    for wrong, code, pointer in (
        ({"sku": "NOWHERE", "amount": "1"}, "ordering.prices_unsuitable", "/prices/1"),
        ({"sku": listing["sku"], "amount": "6"}, "ordering.prices_unsuitable", "/prices/1"),
        ({"amount": "6"}, "ordering.prices_unsuitable", "/prices/1"),
        ({"sku": listing["sku"], "amount": "6.001"}, "ordering.money_unsuitable", "/prices/1/amount"),
    ):
        answer = put(staff, list_id, good, wrong)
        assert (answer.status_code, answer.json["code"], answer.json["errors"][0]["pointer"]) == (422, code, pointer)
    assert staff.get(f"/price-lists/{list_id}/prices").json["items"] == []
    assert put(staff, new_id(), good).json["code"] == "ordering.price_list_not_found"


def test_a_contract_beats_the_customer_that_the_group_that_the_standard(
    staff: Client, service: Service, tokens: TestTokens, a_listing: Make, a_customer: Callable[..., str]
) -> None:
    group = new_id()
    customer_id, other = a_customer(SHOWN, group_id=group), a_customer(SHOWN)
    listing = a_listing()
    seen = []
    for kind, target, amount in (
        ("standard", None, "10.00"),
        ("group", group, "9.00"),
        ("customer", customer_id, "11.00"),
        ("contract", customer_id, "8.00"),
    ):
        list_id = a_list(staff, kind, **({"target_id": target} if target else {"priority": 100}))
        put(staff, list_id, {"listing_id": listing["id"], "amount": amount})
        seen.append(pays(staff, listing, customer_id))
    assert seen == ["10.00", "9.00", "11.00", "8.00"]
    assert pays(staff, listing, other) == "10.00"
    buyer = client_for(service, tokens.portal({customer_id: ["listings.view", "prices.view"]}))
    shown = buyer.get(f"/listings/{listing['id']}").json
    assert shown["price"] == {"amount": "8.00", "currency": "EUR"}
    assert "price_source" not in shown
    source = staff.get(f"/listings/{listing['id']}?customer_id={customer_id}").json["price_source"]
    assert (source["kind"], source["min_quantity"]) == ("contract", 1)


def test_prices_are_left_out_for_who_may_not_see_them(
    staff: Client, service: Service, tokens: TestTokens, a_listing: Make, a_customer: Callable[..., str]
) -> None:
    customer_id, listing = a_customer(SHOWN), a_listing()
    put(staff, a_list(staff), {"listing_id": listing["id"], "amount": "10"})
    for token in (
        tokens.portal({customer_id: ["listings.view"]}),
        tokens.portal({customer_id: ["listings.view"], new_id(): ["listings.view", "prices.view"]}),
        tokens.staff(["listings.view"]),
    ):
        client = client_for(service, token)
        for path in (f"/listings/{listing['id']}", f"/listings?q={listing['sku']}"):
            answer = client.get(f"{path}{'&' if '?' in path else '?'}customer_id={customer_id}").json
            [shown] = answer.get("items", [answer])
            assert shown["id"] == listing["id"]
            assert "price" not in shown


def test_price_lists_are_for_staff(buyer: Client, staff: Client) -> None:
    list_id = a_list(staff)
    assert buyer.get("/price-lists").json["code"] == "staff_only"
    assert put(buyer, list_id, {"sku": "x", "amount": "1"}).json["code"] == "staff_only"
    assert buyer.get(f"/price-lists/{list_id}/prices").json["code"] == "staff_only"
