"""Orders from submission to their end, through ordering and warehouse over real PostgreSQL and RabbitMQ."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event as Stop
from typing import Any

import pytest
from sqlalchemy import text

from common.bus.port import Outcome, Outgoing
from common.bus.rabbitmq import RabbitMQ
from common.envelope import Event, decode, encode, shard_of
from common.ids import new_id
from common.service import Service
from common.testing import Figure, eventually

from .saga import SERVICES, Order, Saga, rows

ARRIVED = "SELECT 1 FROM inbox WHERE event_id = CAST(:id AS uuid)"

Tell = Callable[[list[Event]], None]


@pytest.fixture
def tell(rabbitmq_url: str, saga: Saga) -> Iterator[Tell]:
    """Sends events over the broker, one after another, each after the one before has taken effect."""
    transport = RabbitMQ(rabbitmq_url)

    def send(events: list[Event]) -> None:
        for event in events:
            shard = shard_of(event.partition_key)
            sent = transport.publish([Outgoing(event.id, event.type, shard, encode(event), key=event.partition_key)])
            assert sent == [Outcome.CONFIRMED]
            reader = saga.warehouse if event.type.startswith("ordering.") else saga.ordering
            eventually(lambda event=event, reader=reader: rows(reader, ARRIVED, id=event.id))

    yield send
    transport.close()


def told(service: Service, order: Order) -> list[Event]:
    """What a service has told of an order, oldest first."""
    bodies = rows(service, "SELECT body FROM outbox WHERE subject = :id ORDER BY version", id=order["id"])
    return [decode(body.encode()) for body in bodies]


def end(saga: Saga, *orders: Order) -> None:
    """All that was told is heard, and the books are right."""
    saga.wait_until_quiet(orders)
    saga.check_books(orders)


def test_an_order_goes_from_submission_to_its_end(saga: Saga) -> None:
    one, other = saga.listing(10), saga.listing(3)
    order = saga.draft(saga.company(auto_confirm=False), (one, 4), (other, 3))
    assert saga.submit(order)["status"] == "pending_confirmation"
    saga.wait(order, "pending_confirmation", reserved=4)
    assert (saga.stock(one), saga.stock(other)) == ((10, 4, 0), (3, 3, 0))
    saga.confirm(order)
    saga.wait(order, "confirmed", reserved=0, allocated=4)
    assert (saga.stock(one), saga.stock(other)) == ((10, 0, 4), (3, 0, 3))
    saga.ship(order)
    done = saga.wait(order, "completed", shipped=4, allocated=0)
    assert (done["fulfilment_status"], len(done["shipments"])) == ("full", 1)
    assert (saga.stock(one), saga.stock(other)) == ((6, 0, 0), (0, 0, 0))
    end(saga, order)
    ours, theirs = saga.verbs(order)
    assert (ours[0], ours[1], ours[-1]) == ("drafted", "placed", "completed")
    assert theirs == ["made", "allocated", "shipped"]


def test_an_order_that_confirms_itself_needs_nobody_until_it_ships(saga: Saga) -> None:
    one = saga.listing(4)
    order = saga.draft(saga.company(), (one, 4))
    saga.submit(order)
    saga.wait(order, "confirmed", allocated=4)
    saga.ship(order)
    saga.wait(order, "completed", shipped=4)
    end(saga, order)


def test_what_is_out_of_stock_and_may_not_wait_ends_the_order_and_frees_the_rest(saga: Saga) -> None:
    there, short = saga.listing(5), saga.listing(2)
    order = saga.draft(saga.company(), (there, 5), (short, 3))
    saga.submit(order)
    assert saga.wait(order, "rejected")["reason"] == "out_of_stock"
    end(saga, order)
    assert (saga.stock(there), saga.stock(short)) == ((5, 0, 0), (2, 0, 0))
    assert saga.reservation(order)["state"] == "released"


def test_what_may_wait_is_filled_by_receipts_first_come_first_served(saga: Saga) -> None:
    one = saga.listing(3, backorder_policy="unlimited")
    first = saga.draft(saga.company(), (one, 5))
    saga.submit(first)
    saga.wait(first, "confirmed", allocated=3, backordered=2)
    second = saga.draft(saga.company(), (one, 2))
    saga.submit(second)
    saga.wait(second, "confirmed", allocated=0, backordered=2)
    saga.receive(one["sku"], 3)
    saga.wait(first, "confirmed", allocated=5, backordered=0)
    saga.wait(second, "confirmed", allocated=1, backordered=1)
    saga.ship(first)
    saga.ship(second)
    saga.wait(second, "confirmed", shipped=1, backordered=1)
    saga.receive(one["sku"], 1)
    saga.wait(second, "confirmed", allocated=1, backordered=0)
    saga.ship(second)
    for order in (first, second):
        saga.wait(order, "completed")
    end(saga, first, second)
    assert saga.stock(one) == (0, 0, 0)


def test_what_a_cancelled_order_frees_goes_to_who_waits(saga: Saga) -> None:
    one = saga.listing(2, backorder_policy="unlimited")
    holder, waiter = (saga.draft(saga.company(), (one, 2)) for _ in range(2))
    saga.submit(holder)
    saga.wait(holder, "confirmed", allocated=2)
    saga.submit(waiter)
    saga.wait(waiter, "confirmed", backordered=2)
    saga.cancel(holder)
    saga.wait(holder, "cancelled")
    saga.wait(waiter, "confirmed", allocated=2, backordered=0)
    saga.ship(waiter)
    saga.wait(waiter, "completed")
    end(saga, holder, waiter)


@pytest.mark.parametrize(
    ("step", "ends", "kept"),
    [
        ("placed", "cancelled", 5),
        ("reserved", "cancelled", 5),
        ("confirmed", "cancelled", 5),
        ("allocated", "cancelled", 5),
        ("planned", "cancelled", 5),
        ("partly shipped", "completed", 3),
    ],
)
def test_cancelled_at_any_step_an_order_gives_back_exactly_what_has_not_left(
    saga: Saga, step: str, ends: str, kept: int
) -> None:
    one = saga.listing(5)
    order = saga.draft(saga.company(auto_confirm=False), (one, 4))
    saga.submit(order)
    if step != "placed":
        order = saga.wait(order, "pending_confirmation", reserved=4)
    if step not in {"placed", "reserved"}:
        saga.confirm(order)
    if step in {"allocated", "planned", "partly shipped"}:
        saga.wait(order, "confirmed", allocated=4)
    part = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 2}]}
    if step == "planned":
        saga.plan(order, **part)
    if step == "partly shipped":
        saga.ship(order, **part)
    saga.cancel(order)
    saga.wait(order, ends, shipped=5 - kept, cancelled=4 - (5 - kept))
    end(saga, order)
    assert saga.stock(one) == (kept, 0, 0)


def test_shipping_and_cancelling_at_once_ends_each_order_one_way_or_the_other(saga: Saga, figure: Figure) -> None:
    many = 20
    one = saga.listing(2 * many)
    orders = [saga.draft(saga.company(), (one, 2)) for _ in range(many)]
    for order in orders:
        saga.submit(order)
    shipments = [saga.plan(saga.wait(order, "confirmed", allocated=2)) for order in orders]

    def dispatch(shipment: Order) -> int:
        return saga.clerk.post(f"/shipments/{shipment['id']}/dispatch", json={}).status_code

    def cancel(order: Order) -> int:
        return saga.staff.post(f"/orders/{order['id']}/cancellation", json={"reason": "Not needed"}).status_code

    # From both ends, so that the first are cancelled long before, the last shipped, and they meet in the middle.
    with ThreadPoolExecutor(2) as pool:
        cancelled = pool.submit(lambda: [cancel(order) for order in orders])
        sent = pool.submit(lambda: [dispatch(shipment) for shipment in reversed(shipments)]).result()[::-1]
    # An order of which all has left by then has ended, and is not cancelled any more.
    assert {*sent, *cancelled.result()} <= {200, 409}
    for order, status in zip(orders, sent, strict=True):
        saga.wait(order, "completed" if status == 200 else "cancelled", shipped=2 if status == 200 else 0)
    end(saga, *orders)
    assert saga.stock(one) == (2 * sent.count(409), 0, 0)
    figure("shipped and cancelled at once", f"{many} orders: {sent.count(200)} shipped, {sent.count(409)} cancelled")


def test_a_soft_reservation_that_expired_is_made_anew_by_the_confirmation(saga: Saga) -> None:
    one = saga.listing(4)
    order = saga.draft(saga.company(auto_confirm=False), (one, 4))
    saga.submit(order)
    saga.wait(order, "pending_confirmation", reserved=4)
    with saga.warehouse.db.transaction() as session:
        late = "UPDATE order_reservations SET expires_at = now() - interval '1 second' WHERE order_id = :id"
        session.execute(text(late), {"id": order["id"]})
    next(job for job in saga.warehouse.jobs if job.name == "expiry").run(Stop())
    saga.wait(order, "pending_confirmation", reserved=0)
    assert saga.stock(one) == (4, 0, 0)
    saga.confirm(order)
    saga.wait(order, "confirmed", allocated=4)
    saga.ship(order)
    saga.wait(order, "completed")
    end(saga, order)


def test_everything_told_again_in_any_order_changes_nothing(saga: Saga, tell: Tell) -> None:
    one = saga.listing(9, backorder_policy="unlimited")
    shipped, cancelled, waiting = (saga.draft(saga.company(), (one, 4)) for _ in range(3))
    for order in (shipped, cancelled, waiting):
        saga.submit(order)
        saga.wait(order, "confirmed")
    saga.wait(waiting, "confirmed", allocated=1, backordered=3)
    saga.ship(shipped)
    saga.wait(shipped, "completed")
    saga.cancel(cancelled)
    saga.wait(cancelled, "cancelled")
    saga.wait(waiting, "confirmed", allocated=4)
    saga.wait_until_quiet([shipped, cancelled, waiting])

    def state() -> list[Any]:
        found = [saga.read(order) for order in (shipped, cancelled, waiting)]
        return [found, [saga.reservation(order) for order in (shipped, cancelled, waiting)], saga.stock(one)]

    before = state()
    story = [
        event
        for order in (shipped, cancelled, waiting)
        for service in (saga.ordering, saga.warehouse)
        for event in told(service, order)
    ]
    # The same again is known by its id; as other events of the same content it is not.
    tell(story)
    strangers = [replace(event, id=new_id()) for event in story]
    random.shuffle(strangers)
    tell(strangers)
    saga.wait_until_quiet([shipped, cancelled, waiting])
    assert state() == before
    saga.cancel(waiting)
    saga.wait(waiting, "cancelled")
    end(saga, shipped, cancelled, waiting)


@pytest.mark.parametrize("first", ["placed", "cancelled"])
def test_a_cancellation_while_the_reservation_is_in_flight_leaves_nothing(saga: Saga, tell: Tell, first: str) -> None:
    one = saga.listing(4)
    assert saga.workers["ordering"].stop() == 0  # so that nothing is sent but by hand
    order = saga.draft(saga.company(), (one, 4))
    saga.submit(order)
    assert saga.cancel(order)["status"] == "cancelled"
    drafted, placed, cancelled = told(saga.ordering, order)
    tell([drafted, *([placed, cancelled] if first == "placed" else [cancelled, placed])])
    assert saga.stock(one) == (4, 0, 0)
    saga.workers["ordering"].start()
    end(saga, order)
    assert saga.verbs(order)[1] == (["made", "released"] if first == "placed" else ["released"])


@pytest.mark.parametrize("down", SERVICES)
def test_a_worker_that_was_down_catches_up(saga: Saga, down: str) -> None:
    plenty, short = saga.listing(6), saga.listing(1)
    who = saga.company()
    before, cancelled, refused, fresh = (saga.draft(who, (listing, 2)) for listing in (plenty, plenty, short, plenty))
    for order in (before, cancelled):
        saga.submit(order)
        saga.wait(order, "confirmed", allocated=2)
    assert saga.workers[down].stop() == 0
    saga.ship(before)
    saga.cancel(cancelled)
    for order in (refused, fresh):
        saga.submit(order)
    saga.workers[down].start()
    saga.wait(before, "completed")
    saga.wait(cancelled, "cancelled")
    saga.wait(refused, "rejected")
    saga.wait(fresh, "confirmed", allocated=2)
    saga.ship(fresh)
    saga.wait(fresh, "completed")
    end(saga, before, cancelled, refused, fresh)
    assert saga.stock(plenty) == (2, 0, 0)


def test_one_key_submits_once(saga: Saga) -> None:
    one = saga.listing(3)
    order = saga.draft(saga.company(), (one, 3))
    answers = [saga.staff.post(f"/orders/{order['id']}/submission", json={}, key="buy-1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    saga.wait(order, "confirmed", allocated=3)
    saga.ship(order)
    saga.wait(order, "completed")
    end(saga, order)
    assert saga.verbs(order)[0].count("placed") == 1
