"""What the warehouse's events do to orders: in any order, twice, and late."""

from collections.abc import Sequence
from datetime import timedelta
from threading import Event as Stop
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from common.envelope import Event
from common.ids import new_id
from common.service import Service
from common.testing import Client, deliver, published
from ordering.tests.ordered import (
    Order,
    company,
    confirmed,
    dispatched,
    do,
    draft,
    listing,
    read,
    reservation,
    shipped,
)
from ordering.use_cases.orders import submission

pytestmark = pytest.mark.postgres

QUANTITIES = ("reserved", "allocated", "backordered", "shipped", "cancelled")


def placed(service: Service, staff: Client, *, auto: str = "on", quantity: int = 10, **fields: Any) -> Order:
    """A submitted order of one line."""
    who = company(service, auto_confirm_orders=auto)
    return do(staff, draft(staff, who, (listing(service, **fields), quantity)), "submission")


def numbers(order: Order) -> list[tuple[Any, ...]]:
    names = [f"quantity_{name}" for name in QUANTITIES]
    return [tuple(line[name] for name in names) for line in order["lines"]]


def last_verbs(service: Service, order: Order, many: int) -> list[str]:
    told = [event.type.split(".")[2] for event in published(service.db) if event.subject == order["id"]]
    return told[-many:]


def run(service: Service, name: str) -> None:
    """One round of a job."""
    next(job for job in service.jobs if job.name == name).run(Stop())


def test_an_order_confirms_itself_when_the_warehouse_has_all_of_it(service: Service, staff: Client) -> None:
    order = placed(service, staff)
    assert order["status"] == "pending_confirmation"
    deliver(service, reservation("made", order, 1))
    assert read(staff, order)["status"] == "confirmed"
    [told] = published(service.db, "ordering.order.confirmed.v1")[-1:]
    assert (told.actor, told.data["lines"][0]["quantity_reserved"]) == ("system:auto-confirmation", 10)


@pytest.mark.parametrize(("ceiling", "status"), [(10_000, "confirmed"), (9_999, "pending_confirmation")])
def test_an_order_above_the_ceiling_waits_for_a_person(
    service: Service, staff: Client, ceiling: int, status: str
) -> None:
    order = draft(staff, company(service, auto_confirm_orders="on"), (listing(service, 1_000), 10))
    service.db.run(lambda session: submission.submit(session, order["id"], {}, {"EUR": ceiling}))
    deliver(service, reservation("made", read(staff, order), 1))
    assert read(staff, order)["status"] == status


def test_a_line_that_is_short_and_may_not_wait_ends_the_order(service: Service, staff: Client) -> None:
    order = placed(service, staff)
    deliver(service, reservation("made", order, 1, {"reserved": 9}))
    ended = read(staff, order)
    assert (ended["status"], ended["reason"]) == ("rejected", "out_of_stock")


def test_a_line_that_may_wait_confirms_and_waits(service: Service, staff: Client) -> None:
    order = placed(service, staff, backorder_policy="unlimited")
    deliver(service, reservation("made", order, 1, {"reserved": 4}))
    order = read(staff, order)
    assert order["status"] == "confirmed"
    deliver(service, reservation("allocated", order, 2, {"allocated": 4, "backordered": 6}))
    waiting = read(staff, order)
    assert (waiting["allocation_status"], waiting["lines"][0]["supply_mode"]) == ("waiting_supply", "backorder")
    deliver(service, reservation("allocated", order, 3, {"allocated": 10}))
    assert read(staff, order)["allocation_status"] == "full"


def test_no_more_waits_than_the_cap_of_a_listing(service: Service, staff: Client) -> None:
    who = company(service, auto_confirm_orders="on")
    one = listing(service, backorder_policy="limited", backorder_cap=5)
    ends = []
    for there in (7, 8, 8, 10):  # of ten each: three, two and two are missing
        order = do(staff, draft(staff, who, (one, 10)), "submission")
        deliver(service, reservation("made", order, 1, {"reserved": there}))
        ends.append(read(staff, order)["status"])
    assert ends == ["confirmed", "confirmed", "rejected", "confirmed"]


def test_staff_confirms_a_short_order_only_when_it_accepts_the_shortage(service: Service, staff: Client) -> None:
    order = placed(service, staff, auto="off")
    deliver(service, reservation("made", order, 1, {"reserved": 7}))
    refused = do(staff, order, "confirmation", 409)
    assert (refused["code"], refused["lines"][0]["missing"]) == ("ordering.out_of_stock", 3)
    order = do(staff, order, "confirmation", accept_shortage=True)
    deliver(service, reservation("allocated", order, 2, {"allocated": 7}))
    assert numbers(read(staff, order)) == [(0, 7, 0, 0, 3)]
    deliver(service, reservation("shipped", order, 3, {"shipped": 7}))
    assert read(staff, order)["status"] == "completed"


def test_a_confirmed_order_of_which_nothing_is_left_ends(service: Service, staff: Client) -> None:
    order = confirmed(service, staff, company(service), (listing(service), 5))
    deliver(service, reservation("allocated", order, 2, {}))
    ended = read(staff, order)
    assert (ended["status"], ended["reason"]) == ("cancelled", "out_of_stock")


def test_a_reservation_that_expired_is_made_anew_by_the_confirmation(service: Service, staff: Client) -> None:
    order = placed(service, staff, auto="off")
    deliver(service, [reservation("made", order, 1), reservation("expired", order, 2)])
    assert (read(staff, order)["status"], numbers(read(staff, order))) == ("pending_confirmation", [(0, 0, 0, 0, 0)])
    assert last_verbs(service, order, 2) == ["placed", "progressed"], "no news for which the warehouse reserves again"
    order = do(staff, order, "confirmation")
    deliver(service, reservation("allocated", order, 3))
    assert numbers(read(staff, order)) == [(0, 10, 0, 0, 0)]


def test_an_answer_to_the_placing_that_comes_after_the_confirmation_gives_nothing_up(
    service: Service, staff: Client
) -> None:
    order = placed(service, staff, auto="off")
    deliver(service, reservation("made", order, 1))
    do(staff, order, "confirmation")
    late = reservation("allocated", order, 2, {"allocated": 2}, order_version=order["version"])
    deliver(service, late)
    assert numbers(read(staff, order)) == [(0, 2, 0, 0, 0)]


@pytest.mark.parametrize("state", ["draft", "pending_confirmation", "reserved"])
def test_an_order_that_is_not_confirmed_is_cancelled_at_once(service: Service, staff: Client, state: str) -> None:
    order = draft(staff, company(service), (listing(service), 10))
    if state != "draft":
        order = do(staff, order, "submission")
    if state == "reserved":
        deliver(service, reservation("made", order, 1))
    ended = do(staff, order, "cancellation", reason="Not needed")
    assert (ended["status"], numbers(ended)) == ("cancelled", [(0, 0, 0, 0, 10)])
    deliver(service, [reservation("made", order, 2), reservation("released", order, 3, order_version=ended["version"])])
    assert read(staff, order)["version"] == ended["version"]


@pytest.mark.parametrize(
    ("shipped", "end"), [(0, "cancelled"), (4, "completed"), (10, "completed")], ids=["nothing", "a part", "all"]
)
def test_a_confirmed_order_ends_when_the_warehouse_has_let_go(
    service: Service, staff: Client, shipped: int, end: str
) -> None:
    order = confirmed(service, staff, company(service), (listing(service), 10))
    deliver(service, reservation("allocated", order, 2))
    order = do(staff, order, "cancellation", reason="Not needed")
    assert order["status"] == "cancelling"
    assert do(staff, order, "cancellation", 409, reason="Again")["code"] == "ordering.order_status"
    deliver(service, reservation("released", order, 3, {"shipped": shipped}))
    ended = read(staff, order)
    assert (ended["status"], numbers(ended)) == (end, [(0, 0, 0, shipped, 10 - shipped)])
    assert last_verbs(service, order, 2) == ["cancelling", end]


def test_what_ships_while_it_is_being_cancelled_counts(service: Service, staff: Client) -> None:
    order = confirmed(service, staff, company(service), (listing(service), 10))
    deliver(service, reservation("allocated", order, 2))
    cancelling = do(staff, order, "cancellation", reason="Not needed")
    crossing = reservation("shipped", order, 3, {"shipped": 4, "allocated": 6}, state="allocated")
    deliver(service, [dispatched(order, 4), crossing])
    assert read(staff, order)["status"] == "cancelling"
    deliver(service, reservation("released", cancelling, 4, {"shipped": 4}))
    ended = read(staff, order)
    assert (ended["status"], numbers(ended)) == ("completed", [(0, 0, 0, 4, 6)])


def test_a_customer_cancels_only_while_nothing_is_on_its_way(
    service: Service, staff: Client, buyer: Client, customer_id: str
) -> None:
    order = confirmed(service, staff, company(service, customer_id), (listing(service), 10))
    deliver(service, [reservation("allocated", order, 2), dispatched(order, 1)])
    assert do(buyer, order, "cancellation", 409, reason="x")["code"] == "ordering.already_shipped"
    assert do(staff, order, "cancellation", reason="x")["status"] == "cancelling"


def test_a_customer_cancels_until_picking_starts(
    service: Service, staff: Client, buyer: Client, customer_id: str
) -> None:
    order = confirmed(service, staff, company(service, customer_id), (listing(service), 10))
    deliver(service, reservation("allocated", order, 2))
    shipment = new_id()
    deliver(service, shipped("picking_started", order, shipment, 2, status="picking", shipped_at=None))
    assert do(buyer, order, "cancellation", 409, reason="x")["code"] == "ordering.picking_started"
    assert [one["status"] for one in read(staff, order)["shipments"]] == ["picking"]
    deliver(service, shipped("cancelled", order, shipment, 3, status="cancelled", shipped_at=None))
    assert do(buyer, order, "cancellation", reason="x")["status"] == "cancelling"


def test_a_cancellation_that_crosses_the_last_shipment_ends_completed(service: Service, staff: Client) -> None:
    order = confirmed(service, staff, company(service), (listing(service), 10))
    deliver(service, reservation("allocated", order, 2, {"allocated": 8}))
    do(staff, order, "cancellation", reason="Not needed")
    deliver(service, reservation("shipped", order, 3, {"shipped": 8}))
    ended = read(staff, order)
    assert (ended["status"], numbers(ended)) == ("completed", [(0, 0, 0, 8, 2)])


# What the warehouse tells of one confirmed order of which 6 are there at first and 4 come later.
def _story(order: Order) -> list[Event]:
    return [
        reservation("made", order, 1, {"reserved": 6}),
        reservation("allocated", order, 2, {"allocated": 6, "backordered": 4}),
        reservation("shipped", order, 3, {"shipped": 6, "backordered": 4}, state="allocated"),
        reservation("allocated", order, 4, {"shipped": 6, "allocated": 4}),
        reservation("shipped", order, 5, {"shipped": 10}),
        dispatched(order, 6),
        dispatched(order, 4),
    ]


@pytest.mark.parametrize("ending", [None, 4], ids=["whole", "unfinished"])
def test_any_order_of_the_same_events_ends_the_same(service: Service, staff: Client, ending: int | None) -> None:
    who, one = company(service), listing(service, backorder_policy="unlimited")
    seen: set[Any] = set()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.permutations(range(7)), st.lists(st.integers(0, 6), max_size=4))
    def told_in(places: Sequence[int], again: Sequence[int]) -> None:
        order = confirmed(service, staff, who, (one, 10))
        story = _story(order)
        left_out = {4, 6} if ending else set()
        deliver(service, [story[place] for place in (*places, *again) if place not in left_out])
        found = read(staff, order)
        line = found["lines"][0]
        seen.add((found["status"], *numbers(found), line["supply_mode"], line["promised_on"]))

    told_in()
    expected = ("confirmed", (0, 4, 0, 6, 0)) if ending else ("completed", (0, 0, 0, 10, 0))
    assert seen == {(*expected, "in_stock", None)}


def test_orders_about_which_nobody_decides_expire(service: Service, staff: Client) -> None:
    order, other = placed(service, staff, auto="off"), placed(service, staff, auto="off")
    kept = draft(staff, order["customer_id"], (order["lines"][0]["listing_id"], 1))
    with service.db.transaction() as session:
        values = {"id": order["id"], "long": timedelta(days=31)}
        session.execute(text("UPDATE orders SET placed_at = placed_at - :long WHERE id = :id"), values)
    run(service, "expiry")
    ended = read(staff, order)
    assert (ended["status"], numbers(ended), ended["commands"]) == ("expired", [(0, 0, 0, 0, 10)], [])
    assert last_verbs(service, order, 1) == ["expired"]
    assert [read(staff, one)["status"] for one in (other, kept)] == ["pending_confirmation", "draft"]
