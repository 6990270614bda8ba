"""What orders, shipments, returns and claims of other services make of charges, in whatever order they come."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from billing.tests.told import Order, switches
from common.envelope import Event
from common.ids import new_id
from common.service import Service
from common.testing import Client, deliver, published
from common.testing.disorder import differences, disordered, kept_of

pytestmark = pytest.mark.postgres

Look = Callable[..., Any]


def waiting_for(staff: Client, order: Order) -> list[Any]:
    items = staff.get("/operations/waiting-deliveries", query_string={"limit": 200}).json["items"]
    return [one for one in items if one["order_id"] == order.id]


def amounts(charges: list[Any]) -> list[tuple[int, str, str]]:
    return [(one["quantity"], one["amount"]["amount"], one["state"]) for one in charges]


def test_what_leaves_is_charged_in_parts_that_sum_to_the_line(tell: Look, company: Look, charges: Look) -> None:
    customer = company()
    order = Order(customer, (3, "10.00"), (1, "5.00"))
    tell(order.tell(), order.ship(1, 1), order.ship(1), order.ship(1))
    found = charges(customer, order_id=order.id)
    assert sorted(one["amount"]["amount"] for one in found) == ["3.33", "3.33", "3.34", "5.00"]
    assert {(one["quantity"], one["state"]) for one in found} == {(1, "billable")}
    assert {one["delivered_on"] for one in found} == {"2026-03-02"}


def test_what_leaves_while_billing_is_off_is_parked_and_what_left_before_stays_billable(
    tell: Look, company: Look, charges: Look, pending: Look
) -> None:
    customer = company()
    order = Order(customer, (3, "10.00"))
    tell(order.tell(), order.ship(1), switches(customer, billing_enabled="off"), order.ship(1, on="2026-04-02"))
    first, second = charges(customer)
    assert (first["state"], first["suspended"], first["parked_because"]) == ("billable", True, None)
    assert (second["state"], second["suspended"], second["parked_because"]) == ("parked", False, "module_off")
    tell(switches(customer, billing_enabled="on"), order.ship(1))
    assert [(one["state"], one["suspended"]) for one in charges(customer)] == [
        ("billable", False),
        ("parked", False),
        ("billable", False),
    ]
    shown = pending(customer)
    assert (shown["parked"], shown["since"]) == (
        {"count": 1, "sums": [{"amount": "3.34", "currency": "EUR"}]},
        "2026-04-02",
    )
    assert (shown["billable"]["count"], shown["decision_needed"]) == (2, True)


def test_who_is_not_known_is_not_billed_by_a_guess(tell: Look, service: Service) -> None:
    order = Order(new_id(), (1, "10.00"))
    tell(order.tell(), order.ship(1))
    [told] = [one for one in published(service.db, "billing.charges.recorded.v1") if one.subject == order.customer_id]
    assert told.data["recorded"]["charges"][0]["parked_because"] == "customer_unknown"


def test_a_shipment_waits_for_its_order_and_for_the_revision_that_it_belongs_to(
    tell: Look, company: Look, charges: Look, staff: Client
) -> None:
    customer = company()
    order = Order(customer, (2, "10.00"))
    confirmed = order.tell()
    shipment = order.ship(3)
    tell(shipment)
    assert charges(customer) == []
    [waiting] = waiting_for(staff, order)
    assert (waiting["source_id"], waiting["quantity"]) == (shipment.subject, 3)
    tell(confirmed, Order.tell(order, "updated", confirmed_at=None))
    assert charges(customer) == []
    order.data["lines"][0] |= {"quantity": 4, "total": {"amount": "20.00", "currency": "EUR"}}
    tell(order.tell("revised"))
    assert amounts(charges(customer)) == [(3, "15.00", "billable")]
    assert waiting_for(staff, order) == []


def test_what_comes_back_for_money_is_given_back_as_its_charge_stands(
    tell: Look, company: Look, charges: Look, decide: Look
) -> None:
    customer = company("off")
    order = Order(customer, (3, "10.00"), (2, "8.00"))
    early, late = order.ship(3, on="2026-01-10"), order.ship(0, 2, on="2026-02-10")
    tell(order.tell(), early, late, switches(customer, billing_enabled="on"))
    # Nobody has billed it, so it is not paid back either until somebody decides about both.
    tell(order.give_back(early, 1))
    assert amounts(charges(customer, state="parked"))[-1] == (-1, "-3.33", "parked")
    assert charges(customer)[-1]["delivered_on"] == "2026-01-10"
    assert decide(customer, "bill", **{"from": "2026-02-01"}).status_code == 201
    assert decide(customer, "waive", reason="Delivered late").status_code == 201
    tell(order.claim(late, 1, 1), order.give_back(early, 2), order.give_back(late, 1, 1, dedicated=True))
    assert amounts(charges(customer))[-2:] == [(-1, "-4.00", "billable"), (-2, "-6.67", "waived")]
    assert [one["amount"]["amount"] for one in charges(customer, state="waived")] == ["10.00", "-3.33", "-6.67"]


@pytest.mark.parametrize(
    "line",
    [
        {"kind": "internal", "seller_id": new_id()},
        {"seller_id": new_id()},
        {"total": {"amount": "0.00", "currency": "EUR"}},
    ],
    ids=["internal", "sold by a customer", "free"],
)
def test_what_the_provider_does_not_charge_leaves_no_trace(
    tell: Look, company: Look, charges: Look, staff: Client, line: dict[str, Any]
) -> None:
    customer = company()
    order = Order(customer, (2, "10.00"), **line)
    shipment = order.ship(2)
    tell(shipment, order.tell(), order.give_back(shipment, 1))
    assert charges(customer) == []
    assert waiting_for(staff, order) == []


def story(customer: str) -> tuple[dict[str, str], list[Event]]:
    """Two orders with all that happens to them, and what their ids are called."""
    one, two = Order(customer, (4, "10.00"), (3, "1.00")), Order(customer, (1, "7.00"))
    confirmed, other = one.tell(), two.tell()
    first, second, third = one.ship(4, 1), one.ship(0, 2), two.ship(1)
    back, claim = one.give_back(first, 4), one.claim(second, 1, 1)
    names = {customer: "customer", one.id: "one", two.id: "two", one.line(): "l1", one.line(1): "l2", two.line(): "l3"}
    names |= {first.subject: "s1", second.subject: "s2", third.subject: "s3", back.subject: "back"}
    names |= {claim.subject: "claim", back.data["lines"][0]["id"]: "back line"}
    told = [confirmed, other, first, third, second, back, claim, one.tell("progressed"), two.tell("completed")]
    return names, told


@pytest.mark.parametrize("seed", range(6))
def test_twice_and_in_any_order_leaves_what_once_and_in_order_does(
    service: Service, tell: Look, company: Look, seed: int
) -> None:
    def kept(chance: int | None) -> dict[str, list[str]]:
        names, events = story(company())
        tell(*(events if chance is None else disordered(events, chance)))
        return kept_of(service.db, names)

    # The parts of a line that is sent twice may swap a cent; that they sum to it is told by the accounts.
    assert differences(kept(seed), kept(None)) == {}


def test_told_again_as_other_events_nothing_is_charged_anew(service: Service, tell: Look, company: Look) -> None:
    customer = company()
    _names, events = story(customer)
    tell(*events)
    told = len(published(service.db))
    tell(*events)
    assert len(published(service.db)) == told


def test_a_batch_of_fifty_events_costs_as_many_statements_as_one_of_two(
    service: Service, company: Look, figure: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[str] = []
    own, execute = threading.get_ident(), psycopg.Cursor.execute

    def noting(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() == own:
            noted.append(str(query))
        return execute(cursor, query, *args, **kwargs)

    def statements(number: int) -> int:
        customer = company()
        orders = [Order(customer, (2, "10.00")) for _ in range(number)]
        noted.clear()
        with service.db.transaction() as session:
            for one in [event for order in orders for event in (order.tell(), order.ship(2))]:
                service.handlers[one.type](session, one)
        return len(noted)

    monkeypatch.setattr(psycopg.Cursor, "execute", noting)
    few, many = statements(1), statements(25)
    figure("statements of 2 and of 50 events", (few, many))
    assert 0 < few == many


def test_an_event_tells_what_was_charged_and_what_is_on_the_account(
    tell: Look, service: Service, company: Look
) -> None:
    customer = company()
    order = Order(customer, (2, "10.00"), (1, "2.50"))
    tell(order.tell(), order.ship(1, 1))
    [told] = [one for one in published(service.db, "billing.charges.recorded.v1") if one.subject == customer]
    assert (told.version, told.customer_id, told.partition_key) == (1, customer, customer)
    assert told.data["billable"] == {"count": 2, "sums": [{"amount": "7.50", "currency": "EUR"}]}
    assert sorted(one["amount"]["amount"] for one in told.data["recorded"]["charges"]) == ["2.50", "5.00"]
    deliver(service, order.ship(1))
    assert published(service.db, "billing.charges.recorded.v1")[-1].version == 2
