"""What orders that change after their submission are promised: smaller, withdrawn, and such as ask anew."""

from threading import Event as Stop
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.service import Service
from common.testing import Client, deliver, published
from common.testing.clock import FixedClock
from warehouse.jobs.upkeep import Expiry
from warehouse.tests.told import Order

pytestmark = pytest.mark.postgres


def last(service: Service, order: Order) -> Any:
    return [one for one in published(service.db) if one.subject == order.id][-1]


def give_up(order: Order, quantity: int, **fields: Any) -> Any:
    """The news that so many of the first line are to be given up."""
    order.lines[0]["quantity_cancelling"] = quantity
    return order.tell("lines_cancelled", asked_version=order.version + 1, **fields)


@pytest.mark.parametrize(("keep", "wanted", "planned"), [(True, 4, "planned"), (False, 2, "cancelled")])
def test_what_is_packed_is_let_go_of_only_where_that_is_allowed(
    service: Service, receive: Any, staff: Client, tell: Any, stock: Any, sku: str, customer_id: str, keep: bool,
    wanted: int, planned: str,
) -> None:  # fmt: skip
    receive(sku, 5)
    order = Order(customer_id, [(sku, 5)])
    tell(order.tell("placed"), order.tell("confirmed"))
    lines = [{"line_id": order.line_id(), "quantity": 4}]
    shipment = staff.post("/shipments", json={"order_id": order.id, "lines": lines}).json
    tell(give_up(order, 3, keep_planned=keep))
    assert stock(sku) == (5, 0, wanted)
    assert staff.get(f"/shipments/{shipment['id']}").json["status"] == planned
    [line] = last(service, order).data["lines"]
    assert (line["quantity"], line["allocated"]) == (wanted, wanted)


def test_a_question_that_changes_nothing_is_answered_also_by_newer_news(
    service: Service, receive: Any, staff: Client, tell: Any, sku: str, customer_id: str
) -> None:
    receive(sku, 5)
    order = Order(customer_id, [(sku, 5)])
    tell(order.tell("placed"), order.tell("confirmed"))
    shipment = staff.post("/shipments", json={"order_id": order.id}).json
    assert staff.post(f"/shipments/{shipment['id']}/dispatch", json={}).status_code == 200
    asked, after = give_up(order, 5), order.tell("progressed")
    tell(after, asked)
    told = last(service, order)
    assert (told.data["order_version"], told.data["state"]) == (4, "consumed")
    assert told.data["lines"][0]["quantity"] == 5


def test_a_withdrawn_order_holds_nothing_until_it_is_placed_again(
    service: Service, receive: Any, tell: Any, stock: Any, promised: Any, sku: str, customer_id: str
) -> None:
    receive(sku, 5)
    order = Order(customer_id, [(sku, 5)])
    tell(order.tell("placed"), order.tell("withdrawn", status="draft"))
    assert (stock(sku), promised(order.id)["state"]) == ((5, 0, 0), "released")
    assert last(service, order).data["order_version"] == 2
    order.lines[0]["quantity"] = 3
    tell(order.tell("updated", status="draft"))
    assert stock(sku) == (5, 0, 0)
    tell(order.tell("placed", status="pending_confirmation"), order.tell("confirmed", status="confirmed"))
    assert stock(sku) == (5, 0, 3)


def test_a_question_of_a_pending_order_reserves_again_what_has_expired(
    service: Service, receive: Any, tell: Any, stock: Any, promised: Any, clock: FixedClock, sku: str, customer_id: str
) -> None:
    receive(sku, 5)
    order = Order(customer_id, [(sku, 5)])
    tell(order.tell("placed", asked_version=1))
    clock.move(hours=73)
    Expiry(service.db).run(Stop())
    tell(order.tell("progressed"))
    assert (promised(order.id)["state"], stock(sku)) == ("expired", (5, 0, 0))
    approved, held = order.tell("approved", asked_version=3), order.tell("held", hold_reasons=["credit"])
    tell(held, approved)  # what comes first tells of the question too
    assert (promised(order.id)["state"], stock(sku)) == ("active", (5, 5, 0))
    assert (last(service, order).type, last(service, order).data["order_version"]) == (
        "warehouse.reservation.made.v1",
        4,
    )


def test_a_confirmed_order_that_waits_for_a_decision_again_sends_nothing(
    receive: Any, staff: Client, tell: Any, sku: str, customer_id: str
) -> None:
    receive(sku, 5)
    order = Order(customer_id, [(sku, 2)])
    tell(order.tell("placed"), order.tell("confirmed"))
    order.lines[0]["quantity"] = 4
    tell(order.tell("revised", status="pending_approval", asked_version=3))
    refused = staff.post("/shipments", json={"order_id": order.id})
    assert (refused.status_code, refused.json["code"]) == (409, "warehouse.order_held")
    tell(order.tell("approved", status="pending_confirmation"), order.tell("confirmed", status="confirmed"))
    assert staff.post("/shipments", json={"order_id": order.id}).json["lines"][0]["quantity"] == 4


@given(data=st.data(), stock=st.integers(0, 12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_news_of_changes_in_any_order_and_twice_end_in_the_same_state(
    service: Service, receive: Any, promised: Any, customer_id: str, data: st.DataObject, stock: int
) -> None:
    outcomes = []
    for shuffled in (False, True):
        order = Order(customer_id, [("any", 4), ("other", 3)], backorder=stock % 2 == 0)
        for line in order.lines:
            line["sku"] = f"{line['sku']}-{order.id}"
            if stock:
                receive(line["sku"], stock)
        news = [order.tell("placed", asked_version=1), order.tell("withdrawn", status="draft")]
        order.lines[0]["quantity"] = 6
        news += [order.tell("updated", status="draft")]
        news += [order.tell("placed", status="pending_confirmation", asked_version=4)]
        order.lines[1]["quantity"] = 2
        news += [order.tell("revised", asked_version=5), order.tell("confirmed", status="confirmed")]
        news += [give_up(order, 3)]
        if shuffled:
            news = data.draw(st.permutations([*news, *news]))
        deliver(service, news)
        shown = promised(order.id)
        names = ("quantity", "reserved", "allocated", "backordered", "short", "shipped")
        lines = [tuple(line[name] for name in names) for line in shown["lines"]]
        outcomes.append((shown["state"], shown["order_version"], lines))
    assert outcomes[0] == outcomes[1]
