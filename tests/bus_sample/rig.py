"""The rig of the bus suite from the sample services."""

from pathlib import Path
from typing import Any

from sqlalchemy import text

from bus_sample.services import CHANGED, UNREAD, change, consumer, correct, producer, write_contracts
from common.bus.port import Transport
from common.context import Context
from common.db import Database
from common.service import Service
from common.testing.bus_suite import Rig

_TABLES = "outbox, inbox, held, deliveries, things, replica_things, effects, switches"


def empty(url: str) -> None:
    """Empties the tables of a sample database, as its owner."""
    database = Database(url.replace("bus_sample_app", "bus_sample_owner"), "bus_sample")
    with database.connect(as_staff=False) as connection:
        connection.execute(f"TRUNCATE {_TABLES}")  # type: ignore[arg-type]
    database.dispose()


def build(transport: Transport, urls: tuple[str, str, str], contracts_folder: Path) -> Rig:
    """A rig over three emptied databases: the producer's, the consumer's, that of a consumer added later."""
    for url in urls:
        empty(url)
    contracts = write_contracts(contracts_folder)
    things, reader = producer(urls[0], contracts), consumer(urls[1], contracts)

    def write(
        thing: str, version: int, name: str = "a thing", *, lane: Any = "interactive", event_type: str = CHANGED
    ) -> str:
        with things.db.transaction(context=Context(lane=lane)) as session:
            return change(session, thing, version, name, event_type=event_type)

    def new_consumer(name: str) -> Service:
        return consumer(urls[2], contracts, name)

    return Rig(things, reader, transport, write, new_consumer, lambda: correct(reader.db), CHANGED, UNREAD)


def count(database: Database, statement: str) -> int:
    """One number."""
    with database.transaction() as session:
        return int(session.execute(text(statement)).scalar_one())
