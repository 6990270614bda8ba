"""What is sent instead of goods that came back or were claimed: an order at no charge, made once."""

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, deliver, published
from ordering.tests.ordered import (
    ORDERS,
    Order,
    came_back,
    claimed,
    company,
    confirmed,
    dispatched,
    do,
    listing,
    read,
    reservation,
    switch,
)
from ordering.tests.told import customer

pytestmark = pytest.mark.postgres


def _delivered(service: Service, staff: Client) -> Order:
    """An order of ten pieces at 10.00 each that have left."""
    address = {"line1": "Obere Str. 57", "city": "Berlin", "country": "DE"}
    customer_id = company(service)
    order = confirmed(service, staff, customer_id, (listing(service), 10), ship_to=address)
    for news in (reservation("allocated", order, 2), dispatched(order, 10), reservation("shipped", order, 3)):
        deliver(service, news)
    return read(staff, order)


def _back(order: Order, quantity: int, verb: str = "inspected", version: int = 5, **also: Any) -> Any:
    """A return, always the same one of an order, for which so many are to be sent instead."""
    told = {"quantity_replaced": quantity, "resolution": "replace"} | also
    return came_back(verb, str(uuid5(NAMESPACE_OID, order["id"])), version, (order, quantity), also=told)


def _exchanges(staff: Client, order: Order) -> list[Order]:
    found = staff.get(f"{ORDERS}?customer_id={order['customer_id']}").json["items"]
    return [read(staff, one) for one in found if one["source"] == "exchange"]


def test_what_is_replaced_is_ordered_at_no_charge_and_confirmed_as_any_order(service: Service, staff: Client) -> None:
    order = _delivered(service, staff)
    deliver(service, _back(order, 3))
    [made] = _exchanges(staff, order)
    [line], [sold] = made["lines"], order["lines"]
    free = {"amount": "0.00", "currency": "EUR"}
    assert (made["status"], made["total"], line["unit_price"], line["quantity"]) == (
        "pending_confirmation",
        free,
        free,
        3,
    )
    assert (line["listing_id"], line["sku"], made["ship_to"]) == (sold["listing_id"], sold["sku"], order["ship_to"])
    [back] = read(staff, order)["returns"]
    assert made["exchange"] == {
        "kind": "return",
        "id": back["id"],
        "number": back["number"],
        "of_order_id": order["id"],
    }
    assert back["replacements"] == [
        {
            "order_id": made["id"],
            "order_number": made["number"],
            "order_status": "pending_confirmation",
            "line_id": sold["id"],
            "quantity": 3,
        }
    ]
    assert (order["exchange"], order["claims"]) == (None, [])
    told = [event for event in published(service.db) if event.subject == made["id"]]
    assert [event.type.split(".")[2] for event in told] == ["drafted", "placed"]
    assert {event.actor for event in told} == {"system:exchange"}
    deliver(service, reservation("made", made, 1))
    assert do(staff, made, "confirmation")["status"] == "confirmed"


@pytest.mark.parametrize("turn", list(permutations(range(3))))
def test_what_is_told_again_late_or_in_another_order_is_sent_once(
    service: Service, staff: Client, turn: tuple[int, ...]
) -> None:
    order = _delivered(service, staff)
    # Two were sent in advance, and one more is granted by the inspection.
    news = [_back(order, 2, "authorized", 2), _back(order, 3, "inspected", 5), _back(order, 3, "closed", 6)]
    for place in (*turn, *turn):
        deliver(service, news[place])
    made = _exchanges(staff, order)
    assert sum(line["quantity"] for one in made for line in one["lines"]) == 3
    assert len(made) == (2 if turn[0] == 0 else 1)


def test_of_eight_workers_that_hear_the_same_one_orders(service: Service, staff: Client) -> None:
    order = _delivered(service, staff)
    claim_id = new_id()
    accepted = {"quantity_accepted": 2, "quantity_replaced": 2, "granted": "replace"}
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda version: deliver(service, claimed("accepted", claim_id, version, order, **accepted)),
                range(2, 10),
            )
        )
    [made] = _exchanges(staff, order)
    assert made["lines"][0]["quantity"] == 2


def test_where_the_customers_setting_says_so_it_confirms_itself_and_waits_for_stock(
    service: Service, staff: Client
) -> None:
    order = _delivered(service, staff)
    switch(service, order["customer_id"], 2, auto_confirm_orders="on")
    deliver(service, _back(order, 3))
    [made] = _exchanges(staff, order)
    # Nothing is there. Sold, the article would not wait; what is owed does.
    deliver(service, reservation("made", made, 1, {"reserved": 0, "backordered": 3}))
    now = read(staff, made)
    assert (now["status"], now["lines"][0]["quantity_backordered"]) == ("confirmed", 3)


def test_another_article_is_sent_where_that_was_granted(service: Service, staff: Client) -> None:
    order = _delivered(service, staff)
    listing(service, 99_00, sku=f"NEWER-{order['number']}", name="Newer Chai")
    claim_id = new_id()
    deliver(service, claimed("requested", claim_id, 1, order, quantity_replaced=0, granted=None))
    assert _exchanges(staff, order) == []
    granted = {"quantity_replaced": 2, "granted": "replace", "replacement_sku": f"NEWER-{order['number']}"}
    deliver(service, claimed("accepted", claim_id, 2, order, **granted))
    [made] = _exchanges(staff, order)
    assert (made["lines"][0]["name"], made["lines"][0]["total"]["amount"]) == ("Newer Chai", "0.00")
    [claim] = read(staff, order)["claims"]
    assert (claim["id"], claim["status"], claim["quantity_replaced"]) == (claim_id, "accepted", 2)
    assert [one["order_id"] for one in claim["replacements"]] == [made["id"]]
    assert made["exchange"]["kind"] == "claim"


def test_a_claim_without_a_replacement_is_shown_and_orders_nothing(
    service: Service, staff: Client, stranger: Client
) -> None:
    order = _delivered(service, staff)
    credit = {"quantity_replaced": 0, "granted": "credit", "credit_pending": True}
    claim_id = new_id()
    deliver(service, claimed("accepted", claim_id, 2, order, **credit))
    deliver(service, claimed("requested", claim_id, 1, order, quantity_replaced=0, granted=None))
    [claim] = read(staff, order)["claims"]
    assert (claim["status"], claim["granted"], claim["credit_pending"]) == ("accepted", "credit", True)
    assert _exchanges(staff, order) == []
    assert read(staff, order)["return_status"] == "none"


def test_what_an_archived_customer_is_owed_waits_for_a_decision(service: Service, staff: Client) -> None:
    order = _delivered(service, staff)
    switch(service, order["customer_id"], 2, auto_confirm_orders="on")
    archived = {"number": order["customer"]["number"], "name": "Alderwick", "status": "archived"}
    deliver(service, customer(order["customer_id"], "archived", 9, **archived))
    deliver(service, _back(order, 1))
    [made] = _exchanges(staff, order)
    assert (made["status"], made["hold_reasons"]) == ("pending_confirmation", ["customer_archived"])
