"""Carts over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver
from ordering.queries.carts import cart_lines
from ordering.tables.carts import cart_lines as table
from ordering.tests.api.conftest import Make
from ordering.tests.conftest import BUYER
from ordering.tests.postgres import seeing
from ordering.tests.told import customer, switches
from ordering.use_cases import store

pytestmark = pytest.mark.postgres

ON = {"inherit_global_marketplace": "on"}
Buyer = tuple[Client, str]


@pytest.fixture
def shopper(service: Service, tokens: TestTokens, a_customer: Callable[..., str]) -> Buyer:
    """Somebody who buys in the portal of a customer that inherits the marketplace, and the customer."""
    customer_id = a_customer(ON)
    return client_for(service, tokens.portal({customer_id: BUYER})), customer_id


@pytest.fixture
def priced(staff: Client, a_listing: Make) -> Make:
    """Makes a listing with a price in a list of its own."""

    def make(amount: str, currency: str = "EUR", **fields: Any) -> dict[str, Any]:
        listing = a_listing(**fields)
        body = {"code": listing["sku"], "name": "List", "kind": "standard", "currency": currency}
        list_id = staff.post("/price-lists", json=body).json["id"]
        prices = {"prices": [{"listing_id": listing["id"], "amount": amount}]}
        assert staff.post(f"/price-lists/{list_id}/prices", json=prices).status_code == 200
        return listing

    return make


def a_cart(client: Client, customer_id: str, **fields: Any) -> str:
    answer = client.post("/carts", json={"customer_id": customer_id} | fields)
    assert answer.status_code == 201, answer.json
    return f"/carts/{answer.json['id']}"


def fill(client: Client, cart: str, listing: dict[str, Any], quantity: int) -> Any:
    return client.post(f"{cart}/lines", json={"listing_id": listing["id"], "quantity": quantity})


def test_a_cart_is_filled_priced_emptied_and_thrown_away(shopper: Buyer, priced: Make, service: Service) -> None:
    client, customer_id = shopper
    cart = a_cart(client, customer_id, name="Office")
    one, other = priced("2.50"), priced("10.00")
    fill(client, cart, one, 3)
    fill(client, cart, other, 1)
    shown = fill(client, cart, one, 5).json
    assert [
        (line["sku"], line["quantity"], line["unit_price"]["amount"], line["total"]["amount"])
        for line in shown["lines"]
    ] == [
        (one["sku"], 5, "2.50", "12.50"),
        (other["sku"], 1, "10.00", "10.00"),
    ]
    assert (shown["totals"], shown["complete"]) == ([{"amount": "22.50", "currency": "EUR"}], True)
    with service.db.transaction() as session:
        assert cart_lines(session, shown["id"]) == [(one["id"], 5), (other["id"], 1)]
    assert client.delete(f"{cart}/lines/{other['id']}").status_code == 204
    assert client.delete(f"{cart}/lines/{other['id']}").json["code"] == "ordering.cart_line_not_found"
    renamed = client.patch(cart, json={"name": "Kitchen"}, version=5).json
    assert (renamed["name"], renamed["line_count"], renamed["version"]) == ("Kitchen", 1, 6)
    assert client.patch(cart, json={"name": "x"}, version=5).status_code == 412
    assert client.delete(cart).status_code == 204
    assert client.get(cart).json["code"] == "ordering.cart_not_found"


def test_what_is_not_offered_any_more_is_flagged_and_not_counted(
    shopper: Buyer, priced: Make, staff: Client, service: Service
) -> None:
    client, customer_id = shopper
    cart = a_cart(client, customer_id)
    kept, paused = priced("5"), priced("7")
    fill(client, cart, kept, 1)
    fill(client, cart, paused, 1)
    staff.post(f"/listings/{paused['id']}/pause", version=2)
    shown = client.get(cart).json
    flagged = shown["lines"][1]
    assert (flagged["available"], flagged["why"], flagged["unit_price"]) == (False, "paused", None)
    assert (shown["totals"], shown["complete"]) == ([{"amount": "5.00", "currency": "EUR"}], False)
    deliver(service, switches("customer", customer_id, 2, inherit_global_marketplace="off"))
    shown = client.get(cart).json
    assert [line["why"] for line in shown["lines"]] == ["not_offered", "paused"]
    assert shown["totals"] == []
    assert [line["why"] for line in staff.get(cart).json["lines"]] == ["not_in_marketplace", "paused"]


def test_only_what_the_customer_sees_goes_in(
    shopper: Buyer, a_listing: Make, staff: Client, a_customer: Callable[..., str]
) -> None:
    client, customer_id = shopper
    cart = a_cart(client, customer_id)
    for hidden in (a_listing("draft"), a_listing(audience="explicit"), {"id": new_id()}):
        refused = fill(client, cart, hidden, 1)
        assert (refused.status_code, refused.json["code"]) == (404, "ordering.listing_not_found")
    assert fill(staff, cart, a_listing(audience="explicit"), 1).json["lines"][0]["why"] == "not_assigned"
    for quantity in (0, -1, 1.5):
        assert fill(client, cart, a_listing(), quantity).status_code == 422  # type: ignore[arg-type]


def test_a_currency_has_a_total_of_its_own(shopper: Buyer, priced: Make) -> None:
    client, customer_id = shopper
    cart = a_cart(client, customer_id)
    fill(client, cart, priced("5"), 2)
    shown = fill(client, cart, priced("900", "JPY"), 1).json
    assert shown["totals"] == [{"amount": "10.00", "currency": "EUR"}, {"amount": "900", "currency": "JPY"}]


def test_another_customer_learns_nothing_of_a_cart(
    shopper: Buyer, service: Service, tokens: TestTokens, a_customer: Callable[..., str], a_listing: Make
) -> None:
    client, customer_id = shopper
    cart = a_cart(client, customer_id)
    stranger = client_for(service, tokens.portal({a_customer(ON): BUYER}))
    for answer in (
        stranger.get(cart),
        stranger.patch(cart, json={"name": "x"}, version=1),
        stranger.delete(cart),
        fill(stranger, cart, a_listing(), 1),
        stranger.delete(f"{cart}/lines/{new_id()}"),
    ):
        assert (answer.status_code, answer.json["code"]) == (404, "ordering.cart_not_found")
    assert stranger.get("/carts").json["items"] == []
    answer = stranger.post("/carts", json={"customer_id": customer_id})
    assert (answer.status_code, answer.json["code"]) == (404, "customer.not_found")


def test_a_colleague_shares_the_customer_s_carts_and_needs_the_permission_there(
    shopper: Buyer, service: Service, tokens: TestTokens, a_customer: Callable[..., str]
) -> None:
    client, customer_id = shopper
    cart = a_cart(client, customer_id)
    colleague = client_for(service, tokens.portal({customer_id: BUYER}))
    own = a_cart(colleague, customer_id)
    assert colleague.get(cart).status_code == 200
    assert [f"/carts/{item['id']}" for item in colleague.get("/carts").json["items"]] == [own, cart]
    assert [f"/carts/{item['id']}" for item in colleague.get("/carts?mine=true").json["items"]] == [own]
    reader = client_for(service, tokens.portal({customer_id: ["orders.view"], a_customer(): BUYER}))
    assert reader.get(cart).json["code"] == "permission_missing"
    assert reader.get("/carts").json["items"] == []


def test_prices_stay_away_from_who_may_not_see_them(
    shopper: Buyer, service: Service, tokens: TestTokens, priced: Make
) -> None:
    client, customer_id = shopper
    cart = a_cart(client, customer_id)
    fill(client, cart, priced("5"), 1)
    blind = client_for(service, tokens.portal({customer_id: ["orders.place"]}))
    shown = blind.get(cart).json
    assert "totals" not in shown
    assert not {"unit_price", "total"} & set(shown["lines"][0])


def test_a_saved_list_is_kept_and_copied_into_carts(
    shopper: Buyer, priced: Make, service: Service, tokens: TestTokens, a_customer: Callable[..., str]
) -> None:
    client, customer_id = shopper
    one, other = priced("2.50"), priced("4")
    made = client.post("/saved-lists", json={"customer_id": customer_id, "name": "Every Monday"})
    path = f"/saved-lists/{made.json['id']}"
    fill(client, path, one, 4)
    assert fill(client, path, other, 2).json["totals"] == [{"amount": "18.00", "currency": "EUR"}]
    copy = client.get(a_cart(client, customer_id, copy_of=made.json["id"])).json
    assert [(line["sku"], line["quantity"]) for line in copy["lines"]] == [(one["sku"], 4), (other["sku"], 2)]
    assert client.delete(f"{path}/lines/{other['id']}").status_code == 204
    assert client.get(f"/carts/{copy['id']}").json["line_count"] == 2
    assert [item["name"] for item in client.get("/saved-lists").json["items"]] == ["Every Monday"]
    assert client.patch(path, json={"name": "Mondays"}, version=4).json["name"] == "Mondays"
    assert client.get(f"/carts/{made.json['id']}").json["code"] == "ordering.cart_not_found"
    assert client.get(f"/saved-lists/{copy['id']}").json["code"] == "ordering.saved_list_not_found"
    elsewhere = a_customer(ON)
    both = client_for(service, tokens.portal({customer_id: BUYER, elsewhere: BUYER}))
    refused = both.post("/carts", json={"customer_id": elsewhere, "copy_of": made.json["id"]})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (404, "/copy_of")
    assert both.get(f"/carts?customer_id={elsewhere}").json["items"] == []
    assert client.delete(path).status_code == 204
    assert client.get(path).json["code"] == "ordering.saved_list_not_found"


def test_two_hundred_listings_fit_into_a_cart(shopper: Buyer, a_listing: Make, service: Service) -> None:
    client, customer_id = shopper
    cart = a_cart(client, customer_id)
    last = a_listing()
    fill(client, cart, last, 1)
    with service.db.transaction() as session:
        others = [seeing.a_listing(session)["id"] for _ in range(200)]
        lines = [
            {"id": new_id(), "cart_id": cart[7:], "customer_id": customer_id, "listing_id": one, "quantity": 1}
            for one in others
        ]
        store.insert(session, table, lines[1:])
    assert fill(client, cart, last, 2).json["line_count"] == 200
    refused = fill(client, cart, {"id": others[0]}, 1)
    assert (refused.status_code, refused.json["code"]) == (422, "ordering.cart_full")
    assert client.get(cart).json["line_count"] == 200


def test_the_carts_of_an_erased_customer_are_gone(staff: Client, service: Service, shopper: Buyer) -> None:
    client, customer_id = shopper
    cart = a_cart(client, customer_id, name="For Tomasina")
    told = {"request_id": new_id(), "erased_ids": [customer_id], "everything": True, "name": "[erased]"}
    deliver(service, customer(customer_id, "erased", 2, **told))
    assert staff.get(cart).json["code"] == "ordering.cart_not_found"
