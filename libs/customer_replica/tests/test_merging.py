"""Moving the rows of merged customers, on real PostgreSQL, with tables made for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from common.contracts import Contracts
from common.db import Database
from common.ids import new_id
from common.outbox import Publisher
from common.settings import Settings
from common.testing import TestDatabase
from common.testing.events import event
from customer_replica.merging import (
    Below,
    Part,
    columns_of,
    create_customer_merges,
    customer_now,
    give,
    merge_handlers,
)

pytestmark = pytest.mark.postgres

BOX = Part(
    table="boxes",
    unique=("label",),
    adjusted={"label": "CASE WHEN m.clash THEN m.label || ' (2)' ELSE m.label END"},
    below=(Below(table="cups", by="box_id", below=(Below(table="spoons", by="cup_id"),)),),
)
PARTS = (BOX, Part(table="keys", key="customer_id", unique=()), Part(table="rules", unique=("code",), nulls_clash=True))
_TABLES = """
CREATE TABLE boxes (id uuid PRIMARY KEY, customer_id uuid, label text);
CREATE UNIQUE INDEX boxes_label ON boxes (customer_id, label);
CREATE TABLE cups (id uuid PRIMARY KEY, box_id uuid REFERENCES boxes, customer_id uuid);
CREATE TABLE spoons (cup_id uuid REFERENCES cups, number integer, customer_id uuid, PRIMARY KEY (cup_id, number));
CREATE TABLE keys (customer_id uuid PRIMARY KEY);
CREATE TABLE rules (id uuid PRIMARY KEY, customer_id uuid, code text);
CREATE UNIQUE INDEX rules_once ON rules (customer_id, code) NULLS NOT DISTINCT;
GRANT ALL ON boxes, cups, spoons, keys, rules TO sample_staff
"""


@pytest.fixture(scope="module")
def database(service_database: Callable[[str], TestDatabase]) -> Iterator[Database]:
    made = service_database("sample")
    engine = create_engine(make_url(made.owner_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        create_customer_merges("sample")
        for statement in _TABLES.split(";\n"):
            connection.execute(text(statement))
    engine.dispose()
    database = Database(made.app_url, "sample", publisher=Publisher("sample", Contracts(Settings().contracts_dir)))
    yield database
    database.dispose()


class Shelf:
    """Boxes of customers, and merges of those."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.prepared: list[list[str]] = []
        self._handlers = merge_handlers(PARTS, lambda _session, ids: self.prepared.append(list(ids)))

    def run(self, statement: str, **values: Any) -> Any:
        with self.database.transaction() as session:
            result = session.execute(text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    def box(self, customer_id: str, label: str | None = None) -> str:
        """A box with a cup and two spoons; returns its id."""
        box, cup = new_id(), new_id()
        self.run("INSERT INTO boxes VALUES (:id, :customer, :label)", id=box, customer=customer_id, label=label)
        self.run("INSERT INTO cups VALUES (:id, :box, :customer)", id=cup, box=box, customer=customer_id)
        self.run("INSERT INTO spoons VALUES (:cup, 1, :customer), (:cup, 2, :customer)", cup=cup, customer=customer_id)
        return box

    def merge(self, verb: str, merge_id: str, survivor: str, *losers: str, version: int = 1) -> None:
        data = {"id": merge_id, "id_map": dict.fromkeys(losers, survivor)}
        told = event(f"customer.customer.{verb}.v1", merge_id, data, version=version, customer_id=survivor)
        with self.database.transaction() as session:
            self._handlers[told.type](session, told)

    def owners(self, box: str) -> set[str]:
        """Whose a box is, its cup and its spoons."""
        found = self.run(
            "SELECT b.customer_id::text, c.customer_id::text, s.customer_id::text"
            " FROM boxes b JOIN cups c ON c.box_id = b.id JOIN spoons s ON s.cup_id = c.id WHERE b.id = :id",
            id=box,
        )
        return {owner for row in found for owner in row}

    def label(self, box: str) -> str | None:
        [(label,)] = self.run("SELECT label FROM boxes WHERE id = :id", id=box)
        return label  # type: ignore[no-any-return]


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


def test_a_row_goes_with_all_that_is_below_it_and_comes_back(shelf: Shelf) -> None:
    survivor, loser, merge = new_id(), new_id(), new_id()
    box, other = shelf.box(loser), shelf.box(survivor)
    shelf.merge("merged", merge, survivor, loser)
    assert shelf.owners(box) == shelf.owners(other) == {survivor}
    shelf.merge("unmerged", merge, survivor, loser, version=2)
    assert (shelf.owners(box), shelf.owners(other)) == ({loser}, {survivor})
    assert shelf.prepared == [[loser], [survivor]]


def test_a_row_that_went_to_somebody_else_since_stays_there(shelf: Shelf) -> None:
    survivor, loser, merge, third = new_id(), new_id(), new_id(), new_id()
    box = shelf.box(loser)
    shelf.merge("merged", merge, survivor, loser)
    with shelf.database.transaction() as session:
        give(session, BOX, {box: third})
    assert shelf.owners(box) == {third}
    shelf.merge("unmerged", merge, survivor, loser, version=2)
    assert shelf.owners(box) == {third}


def test_what_was_changed_to_fit_is_as_it_was_unless_somebody_changed_it(shelf: Shelf) -> None:
    survivor, loser, merge = new_id(), new_id(), new_id()
    shelf.box(survivor, "A")
    shelf.box(survivor, "B")
    first, second, bare = shelf.box(loser, "A"), shelf.box(loser, "B"), shelf.box(loser)
    shelf.merge("merged", merge, survivor, loser)
    assert [shelf.label(one) for one in (first, second, bare)] == ["A (2)", "B (2)", None]
    shelf.run("UPDATE boxes SET label = 'Mine' WHERE id = :id", id=second)
    shelf.merge("unmerged", merge, survivor, loser, version=2)
    assert [shelf.label(one) for one in (first, second, bare)] == ["A", "Mine", None]


def test_what_nobody_can_have_twice_stays_with_who_had_it(shelf: Shelf) -> None:
    survivor, *losers = (new_id() for _ in range(3))
    merge = new_id()
    for number, one in enumerate(losers):
        shelf.run("INSERT INTO keys VALUES (:id)", id=one)
        for code in ("A", None, f"C{number}"):
            shelf.run("INSERT INTO rules VALUES (:id, :customer, :code)", id=new_id(), customer=one, code=code)
    shelf.run("INSERT INTO rules VALUES (:id, :customer, 'A')", id=new_id(), customer=survivor)
    shelf.merge("merged", merge, survivor, *losers)
    of = "SELECT code FROM rules WHERE customer_id = :id ORDER BY code"
    assert shelf.run(of, id=survivor) == [("A",), ("C0",), ("C1",), (None,)]
    assert [shelf.run(of, id=one) for one in losers] == [[("A",)], [("A",), (None,)]]
    assert shelf.run("SELECT customer_id::text FROM keys WHERE customer_id = :id", id=survivor) == [(survivor,)]
    shelf.merge("unmerged", merge, survivor, *losers, version=2)
    assert [shelf.run(of, id=one) for one in losers] == [[("A",), ("C0",), (None,)], [("A",), ("C1",), (None,)]]
    assert shelf.run("SELECT customer_id::text FROM keys WHERE customer_id = :id", id=survivor) == []


def test_who_a_customer_is_now_follows_every_merge(shelf: Shelf) -> None:
    ids = [new_id() for _ in range(4)]
    merges = [new_id() for _ in range(3)]
    for merge, loser, survivor in zip(merges, ids, ids[1:], strict=False):
        shelf.merge("merged", merge, survivor, loser)

    def now(customer_id: str) -> str:
        return shelf.database.run(lambda session: customer_now(session, customer_id))

    assert [now(one) for one in ids] == [ids[3]] * 4
    shelf.merge("unmerged", merges[1], ids[2], ids[1], version=2)
    assert [now(one) for one in ids] == [ids[1], ids[1], ids[3], ids[3]]
    stranger = new_id()
    assert now(stranger) == stranger


def test_the_later_of_two_merges_of_a_customer_counts_whichever_is_heard_first(shelf: Shelf) -> None:
    loser, before, after = new_id(), new_id(), new_id()
    first, second = new_id(), new_id()
    box = shelf.box(loser)
    # The first was undone before the second, in another partition.
    shelf.merge("merged", first, before, loser)
    shelf.merge("merged", second, after, loser)
    assert shelf.owners(box) == {before}, "what the first moved waits for its undo"
    shelf.merge("unmerged", first, before, loser, version=2)
    assert shelf.owners(box) == {after}
    shelf.merge("unmerged", second, after, loser, version=2)
    assert shelf.owners(box) == {loser}


def test_every_column_of_the_parts_is_named() -> None:
    assert columns_of(PARTS) == {
        *(("boxes", "customer_id"), ("cups", "customer_id"), ("spoons", "customer_id")),
        *(("keys", "customer_id"), ("rules", "customer_id")),
    }
