"""Orders through the API, from draft to end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import (
    ORDERS,
    change_listing,
    company,
    confirmed,
    dispatched,
    do,
    draft,
    listing,
    read,
    reservation,
    set_price,
    switch,
)
from ordering.tests.told import customer

pytestmark = pytest.mark.postgres

Buyer = Callable[[str], Client]


@pytest.fixture
def buyer_of(service: Service, tokens: TestTokens) -> Buyer:
    """Somebody who buys for a customer, in the portal."""
    return lambda customer_id: client_for(service, tokens.portal({customer_id: BUYER}))


def verbs(service: Service, order_id: str) -> list[str]:
    return [event.type.split(".")[2] for event in published(service.db) if event.subject == order_id]


def test_an_order_goes_from_draft_to_completed(service: Service, staff: Client, buyer_of: Buyer) -> None:
    who = company(service)
    buyer = buyer_of(who)
    order = draft(buyer, who, (listing(service, 1400), 12), (listing(service, 980), 10), po_number="PO-1")
    assert (order["status"], order["total"]) == ("draft", {"amount": "266.00", "currency": "EUR"})
    order = do(buyer, order, "submission")
    assert (order["status"], order["placed_at"] is not None) == ("pending_confirmation", True)
    assert order["company_path"] == [{"id": who, "number": who[-12:], "name": "Alderwick"}]
    assert order["settings_snapshot"]["switches"]["order_authorization"] == "on"
    assert do(staff, order, "confirmation", 409)["code"] == "ordering.availability_unknown"
    deliver(service, reservation("made", order, 1))
    assert read(staff, order)["lines"][0]["quantity_reserved"] == 12
    order = do(staff, order, "confirmation")
    deliver(service, reservation("allocated", order, 2))
    assert read(staff, order)["allocation_status"] == "full"
    deliver(service, reservation("shipped", order, 3))
    done = read(buyer, order)
    assert (done["status"], done["fulfilment_status"], done["commands"]) == ("completed", "full", [])
    assert verbs(service, order["id"]) == ["drafted", "placed", "progressed", "confirmed", "progressed", "completed"]
    told = [event for event in published(service.db) if event.subject == order["id"]]
    assert [event.version for event in told] == list(range(1, 7))
    assert {event.partition_key for event in told} == {who}


def test_amounts_are_those_of_the_file_to_the_cent(service: Service, staff: Client) -> None:
    who, one = company(service), listing(service, 1400)
    lines = [
        {"listing_id": one, "quantity": 12, "unit_price": {"amount": "16.80", "currency": "EUR"}, "discount": "0.15"},
        {"listing_id": one, "quantity": 7, "unit_price": {"amount": "9.99", "currency": "EUR"}, "discount": "0.05"},
    ]
    body = {"customer_id": who, "lines": lines, "external_number": "10248"}
    order = staff.post(ORDERS, json=body).json
    assert [line["total"]["amount"] for line in order["lines"]] == ["171.36", "66.43"]
    assert (order["total"]["amount"], order["lines"][0]["discount"]) == ("237.79", "0.15")
    assert do(staff, order, "submission")["total"]["amount"] == "237.79"
    again = staff.post(ORDERS, json=body)
    assert (again.status_code, again.json["code"]) == (409, "ordering.external_number_taken")
    assert again.json["order_id"] == order["id"]


def test_a_draft_is_changed_by_who_read_it_last(service: Service, staff: Client) -> None:
    who, one, other = company(service), listing(service, 100), listing(service, 250)
    order = draft(staff, who, (one, 1))
    place = f"{ORDERS}/{order['id']}"
    changed = staff.patch(place, json={"lines": [{"listing_id": other, "quantity": 2}], "note": "Ring"}, version=1)
    assert (changed.status_code, changed.json["total"]["amount"], changed.json["revision"]) == (200, "5.00", 2)
    assert staff.patch(place, json={"note": "x"}, version=1).json["code"] == "ordering.stale"
    assert staff.patch(place, json={"note": "Ring"}, version=2).json["version"] == 2
    do(staff, order, "submission", 409, revision=1)
    [told] = published(service.db, "ordering.order.updated.v1")[-1:]
    assert [change["path"] for change in told.data["changes"]] == ["note", "lines"]
    do(staff, order, "submission")
    refused = staff.patch(place, json={"note": "y"}, version=3)
    assert (refused.status_code, refused.json["code"]) == (409, "ordering.order_status")


def test_each_line_that_cannot_be_ordered_is_named(service: Service, staff: Client) -> None:
    who, gone, free, good = company(service), listing(service), listing(service, None), listing(service)
    order = draft(staff, who, (gone, 1), (good, 1), (free, 1))
    change_listing(service, gone, status="retired")
    refused = do(staff, order, "submission", 422)
    assert refused["code"] == "ordering.lines_unavailable"
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [
        ("/lines/0", "retired"),
        ("/lines/2", "no_price"),
    ]
    assert read(staff, order)["status"] == "draft"


def test_staff_orders_what_the_customer_does_not_see_with_a_reason(service: Service, staff: Client) -> None:
    who, gone = company(service), listing(service)
    order = draft(staff, who, (gone, 1))
    change_listing(service, gone, status="paused")
    placed = do(staff, order, "submission", override_reason="Last one, promised")
    assert (placed["status"], placed["override_reason"]) == ("pending_confirmation", "Last one, promised")


def test_pre_orders_are_taken_in_their_window_with_a_promised_day(service: Service, staff: Client) -> None:
    who = company(service, allow_preorders="on", warehouse_enabled="on")
    today = datetime.now(UTC).date()
    ahead = {"preorderable": True, "available_from": today + timedelta(days=60)}
    order = draft(staff, who, (listing(service, **ahead, preorder_until=today), 1))
    placed = do(staff, order, "submission")["lines"][0]
    assert (placed["supply_mode"], placed["promised_on"]) == ("preorder", ahead["available_from"].isoformat())
    # It waits for a supply that is named for it, and for nothing else.
    assert not placed["backorder_allowed"]
    late = draft(staff, who, (listing(service, **ahead, preorder_until=today - timedelta(days=1)), 1))
    refused = do(staff, late, "submission", 422)
    assert (refused["code"], refused["errors"][0]["code"]) == ("ordering.lines_unavailable", "preorders_closed")
    there = draft(staff, who, (listing(service, **(ahead | {"available_from": today})), 1))
    assert do(staff, there, "submission")["lines"][0]["supply_mode"] == "in_stock"


def test_a_price_that_rose_is_only_taken_when_it_is_accepted(service: Service, staff: Client) -> None:
    who, one = company(service), listing(service, 100)
    order = draft(staff, who, (one, 3))
    set_price(service, one, 120)
    refused = do(staff, order, "submission", 409)
    assert (refused["code"], refused["lines"][0]["after"]["amount"]) == ("ordering.price_changed", "1.20")
    assert do(staff, order, "submission", accept_prices=True)["total"]["amount"] == "3.60"


def test_prices_in_two_currencies_are_two_orders(service: Service, staff: Client) -> None:
    who = company(service)
    lines = [{"listing_id": listing(service, 100, currency=code), "quantity": 1} for code in ("EUR", "USD")]
    refused = staff.post(ORDERS, json={"customer_id": who, "lines": lines})
    assert (refused.status_code, refused.json["code"]) == (422, "ordering.currencies_mixed")


def test_a_customer_s_people_set_no_prices_and_decide_nothing_for_the_provider(
    service: Service, buyer_of: Buyer
) -> None:
    who, one = company(service), listing(service)
    buyer = buyer_of(who)
    for field in ({"discount": "0.5"}, {"unit_price": {"amount": "1", "currency": "EUR"}}):
        body = {"customer_id": who, "lines": [{"listing_id": one, "quantity": 1} | field]}
        assert buyer.post(ORDERS, json=body).json["code"] == "ordering.staff_fields"
    order = draft(buyer, who, (one, 1))
    assert do(buyer, order, "submission", 403, override_reason="x")["code"] == "ordering.staff_fields"
    order = do(buyer, order, "submission")
    for command, body in (("confirmation", {}), ("decline", {"reason": "x"}), ("hold-release", {}), ("provisions", {})):
        assert do(buyer, order, command, 403, **body)["code"] == "staff_only"


def test_another_customer_learns_nothing_of_an_order(service: Service, staff: Client, buyer_of: Buyer) -> None:
    who, other, one = company(service), company(service), listing(service)
    order, stranger = draft(staff, who, (one, 1)), buyer_of(other)
    place = f"{ORDERS}/{order['id']}"
    assert stranger.get(place).status_code == 404
    assert stranger.get(ORDERS).json["items"] == []
    assert stranger.patch(place, json={"note": "x"}, version=1).status_code == 404
    for command, body in (("submission", {}), ("cancellation", {"reason": "x"}), ("reorder", {})):
        answer = stranger.post(f"{place}/{command}", json=body)
        assert (answer.status_code, answer.json["code"]) == (404, "ordering.order_not_found")
    refused = stranger.post(ORDERS, json={"customer_id": who, "lines": [{"listing_id": one, "quantity": 1}]})
    assert (refused.status_code, refused.json["code"]) == (404, "ordering.customer_not_found")
    assert read(staff, order)["version"] == 1


def test_who_only_reads_one_customer_and_buys_for_another_keeps_them_apart(
    service: Service, staff: Client, tokens: TestTokens
) -> None:
    reads, buys, one = company(service), company(service), listing(service)
    both = client_for(service, tokens.portal({reads: ["orders.view"], buys: ["orders.place"]}))
    seen, hidden = draft(staff, reads, (one, 1)), draft(staff, buys, (one, 1))
    assert [item["id"] for item in both.get(ORDERS).json["items"]] == [seen["id"]]
    assert both.get(f"{ORDERS}/{hidden['id']}").json["code"] == "permission_missing"
    assert do(both, seen, "submission", 403)["code"] == "permission_missing"
    assert do(both, hidden, "submission")["status"] == "pending_confirmation"


def test_who_may_not_see_prices_orders_without_them(service: Service, staff: Client, tokens: TestTokens) -> None:
    who = company(service)
    blind = client_for(service, tokens.portal({who: ["orders.view", "orders.place"]}))
    order = do(blind, draft(blind, who, (listing(service, 100), 2)), "submission")
    assert (order["total"], order["lines"][0]["unit_price"], order["lines"][0]["total"]) == (None, None, None)
    assert blind.get(ORDERS).json["items"][0]["total"] is None
    assert read(staff, order)["total"]["amount"] == "2.00"


def test_orders_are_found_by_customer_status_and_numbers(service: Service, staff: Client) -> None:
    who, one = company(service), listing(service)
    made = [draft(staff, who, (one, 1), po_number=f"Spring_{number}") for number in range(3)]
    do(staff, made[1], "submission")
    first = staff.get(f"{ORDERS}?customer_id={who}&limit=2").json
    rest = staff.get(f"{ORDERS}?customer_id={who}&limit=2&cursor={first['next_cursor']}").json
    assert [item["id"] for item in first["items"] + rest["items"]] == [order["id"] for order in reversed(made)]

    def found(query: str) -> list[str]:
        return [item["id"] for item in staff.get(f"{ORDERS}?customer_id={who}&{query}").json["items"]]

    assert found("status=pending_confirmation") == [made[1]["id"]]
    assert found("q=spring_2") == [made[2]["id"]]
    assert found(f"q={made[0]['number'].lower()}") == [made[0]["id"]]
    assert found("q=springx") == []
    assert found("on_hold=1") == []


@pytest.mark.parametrize("command", ["submission", "confirmation", "hold-release"])
def test_an_ended_order_takes_no_command_and_says_what_to_do(service: Service, staff: Client, command: str) -> None:
    order = draft(staff, company(service), (listing(service), 1))
    assert do(staff, order, "cancellation", reason="Typo")["status"] == "cancelled"
    refused = do(staff, order, command, 409)
    assert (refused["code"], refused["order_status"]) == ("ordering.order_status", "cancelled")
    assert "reorder" in refused["detail"]


def test_the_provider_declines_with_a_reason(service: Service, staff: Client) -> None:
    order = do(staff, draft(staff, company(service), (listing(service), 1)), "submission")
    do(staff, order, "decline", 422)
    declined = do(staff, order, "decline", reason="Not sold any more")
    assert (declined["status"], declined["reason"]) == ("rejected", "Not sold any more")
    assert declined["lines"][0]["quantity_cancelled"] == 1


def test_an_archived_customer_orders_nothing(service: Service, staff: Client) -> None:
    who, one = company(service), listing(service)
    order = draft(staff, who, (one, 1))
    deliver(service, customer(who, "archived", 2, status="archived", name="Alderwick"))
    assert do(staff, order, "submission", 409)["code"] == "ordering.customer_archived"
    refused = staff.post(ORDERS, json={"customer_id": who, "lines": [{"listing_id": one, "quantity": 1}]})
    assert refused.json["code"] == "ordering.customer_archived"
    assert do(staff, order, "cancellation", reason="Archived")["status"] == "cancelled"


def test_an_order_of_services_alone_needs_no_warehouse(service: Service, staff: Client) -> None:
    order = draft(staff, company(service), (listing(service, kind="service"), 2))
    order = do(staff, do(staff, order, "submission"), "confirmation")
    line = order["lines"][0]["id"]
    assert (
        do(staff, order, "provisions", 422, lines=[{"line_id": line, "quantity": 3}])["code"]
        == "ordering.line_unsuitable"
    )
    part = do(staff, order, "provisions", lines=[{"line_id": line, "quantity": 1}])
    assert (part["status"], part["fulfilment_status"]) == ("confirmed", "partial")
    assert do(staff, order, "provisions", lines=[{"line_id": line}])["status"] == "completed"


def test_goods_and_services_together_end_when_both_are_delivered(service: Service, staff: Client) -> None:
    goods, work = listing(service), listing(service, kind="service")
    order = confirmed(service, staff, company(service), (goods, 2), (work, 1))
    deliver(service, reservation("allocated", order, 2))
    wrong = do(staff, order, "provisions", 422, lines=[{"line_id": order["lines"][0]["id"]}])
    assert wrong["errors"][0]["pointer"] == "/lines/0/line_id"
    deliver(service, [dispatched(order, 2), reservation("shipped", order, 3)])
    halfway = read(staff, order)
    assert (halfway["status"], len(halfway["shipments"])) == ("confirmed", 1)
    assert do(staff, order, "provisions", lines=[{"line_id": order["lines"][1]["id"]}])["status"] == "completed"


def test_a_new_draft_from_an_old_order_tells_what_differs(service: Service, staff: Client) -> None:
    who, one, gone = company(service), listing(service, 100), listing(service, 100)
    old = draft(staff, who, (one, 3), (gone, 1), po_number="PO-9")
    set_price(service, one, 110)
    change_listing(service, gone, status="retired")
    new = do(staff, old, "reorder", 201)
    assert (new["status"], new["po_number"], len(new["lines"])) == ("draft", None, 1)
    assert new["total"]["amount"] == "3.30"
    assert [(one["position"], one["what"]) for one in new["differences"]] == [(1, "unit_price"), (2, "unavailable")]
    assert new["differences"][0]["after"] == {"amount": "1.10", "currency": "EUR"}


def test_an_order_of_what_lies_in_a_cart_empties_it(service: Service, buyer_of: Buyer) -> None:
    who, other, one = company(service), company(service), listing(service, 250)
    buyer = buyer_of(who)
    cart = buyer.post("/carts", json={"customer_id": who}).json["id"]
    assert buyer.post(f"/carts/{cart}/lines", json={"listing_id": one, "quantity": 4}).status_code in {200, 201}
    stranger = buyer_of(other).post(ORDERS, json={"customer_id": other, "cart_id": cart})
    assert (stranger.status_code, stranger.json["code"]) == (404, "ordering.cart_not_found")
    order = buyer.post(ORDERS, json={"customer_id": who, "cart_id": cart})
    assert (order.status_code, order.json["total"]["amount"]) == (201, "10.00")
    assert buyer.get(f"/carts/{cart}").json["lines"] == []
    assert buyer.post(ORDERS, json={"customer_id": who, "cart_id": cart}).json["code"] == "ordering.no_lines"
    both = {"customer_id": who, "cart_id": cart, "lines": [{"listing_id": one, "quantity": 1}]}
    assert buyer.post(ORDERS, json=both).status_code == 422


def test_fifty_submissions_with_one_key_are_one_order(service: Service, staff: Client) -> None:
    order = draft(staff, company(service), (listing(service), 1))
    key = new_id()
    made = {
        "customer_id": order["customer_id"],
        "lines": [{"listing_id": order["lines"][0]["listing_id"], "quantity": 1}],
    }

    def both(_: int) -> tuple[int, str, int, str]:
        created = staff.post(ORDERS, json=made, key=f"{key}-new")
        submitted = staff.post(f"{ORDERS}/{order['id']}/submission", json={}, key=key)
        return created.status_code, created.json["id"], submitted.status_code, submitted.json["id"]

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(both, range(50)))
    [(created, new, submitted, old)] = answers
    assert (created, submitted, old) == (201, 200, order["id"])
    assert verbs(service, order["id"]) == ["drafted", "placed"]
    assert verbs(service, new) == ["drafted"]


def test_two_with_the_same_external_number_at_once_are_one_order(service: Service, staff: Client) -> None:
    who, one = company(service), listing(service)
    body = {"customer_id": who, "lines": [{"listing_id": one, "quantity": 1}], "external_number": "77"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: staff.post(ORDERS, json=body).status_code, range(8)))
    assert sorted(answers) == [201] + [409] * 7


def test_switching_confirmation_on_confirms_no_backlog(service: Service, staff: Client) -> None:
    who = company(service)
    order = do(staff, draft(staff, who, (listing(service), 1)), "submission")
    switch(service, who, 2, auto_confirm_orders="on")
    deliver(service, reservation("made", order, 1))
    assert read(staff, order)["status"] == "pending_confirmation"
    assert do(staff, order, "confirmation")["status"] == "confirmed"
