"""Billing goes off and on again while goods leave: what was delivered meanwhile is neither lost nor billed by itself,
through ordering, warehouse, billing and the portal settings over real PostgreSQL and RabbitMQ."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.queries import account_drift
from common.bus.port import Outcome, Outgoing
from common.bus.rabbitmq import RabbitMQ
from common.envelope import Event, decode, encode, shard_of
from common.ids import new_id
from common.testing import Figure, TestDatabase, TestTokens, client_for, eventually

from .billed import CLOCK, Billed
from .saga import Order, ok, rows, running


@pytest.fixture(scope="module")
def saga(
    service_database: Callable[[str], TestDatabase],
    tokens: TestTokens,
    rabbitmq_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Billed]:
    made = Billed(service_database, tokens, rabbitmq_url, tmp_path_factory.mktemp("billed"))
    with running(made, rabbitmq_url):
        yield made


def ordered(saga: Billed, customer_id: str, listing: Any, quantity: int) -> Order:
    """A confirmed order of a line with a discount, so that its parts do not come out even."""
    line = {"listing_id": listing["id"], "quantity": quantity, "discount": "0.333"}
    order = saga.draft(customer_id, lines=[line])
    saga.submit(order)
    return saga.wait(order, "confirmed", allocated=quantity)


def part(order: Order, quantity: int) -> list[dict[str, Any]]:
    return [{"line_id": order["lines"][0]["id"], "quantity": quantity}]


def told_again(saga: Billed, orders: list[Order]) -> list[Event]:
    """All that ordering and the warehouse have told of these orders, as other events of the same content."""
    ids = [order["id"] for order in orders]
    statement = """
        SELECT body FROM outbox WHERE subject = ANY (:ids) OR type = 'warehouse.shipment.dispatched.v1'
        """
    bodies = [body for service in (saga.ordering, saga.warehouse) for body in rows(service, statement, ids=ids)]
    return [replace(decode(body.encode()), id=new_id()) for body in bodies]


def test_what_left_while_billing_was_off_is_billed_or_waived_by_somebody_and_never_by_itself(
    saga: Billed, rabbitmq_url: str, figure: Figure
) -> None:
    company = saga.company()
    tea = saga.listing(40)
    person = client_for(saga.billing, saga.tokens.portal({company: ["billing.view"]}))
    first, second, third, last = (ordered(saga, company, tea, quantity) for quantity in (3, 7, 7, 1))

    # On: what leaves is billable, and the portal sees it.
    saga.ship_now(first)
    assert [one["state"] for one in saga.charges(company)] == ["billable"]
    assert len(ok(person.get(f"/customers/{company}/charges"))["items"]) == 1

    # Off: two more leave, one of them a day later and in part. What was billable waits, and the portal has no such
    # section.
    saga.switch(company, billing_enabled="off")
    saga.ship_now(second)
    day = CLOCK.now().date()
    CLOCK.move(days=1)
    saga.ship_now(third, lines=part(third, 2))
    shown = saga.charges(company)
    assert [(one["state"], one["suspended"]) for one in shown] == [("billable", True)] + [("parked", False)] * 2
    hidden = person.get(f"/customers/{company}/charges")
    assert (hidden.status_code, hidden.json["code"]) == (404, "billing.section_not_found")
    refused = saga.accountant.post(
        f"/customers/{company}/pending-billing/decision",
        json={"decision": "bill"},
        version=saga.pending(company)["version"],
    )
    assert (refused.status_code, refused.json["code"]) == (409, "billing.billing_disabled")

    # On again: nothing is billed by itself, somebody is asked; what leaves now is billable.
    saga.switch(company, billing_enabled="on")
    saga.ship_now(third)
    saga.ship_now(last)
    asked = saga.pending(company)
    assert (asked["decision_needed"], asked["parked"]["count"], asked["billable"]["count"]) == (True, 2, 3)
    listed = ok(saga.accountant.get("/pending-billing"))["items"]
    assert [(one["customer_id"], one["decision_needed"]) for one in listed] == [(company, True)]

    # Billed from the second day on, and the rest waived.
    assert asked["since"] == day.isoformat()
    saga.decide(company, "bill", **{"from": (day + timedelta(days=1)).isoformat()})
    left = saga.pending(company)
    assert (left["parked"]["count"], left["since"]) == (1, day.isoformat())
    saga.decide(company, "waive", reason="Delivered late")
    assert saga.pending(company)["decision_needed"] is False

    # To the cent: what is on the account is what the orders cost.
    orders = [saga.wait(order, "completed") for order in (first, second, third, last)]
    charges = saga.charges(company)
    by_state = {
        state: sum((Decimal(one["amount"]["amount"]) for one in charges if one["state"] == state), Decimal())
        for state in ("billable", "parked", "waived")
    }
    cost = {order["id"]: Decimal(order["total"]["amount"]) for order in orders}
    assert by_state == {
        "billable": sum(cost.values()) - cost[second["id"]],
        "parked": 0,
        "waived": cost[second["id"]],
    }
    figure("charges, billable and waived", (len(charges), str(by_state["billable"]), str(by_state["waived"])))

    # Everything told again, as other events and in any order, changes nothing.
    saga.wait_until_quiet(orders)
    before = (saga.charges(company), saga.pending(company))
    _tell(saga, rabbitmq_url, told_again(saga, orders))
    assert (saga.charges(company), saga.pending(company)) == before
    with saga.billing.db.transaction() as session:
        assert account_drift(session) == []
    for service in saga.services.values():
        assert rows(service, "SELECT type, error FROM held") == []
    assert rows(saga.billing, "SELECT source_id FROM waiting_deliveries") == []


def _tell(saga: Billed, rabbitmq_url: str, events: list[Event]) -> None:
    """Sends events over the broker in any order, and waits until billing has handled those that it reads."""
    random.Random(16).shuffle(events)
    transport = RabbitMQ(rabbitmq_url)
    for event in events:
        shard = shard_of(event.partition_key)
        sent = transport.publish([Outgoing(event.id, event.type, shard, encode(event), key=event.partition_key)])
        assert sent == [Outcome.CONFIRMED]
    transport.close()
    read = [event.id for event in events if event.type in saga.billing.handlers]
    arrived = "SELECT count(*) FROM inbox WHERE event_id = ANY (CAST(:ids AS uuid[]))"
    eventually(lambda: rows(saga.billing, arrived, ids=read) == [len(read)], 30, every=0.05)
