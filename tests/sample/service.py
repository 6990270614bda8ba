"""The sample service: things that customers have, one event, and every kind of operation."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from marshmallow import fields
from sqlalchemy import Text as TextColumn
from sqlalchemy import Uuid, column, select, table, text

from common import outbox, web
from common.contracts import Contracts
from common.db import Database
from common.errors import NotFound, Stale
from common.ids import new_id
from common.outbox import Draft, Publisher
from common.paging import Key, keyset
from common.schemas import Id, Schema, Text
from common.service import Service
from common.settings import Settings
from common.tokens import Verifier
from common.web import PUBLIC, Call, Page, Routes

MADE = "sample.thing.made.v1"

things = table(
    "things", column("id", Uuid(as_uuid=False)), column("name", TextColumn), column("rank"), column("version")
)
routes = Routes("Things")


class NewThing(Schema):
    customer_id = Id(required=True)
    name = Text(max=20, required=True)
    rank = fields.Integer(allow_none=True, load_default=None)


class Rename(Schema):
    name = Text(max=20, required=True)


class Thing(Schema):
    id = Id()
    name = Text()
    rank = fields.Integer(allow_none=True)
    version = fields.Integer()


class ThingFilter(Schema):
    by = Text(load_default="name")


@routes.post("/things", permission="things.edit", portal=True, body=NewThing, out=Thing)
def make_thing(call: Call) -> Mapping[str, Any]:
    """Makes a thing."""
    thing = {"id": new_id(), "version": 1} | call.body
    call.session.execute(
        text("INSERT INTO things (id, customer_id, name, rank) VALUES (:id, :customer_id, :name, :rank)"), thing
    )
    outbox.add(call.session, Draft(MADE, thing["id"], 1, {"id": thing["id"]}, thing["customer_id"]))
    return thing


@routes.list("/things", permission="things.view", portal=True, query=ThingFilter, out=Thing)
def list_things(call: Call) -> Page:
    """Things by name, or by rank from the highest down."""
    by = Key(things.c.rank, "desc", nullable=True) if call.query["by"] == "rank" else Key(things.c.name)
    page = keyset(
        call.session,
        select(things),
        [by, Key(things.c.id)],
        cursor=call.cursor,
        limit=call.limit,
        scope=call.cursor_scope,
    )
    return Page(page.rows, page.next_cursor)


@routes.patch("/customers/<uuid:customer_id>/things/<uuid:thing_id>", permission="things.edit", body=Rename, out=Thing)
def rename_thing(call: Call, customer_id: str, thing_id: str) -> Mapping[str, Any]:
    """Renames a thing."""
    row = (
        call.session.execute(
            text(
                "UPDATE things SET name = :name, version = version + 1"
                " WHERE id = :id AND customer_id = :customer AND version = :version RETURNING id, name, rank, version"
            ),
            {"name": call.body["name"], "id": thing_id, "customer": customer_id, "version": call.version},
        )
        .mappings()
        .first()
    )
    if row is None:
        known = call.session.execute(text("SELECT 1 FROM things WHERE id = :id"), {"id": thing_id}).first()
        raise Stale("Read it again.") if known else NotFound("There is no such thing.")
    return row


class Upload(Schema):
    name = Text(max=20, required=True)


@routes.post("/things/uploads", permission="things.edit", form=Upload)
def upload_things(call: Call) -> Mapping[str, Any]:
    """Takes a file of things."""
    return {"name": call.form["name"], "size": len(call.files["file"].read())}


@routes.post("/things/vault", permission="things.view", secret=True, fresh=600)
def open_vault(_call: Call) -> Mapping[str, Any]:
    """Shows what a stolen token must not show."""
    return {"gold": 1}


@routes.get("/broken", permission=PUBLIC, transaction=False)
def break_down(_call: Call) -> None:
    """Fails as a bug does."""
    raise RuntimeError("a secret value")


def build(database_url: str, public_key: str, contracts: Path) -> Service:
    """The sample service over a database; writes its one schema into `contracts`."""
    folder = contracts / "events" / "sample.thing.made" / "v1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "schema.json").write_bytes(
        orjson.dumps({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}})
    )
    read = Contracts(contracts)
    service = Service(
        name="sample",
        settings=Settings(database_url=database_url),
        contracts=read,
        create_app=lambda: web.create_app(service, routes, Verifier.from_pem(public_key)),
        database=Database(database_url, "sample", publisher=Publisher("sample", read)),
    )
    return service
