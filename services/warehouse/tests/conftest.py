"""What the suites of this service share: the service over a fresh database, a warehouse, and callers."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text

from common.envelope import Event
from common.service import Service
from common.testing import Client, TestDatabase, TestTokens, client_for, deliver
from common.testing.clock import FixedClock
from common.testing.events import event
from warehouse.bootstrap import build
from warehouse.queries.stock import stock_drift
from warehouse.settings import Settings
from warehouse.tests.inventories import ADMIN, Company
from warehouse.tests.inventories import company as make_company
from warehouse.tests.sent import Sender

CUSTOMER = "0195556a-0000-7000-8000-0000000000c1"
OTHER = "0195556a-0000-7000-8000-0000000000c2"
EVERYTHING = [
    "warehouses.edit",
    "stock.view",
    "stock.edit",
    "stock.cost",
    "shipments.edit",
    "orders.view",
    "operations.view",
    *ADMIN,
]

_numbers = count(1)


@pytest.fixture(scope="module")
def service(service_database: Callable[[str], TestDatabase], tokens: TestTokens) -> Iterator[Service]:
    url = service_database("warehouse").app_url
    made = build(
        Settings(
            database_url=url,
            identity_public_key=tokens.public_key,
            database_pool=40,
            import_chunk_rows=10,
            import_max_bytes=2_000_000,
        ),
        clock=FixedClock(),
    )
    yield made
    with made.db.transaction() as session:
        assert stock_drift(session) == []
    made.db.dispose()


@pytest.fixture
def clock(service: Service) -> FixedClock:
    """The clock of the service."""
    return service.db._publisher.clock


@pytest.fixture
def customer_id() -> str:
    return CUSTOMER


@pytest.fixture
def other_id() -> str:
    return OTHER


@pytest.fixture
def staff(service: Service, tokens: TestTokens) -> Client:
    """Somebody who may do everything here."""
    return client_for(service, tokens.staff(EVERYTHING))


@pytest.fixture
def portal(service: Service, tokens: TestTokens) -> Client:
    """Somebody of the customer, in the portal."""
    return client_for(service, tokens.portal({CUSTOMER: ["stock.view", "orders.view"]}))


@pytest.fixture
def stranger(service: Service, tokens: TestTokens) -> Client:
    """Somebody of another customer, in the portal."""
    return client_for(service, tokens.portal({OTHER: ["stock.view", "orders.view"]}))


@pytest.fixture
def buyer(service: Service, tokens: TestTokens) -> Client:
    """Somebody of the customer who orders in the portal."""
    return client_for(service, tokens.portal({CUSTOMER: ["stock.view", "orders.view", "orders.place"]}))


@pytest.fixture
def sender(staff: Client, tell: Callable[..., None], receive: Callable[..., Any]) -> Sender:
    """Sends goods to customers."""
    return Sender(staff, tell, receive)


@pytest.fixture
def sku() -> str:
    """An article that no other test touches."""
    return f"P-{next(_numbers):05d}"


@pytest.fixture
def place(staff: Client) -> Callable[..., Any]:
    """Makes a warehouse; fields may be given. The first priorities belong to the first ones made."""

    def make(**fields: Any) -> Any:
        number = next(_numbers)
        answer = staff.post("/warehouses", json={"code": f"W{number}", "name": f"Warehouse {number}"} | fields)
        assert answer.status_code == 201, answer.json
        return answer.json

    return make


@pytest.fixture(scope="module")
def main(service: Service, tokens: TestTokens) -> Any:
    """The provider's main warehouse."""
    client = client_for(service, tokens.staff(EVERYTHING))
    answer = client.post("/warehouses", json={"code": "MAIN", "name": "Main warehouse"})
    assert answer.status_code == 201, answer.json
    return answer.json


@pytest.fixture
def receive(staff: Client, main: Any) -> Callable[..., Any]:
    """Takes goods in; returns the balance."""

    def take(sku: str, quantity: int, warehouse: str = "MAIN", **line: Any) -> Any:
        body = {"warehouse": warehouse, "lines": [{"sku": sku, "quantity": quantity} | line]}
        answer = staff.post("/stock/receipts", json=body)
        assert answer.status_code == 201, answer.json
        return answer.json["balances"][0]

    return take


@pytest.fixture
def stock(staff: Client) -> Callable[[str], tuple[int, int, int]]:
    """(on hand, reserved, allocated) of an article over all warehouses."""

    def look(sku: str) -> tuple[int, int, int]:
        items = staff.get(f"/stock?sku={sku}").json["items"]
        return tuple(sum(item[name] for item in items) for name in ("on_hand", "reserved", "allocated"))

    return look


@pytest.fixture
def tell(service: Service) -> Callable[..., None]:
    """Hands events to the service, each in a transaction of its own."""

    def give(*events: Event) -> None:
        deliver(service, events)

    return give


@pytest.fixture
def promised(staff: Client) -> Callable[[str], Any]:
    """What an order is promised."""

    def look(order_id: str) -> Any:
        answer = staff.get(f"/reservations/{order_id}")
        assert answer.status_code == 200, answer.json
        return answer.json

    return look


@pytest.fixture
def company(service: Service, tokens: TestTokens, staff: Client) -> Callable[..., Company]:
    """Makes customers that keep an inventory; other switches may be given."""
    return lambda **switches: make_company(service, tokens, staff, **switches)


@pytest.fixture
def switch(service: Service) -> Callable[..., None]:
    """Makes a customer known and decides its switch `warehouse_enabled`, and others where they are named."""
    versions = count(int(next(_numbers)) * 1_000)

    def decide(customer_id: str, value: str, **others: str) -> None:
        version = next(versions)
        customer = {"number": "K1", "name": "Alfreds", "status": "active", "parent_id": None, "group_id": None}
        scope = {"scope": "customer", "values": {"warehouse_enabled": value, **others}, "locks": [], "licence": None}
        with service.db.transaction() as session:
            known = event("customer.customer.updated.v1", customer_id, {"id": customer_id} | customer, version=version)
            service.handlers[known.type](session, known)
            decided = event("portal-settings.scope.changed.v1", customer_id, scope, version=version)
            service.handlers[decided.type](session, decided)

    return decide


@pytest.fixture
def rows(service: Service) -> Callable[..., Sequence[Any]]:
    """Reads the database."""

    def read(statement: str, **values: Any) -> Sequence[Any]:
        with service.db.transaction() as session:
            return session.execute(text(statement), values).mappings().all()

    return read
