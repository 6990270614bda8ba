"""One command builds the read models again, over either transport: the owners are asked for their logs."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from common.bus.inprocess import InProcessBroker
from common.bus.port import Transport
from common.bus.rabbitmq import RabbitMQ
from common.testing import TestDatabase, TestTokens, eventually
from embedded.programs import SERVICES
from overview.bootstrap import for_generation
from overview.jobs.rebuilding import Rebuild

from .product import Product


@pytest.fixture(params=["in-process", "rabbitmq"])
def transport(request: pytest.FixtureRequest) -> Iterator[Transport]:
    made: Transport
    if request.param == "rabbitmq":
        made = RabbitMQ(request.getfixturevalue("rabbitmq_url"))
        for name in SERVICES:
            made.remove(name)
    else:
        made = InProcessBroker()
    yield made
    if request.param == "rabbitmq":
        for name in SERVICES:
            made.remove(name)
    made.close()


@pytest.fixture
def product(
    service_database: Callable[[str], TestDatabase], tokens: TestTokens, tmp_path: Path, transport: Transport
) -> Iterator[Product]:
    running = Product(service_database, tokens, tmp_path, transport)
    yield running
    running.stop()


def test_one_command_rebuilds_from_the_logs_of_every_owner(product: Product, transport: Transport) -> None:
    staff = product.sign_in()
    names = [f"Company {number}" for number in range(5)]
    for name in names:
        assert product.ask("POST", "/customers", staff, json={"name": name}).status_code == 201
    changed = {"values": {"billing_enabled": "on"}}
    version = product.ask("GET", "/portal-settings", staff).headers["ETag"]
    product.ask("PATCH", "/portal-settings", staff, json=changed, headers={"If-Match": version})

    def listed() -> list[str]:
        return [item["name"] for item in product.ask("GET", "/customers", staff).json()["items"]]

    eventually(lambda: listed() == names, 30)
    overview = product.programs["overview"].service
    with overview.db.transaction() as session:
        entries = session.execute(text("SELECT count(*) FROM timeline")).scalar_one()
        # What serves is lost: only the owners know it.
        session.execute(text("DELETE FROM g1.directory"))
    assert listed() == []
    rebuild = Rebuild(overview.db, transport, lambda number: for_generation(overview, number))
    stop = threading.Event()
    too_long = threading.Timer(60, stop.set)
    too_long.start()
    assert rebuild.run(stop, lambda _progress: None)
    too_long.cancel()
    assert listed() == names
    with overview.db.transaction() as session:
        assert session.execute(text("SELECT count(*) FROM timeline")).scalar_one() >= entries
