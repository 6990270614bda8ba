"""Ordering and warehouse as they run in production: a database and a worker process each, and one RabbitMQ between."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count, permutations
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from sqlalchemy import text

from common.bus.rabbitmq import RabbitMQ
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestDatabase, TestTokens, client_for, deliver, eventually
from ordering.bootstrap import build as build_ordering
from ordering.settings import Settings as OrderingSettings
from ordering.tests.told import customer, switches
from support import run
from warehouse.bootstrap import build as build_warehouse
from warehouse.settings import Settings as WarehouseSettings

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("ordering", "warehouse")
STAFF = (
    *("listings.view", "listings.edit", "prices.view", "prices.edit", "orders.view", "orders.place", "orders.confirm"),
    *("operations.view", "warehouses.edit", "stock.view", "stock.edit", "shipments.edit"),
)
ENDED = frozenset({"completed", "cancelled", "rejected", "expired"})

Order = dict[str, Any]
Made = TypeVar("Made", bound="Saga")
_numbers = count(1)


class Process:
    """`python -m <service> <role>`, which a test kills, or lets crash at a named point, and starts again."""

    def __init__(self, service: str, role: str, environment: Mapping[str, str], output: Path) -> None:
        self._command = [sys.executable, "-m", service.replace("-", "_"), role]
        self._environment = dict(environment)
        self._output = output
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, crash_at: str = "") -> None:
        """`crash_at` is `<point>:<count>`, see `common.bus.crash`."""
        environment = self._environment | ({"ATRIUM_CRASH_AT": crash_at} if crash_at else {})
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, env=environment, stdout=output, stderr=output, start_new_session=True
            )

    def kill9(self) -> None:
        """SIGKILL, at once, to it and its children."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        assert self._process.wait(10) == -signal.SIGKILL, self._output.read_text()[-2000:]

    def wait_for_crash(self, seconds: float = 30) -> None:
        """Returns when it has killed itself at its point."""
        assert self._process is not None
        assert self._process.wait(seconds) == -signal.SIGKILL, self._output.read_text()[-2000:]

    def stop(self) -> int:
        """SIGTERM, and the exit status; 0 where it does not run."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return 0
        process.terminate()
        try:
            return process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


class Saga:
    """Both services; `staff` talks to ordering and `clerk` to the warehouse, as their APIs do in other processes. Who
    wants an API that can be killed starts `api`, which answers at `url`. A saga of more services names them in
    `builders`."""

    builders: ClassVar[Mapping[str, tuple[Callable[..., Service], Callable[..., Any]]]] = {
        "ordering": (build_ordering, OrderingSettings),
        "warehouse": (build_warehouse, WarehouseSettings),
    }

    def __init__(
        self, database_of: Callable[[str], TestDatabase], tokens: TestTokens, broker: str, folder: Path
    ) -> None:
        contracts = contracts_of(folder, *self.builders)
        urls = {name: database_of(name).app_url for name in self.builders}
        common = {"identity_public_key": tokens.public_key, "contracts_dir": contracts, "database_pool": 40}
        self.services: dict[str, Service] = {
            name: build(settings(database_url=urls[name], **common))
            for name, (build, settings) in self.builders.items()
        }
        self.ordering, self.warehouse = (self.services[name] for name in SERVICES)
        self.staff: Client = client_for(self.ordering, tokens.staff(STAFF))
        self.clerk: Client = client_for(self.warehouse, tokens.staff(STAFF))
        told = {name: environment_of(url, broker, contracts, tokens.public_key) for name, url in urls.items()}
        self.workers = {name: Process(name, "worker", told[name], folder / f"{name}.log") for name in urls}
        (port,) = run.free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        environment = told["ordering"] | {"PORT": str(port), "WEB_PROCESSES": "1"}
        self.api = Process("ordering", "api", environment, folder / "api.log")
        self.token = tokens.staff(STAFF)
        self._received: dict[str, int] = {}
        standard = {"code": "STANDARD", "name": "Standard", "kind": "standard", "currency": "EUR"}
        self._prices = ok(self.staff.post("/price-lists", json=standard), 201)["id"]
        ok(self.clerk.post("/warehouses", json={"code": "MAIN", "name": "Main warehouse"}), 201)

    def start(self) -> None:
        for worker in self.workers.values():
            worker.start()

    def close(self) -> None:
        """Ends what was started; a worker that does not end well is an error."""
        statuses = [process.stop() for process in (self.api, *self.workers.values())]
        for service in self.services.values():
            service.db.dispose()
        assert set(statuses) == {0}

    # ---- what there is to order ----

    def company(self, *, auto_confirm: bool = True) -> str:
        """A customer that orders, known to both services."""
        customer_id = new_id()
        decided = {"order_authorization": "on", "inherit_global_marketplace": "on"}
        decided["auto_confirm_orders"] = "on" if auto_confirm else "off"
        told = [
            customer(customer_id, number=customer_id[-12:], name="Alderwick"),
            switches("customer", customer_id, **decided),
        ]
        for service in (self.ordering, self.warehouse):
            deliver(service, told)
        return customer_id

    def listing(self, stock: int, **fields: Any) -> dict[str, Any]:
        """A published listing at 10.00, with so many on hand."""
        number = next(_numbers)
        body = {"sku": f"SKU-{number:05d}", "name": f"Patch cable {number:05d}", "kind": "stock"} | fields
        made = ok(self.staff.post("/listings", json=body), 201)
        ok(self.staff.post(f"/listings/{made['id']}/publication", version=made["version"]))
        price = {"listing_id": made["id"], "amount": "10.00"}
        ok(self.staff.post(f"/price-lists/{self._prices}/prices", json={"prices": [price]}))
        if stock:
            self.receive(made["sku"], stock)
        return made

    def receive(self, sku: str, quantity: int) -> None:
        """Goods arrive."""
        body = {"warehouse": "MAIN", "lines": [{"sku": sku, "quantity": quantity}]}
        ok(self.clerk.post("/stock/receipts", json=body), 201)
        self._received[sku] = self._received.get(sku, 0) + quantity

    # ---- orders ----

    def draft(self, customer_id: str, *lines: tuple[dict[str, Any], int], **fields: Any) -> Order:
        body = {
            "customer_id": customer_id,
            "lines": [{"listing_id": listing["id"], "quantity": quantity} for listing, quantity in lines],
        }
        return ok(self.staff.post("/orders", json=body | fields), 201)

    def submit(self, order: Order) -> Order:
        return ok(self.staff.post(f"/orders/{order['id']}/submission", json={}))

    def confirm(self, order: Order) -> Order:
        return ok(self.staff.post(f"/orders/{order['id']}/confirmation", json={}))

    def cancel(self, order: Order) -> Order:
        return ok(self.staff.post(f"/orders/{order['id']}/cancellation", json={"reason": "Not needed"}))

    def plan(self, order: Order, **fields: Any) -> dict[str, Any]:
        """A shipment of what is allocated, not dispatched yet."""
        return ok(self.clerk.post("/shipments", json={"order_id": order["id"], **fields}), 201)

    def dispatch(self, shipment: Mapping[str, Any]) -> None:
        ok(self.clerk.post(f"/shipments/{shipment['id']}/dispatch", json={"carrier": "Harbour Parcel"}))

    def ship(self, order: Order, **fields: Any) -> None:
        self.dispatch(self.plan(order, **fields))

    def read(self, order: Order) -> Order:
        return ok(self.staff.get(f"/orders/{order['id']}"))

    def wait(self, order: Order, status: str, seconds: float = 30, **quantities: int) -> Order:
        """The order, once it has that status, and these quantities on its first line."""
        wanted = {f"quantity_{name}": quantity for name, quantity in quantities.items()}

        def there() -> Order | None:
            found = self.read(order)
            line = found["lines"][0]
            return found if found["status"] == status and wanted.items() <= line.items() else None

        return eventually(there, seconds, every=0.05)  # type: ignore[return-value]

    # ---- what is true afterwards ----

    def stock(self, listing: Mapping[str, Any]) -> tuple[int, int, int]:
        """(on hand, reserved, allocated)."""
        items = ok(self.clerk.get(f"/stock?sku={listing['sku']}"))["items"]
        return tuple(sum(item[name] for item in items) for name in ("on_hand", "reserved", "allocated"))  # type: ignore[return-value]

    def reservation(self, order: Order) -> dict[str, Any]:
        return ok(self.clerk.get(f"/reservations/{order['id']}"))

    def verbs(self, order: Order) -> tuple[list[str], list[str]]:
        """What ordering has told of an order, and the warehouse of its reservation."""
        told = "SELECT split_part(type, '.', 3) FROM outbox WHERE subject = :id AND type LIKE :type ORDER BY version"
        return tuple(  # type: ignore[return-value]
            rows(service, told, id=order["id"], type=types)
            for service, types in ((self.ordering, "ordering.order.%"), (self.warehouse, "warehouse.reservation.%"))
        )

    def wait_until_quiet(self, orders: Iterable[Order], seconds: float = 60) -> None:
        """Returns when each side has handled all that the others have told of the customers of these orders."""
        keys = sorted({order["customer_id"] for order in orders})
        eventually(lambda: self._unheard(keys) == [], seconds, every=0.1)

    def _unheard(self, keys: Sequence[str]) -> list[str]:
        found: list[str] = []
        # What is heard of one side may make the other tell more, so both are looked at twice.
        for teller, reader in (*permutations(self.services.values(), 2),) * 2:
            types = list(reader.contracts.consumed_by(reader.name))
            told = rows(teller, _TOLD, types=types, keys=keys)
            heard = rows(reader, _HEARD_OF, ids=told)
            found += {*told, *rows(teller, _UNSENT, keys=keys)} - set(heard)
            if found:
                break
        return found

    def check_books(self, orders: Iterable[Order]) -> None:
        """Nothing is lost, doubled or left over: of these orders, which have ended, and of all stock."""
        ids = [order["id"] for order in orders]
        for service in (self.ordering, self.warehouse):
            assert rows(service, "SELECT type, error FROM held") == []
        self._check_orders(ids)
        self._check_stock()
        # Orphans are told after ten minutes; so eleven pass.
        with self.ordering.db.transaction() as session:
            session.execute(text("UPDATE replica_reservations SET received_at = received_at - interval '11 minutes'"))
            session.execute(text("UPDATE orders SET updated_at = updated_at - interval '11 minutes'"))
        assert ok(self.staff.get("/operations/orphans"))["items"] == []
        assert ok(self.clerk.get("/operations/stock-drift"))["items"] == []

    def _check_orders(self, ids: Sequence[str]) -> None:
        here = rows(self.ordering, _ORDERS, ids=ids)
        assert [row for row in here if row[1] not in ENDED or row[2]] == []
        assert len(here) == len(ids)
        promised = rows(self.warehouse, _PROMISED, ids=ids)
        assert [row for row in promised if row[1] not in {"released", "consumed"} or row[3]] == []
        assert sorted(promised) == sorted(rows(self.ordering, _HEARD, ids=ids))
        for service, types in ((self.ordering, "ordering.order.%"), (self.warehouse, "warehouse.reservation.%")):
            assert rows(service, _GAPS, ids=ids, type=types) == []

    def _check_stock(self) -> None:
        found = {row[0]: row[1:] for row in rows(self.warehouse, _STOCK)}
        shipped = dict(rows(self.ordering, _SHIPPED))
        assert {sku: row[0] + shipped.get(sku, 0) for sku, row in found.items()} == dict(rows(self.warehouse, _CAME))
        assert dict(rows(self.warehouse, _RECEIVED)) == self._received
        assert {sku: row for sku, row in found.items() if row[0] != row[1] or min(row) < 0} == {}


def ok(answer: Any, status: int = 200) -> dict[str, Any]:
    """The body of an answer that has this status."""
    assert answer.status_code == status, answer.text
    return dict(answer.json)


def rows(service: Service, statement: str, **values: Any) -> list[Any]:
    """Rows of a service's database; plain values where there is one column."""
    with service.db.transaction() as session:
        found = [tuple(row) for row in session.execute(text(statement), values)]
    return [row[0] for row in found] if found and len(found[0]) == 1 else found


@contextmanager
def running(made: Made, broker: str) -> Iterator[Made]:
    """Starts the workers of a saga; afterwards they are stopped, and their queues gone."""
    made.start()
    yield made
    made.close()
    transport = RabbitMQ(broker)
    for name in made.builders:
        transport.remove(name)
    transport.close()


def contracts_of(folder: Path, *services: str) -> Path:
    """Contracts that name these as consumers alone: queues of others would only fill."""
    copied = folder / "contracts"
    shutil.copytree(ROOT / "contracts", copied)
    for path in copied.glob("events/*/*/consumers/*.json"):
        if path.stem not in services:
            path.unlink()
    return copied


def environment_of(database_url: str, broker: str, contracts: Path, public_key: str) -> dict[str, str]:
    """What a process is told."""
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "RABBITMQ_URL": broker,
        "CONTRACTS_DIR": str(contracts),
        "IDENTITY_PUBLIC_KEY": public_key,
        "PORT": "0",
        "LOG_LEVEL": "WARNING",
    }


_TOLD = "SELECT id::text FROM outbox WHERE partition_key = ANY (:keys) AND type = ANY (:types)"
_UNSENT = "SELECT id::text FROM outbox WHERE partition_key = ANY (:keys) AND sent_at IS NULL"
_HEARD_OF = "SELECT event_id::text FROM inbox WHERE event_id = ANY (CAST(:ids AS uuid[]))"
_ORDERS = """
    SELECT o.id::text, o.status,
           bool_or(l.quantity <> l.quantity_shipped + l.quantity_cancelled
                   OR l.quantity_reserved + l.quantity_allocated + l.quantity_backordered <> 0) AS left_over
    FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.id = ANY (CAST(:ids AS uuid[])) GROUP BY o.id
    """
_PROMISED = """
    SELECT r.order_id::text, r.state, r.version,
           bool_or(l.backordered <> 0 OR l.quantity <> l.shipped OR COALESCE(s.reserved + s.allocated, 0) <> 0)
    FROM order_reservations r JOIN reservation_lines l USING (order_id) LEFT JOIN reservation_sources s USING (line_id)
    WHERE r.order_id = ANY (CAST(:ids AS uuid[])) GROUP BY r.order_id
    """
_HEARD = """
    SELECT order_id::text, state, version, false FROM replica_reservations WHERE order_id = ANY (CAST(:ids AS uuid[]))
    """
_GAPS = """
    SELECT subject, array_agg(version ORDER BY version) FROM outbox
    WHERE subject = ANY (:ids) AND type LIKE :type GROUP BY subject
    HAVING count(*) <> max(version) OR count(DISTINCT version) <> count(*)
    """
_STOCK = """
    SELECT b.sku, sum(b.on_hand)::int, (SELECT sum(m.quantity) FROM stock_movements m WHERE m.sku = b.sku)::int,
           sum(b.on_hand - b.reserved - b.allocated)::int
    FROM stock_balances b GROUP BY b.sku
    """
# What has come, and what was found to be there or not.
_CAME = "SELECT sku, sum(quantity)::int FROM stock_movements WHERE kind <> 'shipment' GROUP BY sku"
_RECEIVED = "SELECT sku, sum(quantity)::int FROM stock_movements WHERE kind = 'receipt' GROUP BY sku"
_SHIPPED = "SELECT sku, sum(quantity_shipped)::int FROM order_lines GROUP BY sku HAVING sum(quantity_shipped) > 0"
