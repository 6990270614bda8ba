"""The sample producer and consumer over any two databases."""

import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import orjson
from flask import Flask
from sqlalchemy import column, table, text
from sqlalchemy.orm import Session

from common import outbox, replicas
from common.context import Context
from common.contracts import Contracts
from common.db import Database
from common.envelope import Event
from common.ids import new_id
from common.outbox import Draft, Publisher
from common.service import Service
from common.settings import Settings

CHANGED = "thing.thing.changed.v1"
UNREAD = "thing.thing.noticed.v1"
ECHOED = "reader.thing.echoed.v1"
BEAT = "common.relay.beat.v1"

replica_things = table(
    "replica_things", column("id"), column("version"), column("name"), column("payload"), column("gone")
)

_SCHEMA = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "string"}, "name": {"type": "string", "maxLength": 2000}},
}


def write_contracts(folder: Path, consumers: Sequence[str] = ("reader",)) -> Contracts:
    """The contracts of the sample: `thing` publishes, `consumers` read; nobody reads UNREAD."""
    for event_type, readers in ((CHANGED, consumers), (UNREAD, ()), (ECHOED, ()), (BEAT, consumers)):
        place = folder / "events" / event_type.removesuffix(".v1") / "v1"
        (place / "consumers").mkdir(parents=True, exist_ok=True)
        schema = {"type": "object"} if event_type == BEAT else _SCHEMA
        (place / "schema.json").write_bytes(orjson.dumps(schema))
        for reader in readers:
            (place / "consumers" / f"{reader}.json").write_bytes(orjson.dumps(schema))
    return Contracts(folder)


def producer(database_url: str, contracts: Contracts, *, settings: Settings | None = None) -> Service:
    """Publishes things."""
    return _service("thing", database_url, contracts, settings)


def consumer(
    database_url: str,
    contracts: Contracts,
    name: str = "reader",
    *,
    kind: str = "careful",
    settings: Settings | None = None,
) -> Service:
    """Keeps a replica of things. `careful` also writes down each effect, fails on a thing named `bad…` until `correct`,
    and ends the process on one named `deadly`; `plain` does no more; `working` reads, writes and publishes as a real
    one does; `waiting` is that, with a database 2 ms away."""
    service = _service(name, database_url, contracts, settings)

    def keep(session: Session, event: Event) -> None:
        values = {"name": event.data["name"][:50], "payload": {"changed_at": event.time}}
        replicas.put(session, replica_things, {"id": event.subject}, event.version, values)

    def work(session: Session, event: Event) -> None:
        known = session.execute(_KNOWN, {"id": event.subject}).scalar_one_or_none() or 0
        if known < event.version:
            session.execute(_THING, {"id": event.subject, "version": event.version, "name": event.data["name"]})
        keep(session, event)
        session.execute(_EFFECT, {"c": name, "e": event.id, "k": event.partition_key, "v": known, "t": event.type})
        outbox.add(session, Draft(ECHOED, event.subject, event.version, event.data))

    def wait(session: Session, event: Event) -> None:
        session.execute(text("SELECT pg_sleep(0.002)"))
        work(session, event)

    def changed(session: Session, event: Event) -> None:
        if event.data["name"].startswith("bad") and not _corrected(session):
            raise ValueError("this thing is bad")
        if event.data["name"] == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        replicas.put(session, replica_things, {"id": event.subject}, event.version, {"name": event.data["name"]})
        session.execute(
            _EFFECT,
            {"c": name, "e": event.id, "k": event.partition_key, "v": event.version, "t": event.type},
        )

    handlers = {"careful": changed, "plain": keep, "working": work, "waiting": wait}
    return replace(service, handlers={CHANGED: handlers[kind]})


def change(
    session: Session, thing_id: str, version: int, name: str = "a thing", *, key: str = "", event_type: str = CHANGED
) -> str:
    """Writes a thing and its event; returns the event's id."""
    session.execute(_THING, {"id": thing_id, "version": version, "name": name})
    return outbox.add(session, Draft(event_type, thing_id, version, {"id": thing_id, "name": name}, key))


def change_many(
    database: Database, things: int, versions: int, *, name: str = "a thing", lane: str = "interactive"
) -> list[str]:
    """Writes `versions` changes of each of `things` things, a transaction per version; returns the things' ids."""
    ids = [new_id() for _ in range(things)]
    context = Context(lane="bulk" if lane == "bulk" else "interactive")
    for version in range(1, versions + 1):
        with database.transaction(context=context) as session:
            for thing_id in ids:
                outbox.add(session, Draft(CHANGED, thing_id, version, {"id": thing_id, "name": name}))
    return ids


def correct(database: Database) -> None:
    """From now on the consumer can handle what was bad."""
    with database.transaction() as session:
        session.execute(text("INSERT INTO switches VALUES ('corrected') ON CONFLICT DO NOTHING"))


def _corrected(session: Session) -> bool:
    return session.execute(text("SELECT 1 FROM switches")).first() is not None


def _service(name: str, database_url: str, contracts: Contracts, settings: Settings | None) -> Service:
    return Service(
        name=name,
        settings=settings or Settings(database_url=database_url, contracts_dir=contracts.folder),
        contracts=contracts,
        create_app=lambda: Flask(name),
        database=Database(database_url, "bus_sample", publisher=Publisher(name, contracts)),
    )


_KNOWN = text("SELECT version FROM things WHERE id = :id FOR UPDATE")
_THING = text(
    "INSERT INTO things VALUES (:id, :version, :name)"
    " ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name"
)
_EFFECT = text("INSERT INTO effects (consumer, event_id, key, version, type) VALUES (:c, CAST(:e AS uuid), :k, :v, :t)")
