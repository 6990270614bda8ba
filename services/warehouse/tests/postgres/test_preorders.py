"""Pre-orders against the supplies that are named for them: their cap, their days, and what becomes of them where fewer
arrive than were ordered ahead, the day slips, or the article is no longer offered ahead."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from common.service import Service
from common.testing import Client, published
from common.testing.events import event
from warehouse.tests.told import Order, example

pytestmark = pytest.mark.postgres

MARCH, APRIL, MAY = "2031-03-01", "2031-04-01", "2031-05-01"


@pytest.fixture
def expect(staff: Client, main: Any, sku: str) -> Callable[..., Any]:
    """Notes a supply of the article for pre-orders."""

    def note(quantity: int, day: str = MARCH, **fields: Any) -> Any:
        body = {"sku": sku, "warehouse": "MAIN", "quantity": quantity, "expected_on": day}
        answer = staff.post("/inbound-supplies", json=body | {"preorder_quantity": quantity} | fields)
        assert answer.status_code == 201, answer.json
        return answer.json

    return note


@pytest.fixture
def change(staff: Client) -> Callable[..., Any]:
    """Changes a supply as it is now."""

    def edit(supply: Any, **fields: Any) -> Any:
        path = f"/inbound-supplies/{supply['id']}"
        answer = staff.patch(path, json=fields, version=staff.get(path).json["version"])
        assert answer.status_code == 200, answer.json
        return answer.json

    return edit


@pytest.fixture
def ahead(tell: Any, customer_id: str, sku: str) -> Callable[..., Order]:
    """Orders ahead; confirmed, unless it is said otherwise."""

    def place(quantity: int, *, verbs: tuple[str, ...] = ("placed", "confirmed"), **fields: Any) -> Order:
        order = Order(
            fields.pop("customer_id", customer_id), [(sku, quantity)], ahead=fields.pop("day", MARCH), **fields
        )
        for verb in verbs:
            tell(order.tell(verb))
        return order

    return place


@pytest.fixture
def line(promised: Any) -> Callable[[Order], Any]:
    """The only line of an order, as it is promised."""
    return lambda order: promised(order.id)["lines"][0]


def quantities(line: Any) -> tuple[int, ...]:
    return tuple(line[name] for name in ("reserved", "allocated", "backordered", "short"))


def told_of(service: Service, event_type: str, subject: str) -> list[Any]:
    return [one.data for one in published(service.db) if one.type == event_type and one.subject == subject]


def listing(tell: Any, order: Order, version: int = 1, **fields: Any) -> None:
    """Tells of the listing of an order's line."""
    entry = order.lines[0]
    data = example("ordering.listing.updated.v1") | {"id": entry["listing_id"], "sku": entry["sku"]} | fields
    tell(event("ordering.listing.updated.v1", data["id"], data, version=version))


def test_a_pre_order_takes_from_the_supply_and_leaves_the_shelf_alone(
    expect: Any, ahead: Any, line: Any, receive: Any, stock: Any, sku: str
) -> None:
    receive(sku, 5)
    expect(10, APRIL)
    first = ahead(7, verbs=("placed",))
    assert (quantities(line(first)), stock(sku)) == ((0, 0, 7, 0), (5, 0, 0))
    assert line(first)["promised_on"] == APRIL
    assert line(first)["preorder"] is True


def test_what_exceeds_the_supply_is_short_and_returns_to_who_comes_next(
    expect: Any, ahead: Any, line: Any, tell: Any
) -> None:
    expect(10)
    first, second = ahead(8, verbs=("placed",)), ahead(5, verbs=("placed",))
    assert quantities(line(second)) == (0, 0, 2, 3)
    tell(first.tell("rejected"))
    third = ahead(8, verbs=("placed",))
    assert quantities(line(third)) == (0, 0, 8, 0)


def test_without_a_named_supply_nothing_can_be_ordered_ahead(ahead: Any, line: Any, expect: Any) -> None:
    expect(10, preorder_quantity=0)
    assert quantities(line(ahead(1, verbs=("placed",)))) == (0, 0, 0, 1)


def test_fewer_goods_than_pre_orders_go_to_the_oldest_and_the_others_go_on_waiting(
    expect: Any, ahead: Any, line: Any, receive: Any, staff: Client, sku: str, service: Service
) -> None:
    supply = expect(12)
    orders = [ahead(4, verbs=("placed",)), ahead(4), ahead(4)]
    receive(sku, 6, supply_id=supply["id"])
    # The oldest is not confirmed yet: it gets its goods softly, and keeps its place before the others.
    assert [quantities(line(order)) for order in orders] == [(4, 0, 0, 0), (0, 2, 2, 0), (0, 0, 4, 0)]
    assert [line(order)["queue_place"] for order in orders] == [None, 1, 2]
    shown = staff.get(f"/inbound-supplies/{supply['id']}").json
    assert (shown["status"], shown["received"], shown["preordered"], shown["short"]) == ("expected", 6, 6, 0)
    assert quantities(line(ahead(1, verbs=("placed",)))) == (0, 0, 0, 1)
    receive(sku, 6, supply_id=supply["id"])
    assert [quantities(line(order)) for order in orders[1:]] == [(0, 4, 0, 0), (0, 4, 0, 0)]
    assert [one["received"] for one in told_of(service, "warehouse.supply.received.v1", supply["id"])] == [6, 12]
    assert staff.get(f"/inbound-supplies/{supply['id']}").json["status"] == "received"


def test_back_orders_and_pre_orders_stand_in_one_queue(
    expect: Any, ahead: Any, line: Any, receive: Any, tell: Any, sku: str, customer_id: str
) -> None:
    supply = expect(10)
    first = ahead(3)
    waiting = Order(customer_id, [(sku, 3)], backorder=True)
    tell(waiting.tell("placed"), waiting.tell("confirmed"))
    last = ahead(3)
    assert [line(one)["queue_place"] for one in (first, waiting, last)] == [1, 2, 3]
    receive(sku, 5, supply_id=supply["id"])
    assert [quantities(line(one)) for one in (first, waiting, last)] == [(0, 3, 0, 0), (0, 2, 1, 0), (0, 0, 3, 0)]


def test_what_pre_orders_have_got_is_not_sold_ahead_again(
    expect: Any, ahead: Any, line: Any, receive: Any, sku: str
) -> None:
    supply = expect(20, preorder_quantity=6)
    ahead(4)
    receive(sku, 4, supply_id=supply["id"])
    assert quantities(line(ahead(3, verbs=("placed",)))) == (0, 0, 2, 1)


def test_a_day_that_slips_is_promised_anew_told_and_remembered(
    expect: Any, change: Any, ahead: Any, line: Any, service: Service, rows: Any
) -> None:
    supply, order = expect(10), ahead(4)
    change(supply, expected_on=MAY)
    assert line(order)["promised_on"] == MAY
    assert told_of(service, "warehouse.preorder.date_changed.v1", order.line_id()) == [
        {
            "line_id": order.line_id(),
            "order_id": order.id,
            "order_number": order.fields.get("number", f"O-{order.id[-6:]}"),
            "customer_id": order.customer_id,
            "sku": supply["sku"],
            "name": f"Article {supply['sku']}",
            "quantity": 4,
            "before": MARCH,
            "after": MAY,
            "cause": "supply",
        }
    ]
    change(supply, expected_on=APRIL)
    assert [(one["before"], one["after"], one["cause"]) for one in line(order)["promised_dates"]] == [
        (None, MARCH, "order"),
        (MARCH, MAY, "supply"),
        (MAY, APRIL, "supply"),
    ]
    with pytest.raises(DBAPIError, match="permission denied"):
        rows("UPDATE promised_dates SET cause = 'order' RETURNING 1")


def test_a_slip_moves_only_those_who_wait_for_that_supply(
    expect: Any, change: Any, ahead: Any, line: Any, service: Service
) -> None:
    expect(4, MARCH)
    later = expect(4, APRIL)
    first, second = ahead(4), ahead(4)
    assert [line(one)["promised_on"] for one in (first, second)] == [MARCH, APRIL]
    change(later, expected_on=MAY)
    assert [line(one)["promised_on"] for one in (first, second)] == [MARCH, MAY]
    assert told_of(service, "warehouse.preorder.date_changed.v1", first.line_id()) == []


def test_the_listing_s_day_counts_where_it_is_later(
    expect: Any, ahead: Any, line: Any, tell: Any, service: Service
) -> None:
    expect(10, MARCH)
    order = ahead(4)
    listing(tell, order, preorderable=True, available_from=APRIL)
    assert line(order)["promised_on"] == APRIL
    [told] = told_of(service, "warehouse.preorder.date_changed.v1", order.line_id())
    assert (told["before"], told["after"], told["cause"]) == (MARCH, APRIL, "listing")


def test_a_cap_below_what_is_sold_keeps_what_is_sold_and_tells_the_shortfall(
    expect: Any, change: Any, ahead: Any, line: Any, service: Service, staff: Client
) -> None:
    supply, order = expect(10), ahead(8)
    assert change(supply, preorder_quantity=5)["short"] == 3
    assert quantities(line(order)) == (0, 0, 8, 0)
    assert quantities(line(ahead(1, verbs=("placed",)))) == (0, 0, 0, 1)
    [told] = told_of(service, "warehouse.supply.updated.v1", supply["id"])
    assert (told["preordered"], told["short"]) == (8, 3)
    assert told["changes"] == [{"path": "preorder_quantity", "before": 10, "after": 5}]
    cancelled = staff.post(f"/inbound-supplies/{supply['id']}/cancellation")
    assert (cancelled.status_code, cancelled.json["status"], cancelled.json["short"]) == (200, "cancelled", 8)
    assert (quantities(line(order)), line(order)["promised_on"]) == ((0, 0, 8, 0), MARCH)


def test_what_is_no_longer_offered_ahead_is_kept_and_fulfilled(
    expect: Any, ahead: Any, line: Any, receive: Any, tell: Any, sku: str
) -> None:
    supply, order = expect(10), ahead(4)
    listing(tell, order, preorderable=False, available_from=None, status="paused")
    tell(order.tell("progressed"))
    receive(sku, 10, supply_id=supply["id"])
    assert quantities(line(order)) == (0, 4, 0, 0)


def test_back_orders_are_promised_the_supply_s_day_else_that_of_the_lead_time(
    expect: Any, line: Any, tell: Any, sku: str, customer_id: str, clock: Any
) -> None:
    today = clock.now().date()
    first, second = (Order(customer_id, [(sku, 4)], backorder=True) for _ in range(2))
    expect(5, MARCH, preorder_quantity=0)
    for order in (first, second):
        listing(tell, order, lead_days=14)
        tell(order.tell("placed"), order.tell("confirmed"))
    assert line(first)["promised_on"] == MARCH
    led = (today + timedelta(days=14)).isoformat()
    assert (line(second)["promised_on"], line(second)["queue_place"]) == (led, 2)


def test_a_cancelled_pre_order_gives_its_place_and_its_supply_back(
    expect: Any, ahead: Any, line: Any, tell: Any
) -> None:
    expect(4)
    first = ahead(4)
    tell(first.tell("cancelling"))
    second = ahead(4)
    assert (quantities(line(second)), line(second)["queue_place"]) == ((0, 0, 4, 0), 1)


def test_a_buyer_sees_its_place_among_all_and_the_days_of_its_own_orders_only(
    expect: Any, ahead: Any, portal: Client, stranger: Client, other_id: str
) -> None:
    expect(10)
    theirs, ours = ahead(2, customer_id=other_id), ahead(3)
    [line] = portal.get(f"/reservations/{ours.id}").json["lines"]
    assert (line["queue_place"], [one["after"] for one in line["promised_dates"]]) == (2, [MARCH])
    assert portal.get(f"/reservations/{theirs.id}").status_code == 404
    assert stranger.get(f"/reservations/{theirs.id}").json["lines"][0]["queue_place"] == 1
