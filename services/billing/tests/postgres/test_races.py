"""Orders, shipments and decisions at one moment, of workers in parallel: nothing is charged twice or left out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from billing.tests.conftest import STAFF
from billing.tests.told import Order, switches
from billing.use_cases.charging import charge_collected
from common.envelope import Event
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, deliver, eventually

pytestmark = pytest.mark.postgres

Look = Callable[..., Any]


def at_once(service: Service, events: list[Event]) -> None:
    """Hands events to the service, all at one moment."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: deliver(service, one), events))


def test_an_order_and_its_shipments_at_one_moment_are_charged_once_to_the_cent(
    service: Service, staff: Client, company: Look, charges: Look, pending: Look, figure: Look
) -> None:
    customer = company()
    orders = [Order(customer, (7, "10.00"), (3, "1.00")) for _ in range(8)]
    events = [
        one for order in orders for one in (order.tell(), *(order.ship(1, int(number < 3)) for number in range(7)))
    ]
    # Everything twice, as different deliveries.
    at_once(service, events + events[::-1])
    found = [one for page in (orders[:4], orders[4:]) for order in page for one in charges(customer, order_id=order.id)]
    figure("charges of 64 shipments and orders, each told twice at once", len(found))
    assert len(found) == 8 * 10
    assert pending(customer)["billable"] == {"count": 80, "sums": [{"amount": "88.00", "currency": "EUR"}]}
    for path in ("waiting-deliveries", "account-drift"):
        assert staff.get(f"/operations/{path}").json["items"] == []


@pytest.mark.parametrize("first", ["order", "shipment"])
def test_the_later_of_an_order_and_its_shipment_waits_for_the_earlier_one_and_charges(
    service: Service, company: Look, charges: Look, first: str
) -> None:
    customer = company()
    order = Order(customer, (2, "10.00"))
    deliver(service, order.ship(1))  # so that the order is heard of, and not known
    events = [order.tell(), order.ship(1)]
    earlier, later = events if first == "order" else events[::-1]
    with ThreadPoolExecutor(1) as pool:
        with service.db.transaction() as session:
            service.handlers[earlier.type](session, earlier)
            charge_collected(session)
            handed = pool.submit(deliver, service, later)
            eventually(lambda: _is_waited_for(service), 20, every=0.01)
        handed.result(20)
    assert [one["amount"]["amount"] for one in charges(customer)] == ["5.00", "5.00"]


def _is_waited_for(service: Service) -> bool:
    with service.db.transaction() as session:
        return bool(session.execute(_WAITING).scalar_one())


_WAITING = text(
    """
    SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE NOT l.granted AND a.datname = current_database()
    """
)


def test_what_is_parked_while_somebody_decides_is_decided_about_or_stays_parked(
    service: Service, tokens: TestTokens, tell: Look, company: Look, charges: Look, pending: Look, figure: Look
) -> None:
    customer = company("off")
    order = Order(customer, (40, "100.00"))
    tell(order.tell(), *(order.ship(1) for _ in range(5)), switches(customer, billing_enabled="on"))
    app, token, path = service.create_app(), tokens.staff(STAFF), f"/customers/{customer}/pending-billing"

    def decide() -> int:
        client = Client(app, token)
        version = client.get(path).json["version"]
        answer = client.post(f"{path}/decision", json={"decision": "bill"}, version=version)
        return int(answer.status_code)

    with ThreadPoolExecutor(8) as pool:
        sending = [pool.submit(deliver, service, order.ship(1)) for _ in range(20)]
        deciding = [pool.submit(decide) for _ in range(12)]
        for one in sending:
            one.result()
        answers = [one.result() for one in deciding]
    figure("answers to decisions while shipments come", sorted(answers))
    assert answers.count(201) <= 1
    assert set(answers) <= {201, 409, 412}
    left = pending(customer)
    assert left["parked"]["count"] == (0 if 201 in answers else 5)
    assert left["parked"]["count"] + left["billable"]["count"] == len(charges(customer)) == 25


def test_the_database_itself_refuses_a_second_charge_and_another_amount(
    service: Service, tell: Look, company: Look, charges: Look
) -> None:
    customer = company()
    order = Order(customer, (2, "10.00"))
    tell(order.tell(), order.ship(1))
    [charge] = charges(customer)
    again = """
        INSERT INTO charges SELECT (jsonb_populate_record(c, jsonb_build_object('id', CAST(:new AS text)))).*
        FROM charges c WHERE c.id = :id
        """
    values = {"id": charge["id"], "new": new_id()}
    for statement, why in (
        (again, "duplicate key"),
        ("UPDATE charges SET amount_minor = 1 WHERE id = :id AND id <> :new", "permission denied"),
        ("DELETE FROM charges WHERE id = :id AND id <> :new", "permission denied"),
    ):
        with pytest.raises(DBAPIError, match=why), service.db.transaction() as session:
            session.execute(text(statement), values)
    assert charges(customer) == [charge]
