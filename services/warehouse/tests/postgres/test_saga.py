"""The warehouse's side of the saga: news of an order in any order, twice and late, and time that passes."""

from collections.abc import Sequence
from threading import Event as Stop
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common import inbox
from common.envelope import Event
from common.service import Service
from common.testing import Client, deliver, published
from common.testing.clock import FixedClock
from warehouse.jobs.upkeep import Expiry
from warehouse.queries.reservations import reservation
from warehouse.queries.stock import stock_drift
from warehouse.tests.told import Order

pytestmark = pytest.mark.postgres

STORIES = [
    ("placed", "confirmed"),
    ("placed", "approved", "confirmed", "updated"),
    ("placed", "rejected"),
    ("placed", "confirmed", "cancelling", "cancelled"),
    ("placed", "expired"),
    ("placed", "cancelled"),
    ("placed", "held", "released", "confirmed", "progressed"),
]


def told(service: Service, order: Order) -> list[str]:
    """The verbs of the reservation's events; their versions have no gap."""
    events = [one for one in published(service.db) if one.subject == order.id]
    assert [one.version for one in events] == list(range(1, len(events) + 1))
    return [one.type.split(".")[2] for one in events]


def outcome(service: Service, order: Order) -> tuple[Any, ...]:
    """What an order is promised in the end, without names of its own."""
    with service.db.transaction() as session:
        shown = reservation(session, order.id)
        assert stock_drift(session) == []
    names = ("quantity", "reserved", "allocated", "backordered", "short", "shipped")
    return shown["state"], shown["order_version"], [tuple(line[name] for name in names) for line in shown["lines"]]


@given(story=st.sampled_from(STORIES), data=st.data(), stock=st.integers(0, 12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_news_in_any_order_and_twice_end_in_the_same_state(
    service: Service, receive: Any, customer_id: str, story: Sequence[str], data: st.DataObject, stock: int
) -> None:
    outcomes = []
    for shuffled in (False, True):
        order = Order(customer_id, [("any", 4), ("any", 3), ("other", 2)], backorder=stock % 2 == 0)
        for line in order.lines:
            line["sku"] = f"{line['sku']}-{order.id}"
            if stock:
                receive(line["sku"], stock)
        news = [order.tell(verb) for verb in story]
        if shuffled:
            news = data.draw(st.permutations([*news, *news]))
        deliver(service, news)
        outcomes.append(outcome(service, order))
        told(service, order)
    assert outcomes[0] == outcomes[1]


@given(data=st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_inbox_s_batches_and_single_events_end_alike(
    service: Service, receive: Any, customer_id: str, data: st.DataObject
) -> None:
    ends = []
    for together in (True, False):
        orders = [Order(customer_id, [("any", 3)]) for _ in range(3)]
        news: list[Event] = []
        for order, story in zip(orders, STORIES, strict=False):
            order.lines[0]["sku"] = f"any-{order.id}"
            receive(order.lines[0]["sku"], 5)
            news += [order.tell(verb) for verb in story]
        if together:
            inbox.apply(service, "warehouse", [(one, "interactive") for one in news])
            inbox.apply(service, "warehouse", [(one, "interactive") for one in news])
        else:
            deliver(service, news)
        ends.append([outcome(service, order) for order in orders])
    assert ends[0] == ends[1]


def test_an_event_that_breaks_its_batch_takes_no_other_with_it(
    service: Service, receive: Any, stock: Any, sku: str, customer_id: str, other_id: str, rows: Any
) -> None:
    receive(sku, 5)
    good, bad = Order(customer_id, [(sku, 2)]), Order(other_id, [(sku, 2)])
    bad.lines[0]["position"] = 2**40
    inbox.apply(service, "warehouse", [(bad.tell("placed"), "interactive"), (good.tell("placed"), "interactive")])
    assert stock(sku) == (5, 2, 0)
    assert [row["partition_key"] for row in rows("SELECT partition_key FROM held")] == [other_id]


def test_a_cancellation_after_the_reservation_frees_it(
    service: Service, receive: Any, tell: Any, stock: Any, sku: str, customer_id: str
) -> None:
    receive(sku, 5)
    order = Order(customer_id, [(sku, 5)])
    tell(order.tell("placed"))
    assert stock(sku) == (5, 5, 0)
    tell(order.tell("cancelled"))
    assert stock(sku) == (5, 0, 0)
    assert told(service, order) == ["made", "released"]


def test_goods_held_for_an_order_nobody_confirms_become_free_in_time(
    service: Service, receive: Any, tell: Any, stock: Any, promised: Any, clock: FixedClock, sku: str, customer_id: str
) -> None:
    receive(sku, 5)
    order, waiter = Order(customer_id, [(sku, 5)]), Order(customer_id, [(sku, 2)], backorder=True)
    tell(order.tell("placed"), waiter.tell("placed"), waiter.tell("confirmed"))
    clock.move(hours=71)
    Expiry(service.db).run(Stop())
    assert promised(order.id)["state"] == "active"
    tell(order.tell("held", hold_reasons=["credit"]))
    clock.move(hours=71)
    Expiry(service.db).run(Stop())
    assert promised(order.id)["state"] == "active"
    clock.move(hours=2)
    Expiry(service.db).run(Stop())
    assert promised(order.id)["state"] == "expired"
    assert promised(waiter.id)["lines"][0]["allocated"] == 2
    assert stock(sku) == (5, 0, 2)
    tell(order.tell("progressed"))  # ordering has heard of it, and wants nothing more
    assert (promised(order.id)["state"], stock(sku)) == ("expired", (5, 0, 2))
    tell(order.tell("confirmed"))
    line = promised(order.id)["lines"][0]
    assert (line["allocated"], line["short"]) == (3, 2)
    assert told(service, order) == ["made", "expired", "allocated"]


def test_an_order_that_was_confirmed_meanwhile_does_not_expire(
    service: Service, receive: Any, tell: Any, promised: Any, clock: FixedClock, sku: str, customer_id: str
) -> None:
    receive(sku, 5)
    order = Order(customer_id, [(sku, 5)])
    tell(order.tell("placed"), order.tell("confirmed"))
    clock.move(hours=1_000)
    Expiry(service.db).run(Stop())
    assert promised(order.id)["state"] == "allocated"


def test_what_was_found_missing_is_not_allocated_to_a_confirmed_order(
    receive: Any, staff: Client, tell: Any, promised: Any, stock: Any, sku: str, customer_id: str
) -> None:
    receive(sku, 5)
    order = Order(customer_id, [(sku, 5)], backorder=True)
    tell(order.tell("placed"))
    body = {"warehouse": "MAIN", "reason": "Count", "lines": [{"sku": sku, "on_hand": 2}]}
    assert staff.post("/stock/adjustments", json=body).status_code == 201
    tell(order.tell("confirmed"))
    line = promised(order.id)["lines"][0]
    assert (line["allocated"], line["backordered"]) == (2, 3)
    assert stock(sku) == (2, 0, 2)


def test_an_order_without_goods_gets_its_answers_too(service: Service, tell: Any, customer_id: str) -> None:
    order = Order(customer_id, [("any", 1)])
    order.lines[0]["kind"] = "service"
    tell(order.tell("placed"), order.tell("confirmed"), order.tell("cancelling"))
    assert told(service, order) == ["made", "allocated", "released"]


def test_a_cancellation_that_crosses_the_last_shipment_is_answered(
    service: Service, receive: Any, staff: Client, tell: Any, stock: Any, sku: str, customer_id: str
) -> None:
    receive(sku, 5)
    order = Order(customer_id, [(sku, 5)])
    tell(order.tell("placed"), order.tell("confirmed"))
    made = staff.post("/shipments", json={"order_id": order.id}).json
    assert staff.post(f"/shipments/{made['id']}/dispatch", json={}).status_code == 200
    tell(order.tell("cancelling"))
    last = [one for one in published(service.db) if one.subject == order.id][-1]
    assert (last.type, last.data["order_version"]) == ("warehouse.reservation.released.v1", 3)
    assert (last.data["state"], last.data["lines"][0]["shipped"]) == ("consumed", 5)
    assert stock(sku) == (0, 0, 0)


def test_a_draft_reserves_nothing(tell: Any, staff: Client, customer_id: str, sku: str) -> None:
    order = Order(customer_id, [(sku, 1)])
    tell(order.tell("drafted"), order.tell("updated"))
    assert staff.get(f"/reservations/{order.id}").json["code"] == "warehouse.reservation_not_found"


def test_a_confirmed_order_that_waits_for_a_decision_again_keeps_what_it_has(
    receive: Any, tell: Any, promised: Any, stock: Any, sku: str, customer_id: str
) -> None:
    receive(sku, 10)
    order = Order(customer_id, [(sku, 2)])
    tell(order.tell("placed"), order.tell("confirmed"))
    order.status = "pending_approval"
    order.lines[0]["quantity"] = 5
    tell(order.tell("updated"))
    assert (promised(order.id)["state"], promised(order.id)["lines"][0]["allocated"]) == ("allocated", 2)
    tell(order.tell("confirmed"))
    assert stock(sku) == (10, 0, 5)
