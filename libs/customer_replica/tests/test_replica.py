"""The replica of customers and switches on real PostgreSQL: lines, walks, locks, who is gone, whom a portal sees."""

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from common import replicas
from common.contracts import Contracts
from common.db import ALL_ROWS, Database, Scope
from common.envelope import Event
from common.ids import new_id
from common.outbox import Publisher
from common.settings import Settings
from common.testing import TestDatabase
from common.testing.events import event
from customer_replica import HANDLERS, create_customer_replica, customer_line, effective_switches

pytestmark = pytest.mark.postgres

ORDERS = "order_authorization"


@pytest.fixture(scope="module")
def database(service_database: Callable[[str], TestDatabase]) -> Iterator[Database]:
    """A database of a service that has just created its replica."""
    made = service_database("sample")
    engine = create_engine(make_url(made.owner_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        create_customer_replica("sample")
    engine.dispose()
    database = Database(made.app_url, "sample", publisher=Publisher("sample", Contracts(Settings().contracts_dir)))
    yield database
    database.dispose()


class Told:
    """What the replica hears."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def tell(self, *events: Event) -> None:
        """Each in a transaction of its own."""
        for one in events:
            with self.database.transaction() as session:
                HANDLERS[one.type](session, one)
                replicas.flush(session)

    def customer(self, parent: str | None = None, group: str | None = None, **fields: Any) -> str:
        """A new customer."""
        customer_id = fields.pop("id", None) or new_id()
        self.tell(customer(customer_id, parent_id=parent, group_id=group, **fields))
        return str(customer_id)

    def chain(self, length: int) -> list[str]:
        """So many customers, each above the one before it."""
        ids = [new_id() for _ in range(length)]
        self.tell(*(customer(one, parent_id=above) for one, above in zip(ids, [*ids[1:], None], strict=True)))
        return ids

    def scope(
        self, subject: str, version: int = 1, *, locks: Sequence[str] = (), licensed: bool = False, **values: str
    ) -> None:
        """What a scope has decided."""
        kind = "platform" if subject == "platform" else "customer"
        licence = {"acknowledged_by": "staff:1"} if licensed else None
        data = {"scope": kind, "values": values, "locks": list(locks), "licence": licence}
        self.tell(event("portal-settings.scope.changed.v1", subject, data, version=version))

    def line(self, customer_id: str, scope: Scope = ALL_ROWS) -> list[str]:
        """The ids of a customer's line."""
        return self.database.run(lambda session: [one["id"] for one in customer_line(session, customer_id)], scope)

    def switches(self, *customer_ids: str, scope: Scope = ALL_ROWS) -> dict[str, Any]:
        """The resolved switches of customers."""
        return self.database.run(lambda session: effective_switches(session, customer_ids), scope)


def customer(customer_id: str, verb: str = "created", version: int = 1, **fields: Any) -> Event:
    """An event of a customer."""
    usual = {"number": f"K{customer_id[-6:]}", "name": "Alderwick", "status": "active"}
    data = usual | {"parent_id": None, "group_id": None} | fields
    return event(f"customer.customer.{verb}.v1", customer_id, data, version=version)


@pytest.fixture
def told(database: Database) -> Iterator[Told]:
    yield Told(database)
    with database.transaction() as session:
        session.execute(text("DELETE FROM replica_scopes"))


def test_a_line_is_the_customer_and_those_above_it_nearest_first(told: Told) -> None:
    ids = told.chain(4)
    assert told.line(ids[0]) == ids
    assert told.line(ids[2]) == ids[2:]
    assert told.line(new_id()) == []
    [nearest, *_] = told.database.run(lambda session: customer_line(session, ids[0]))
    assert nearest == {
        "id": ids[0],
        "number": f"K{ids[0][-6:]}",
        "name": "Alderwick",
        "status": "active",
        "parent_id": ids[1],
        "group_id": None,
    }


def test_a_line_ends_where_customers_stand_above_each_other_in_a_circle(told: Told) -> None:
    first, second = new_id(), new_id()
    told.tell(customer(first, parent_id=second), customer(second, parent_id=first))
    found = told.line(first)
    assert (found[:3], len(found)) == ([first, second, first], 16)


def test_a_line_follows_a_customer_that_moves(told: Told) -> None:
    here, there = told.customer(), told.customer()
    branch = told.customer(here)
    told.tell(customer(branch, "updated", 2, parent_id=there))
    assert told.line(branch) == [branch, there]
    assert told.line(here) == [here]


def test_whoever_is_heard_of_before_its_parent_has_a_line_as_soon_as_that_is_known(told: Told) -> None:
    parent = new_id()
    branch = told.customer(parent)
    assert told.line(branch) == [branch]
    told.customer(id=parent)
    assert told.line(branch) == [branch, parent]


def test_who_is_gone_has_no_line_and_ends_those_below_it(told: Told) -> None:
    branch, middle, _top = told.chain(3)
    told.tell(customer(middle, "deleted", 2))
    assert told.line(middle) == []
    assert told.switches(middle) == {}
    assert told.line(branch) == [branch]


def test_a_late_event_brings_nobody_back(told: Told) -> None:
    gone = told.customer()
    told.tell(customer(gone, "deleted", 3), customer(gone, "updated", 2))
    assert told.line(gone) == []


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_the_newest_state_counts_in_whatever_order_it_is_told_and_however_often(
    told: Told, order: tuple[int, ...]
) -> None:
    customer_id = new_id()
    states = [
        customer(customer_id, "created", 1, name="Alder"),
        customer(customer_id, "archived", 2, name="Alder", status="archived"),
        customer(customer_id, "restored", 3, name="Alderwick"),
    ]
    told.tell(*(states[place] for place in (*order, *reversed(order))))
    [found] = told.database.run(lambda session: customer_line(session, customer_id))
    assert (found["name"], found["status"]) == ("Alderwick", "active")


def test_a_switch_comes_by_the_nearest_who_decided_it(told: Told) -> None:
    group, upper_group = new_id(), new_id()
    top = told.customer(group=upper_group)
    branch = told.customer(top, group)
    decided = [("platform", "platform"), (upper_group, "ancestor_group"), (top, "ancestor"), (group, "group")]
    for number, (subject, source) in enumerate([*decided, (branch, "own")]):
        value = "on" if number % 2 else "off"
        told.scope(subject, **{ORDERS: value})
        found = told.switches(branch)[branch][ORDERS]
        expected_id = None if source == "platform" else subject
        assert (found.effective, found.source, found.source_id) == (value, source, expected_id)
    assert told.switches(branch)[branch][ORDERS].value == "off"


def test_without_any_decision_the_product_decides(told: Told) -> None:
    alone = told.customer()
    found = told.switches(alone)[alone]
    assert (found[ORDERS].effective, found[ORDERS].value) == ("off", "inherit")
    assert found["inherit_global_marketplace"].effective == "on"


def test_a_lock_above_bars_everybody_below_it(told: Told) -> None:
    top = told.customer()
    branch = told.customer(top)
    told.scope(branch, **{ORDERS: "on"})
    told.scope(top, locks=[ORDERS], **{ORDERS: "off"})
    found = told.switches(branch)[branch][ORDERS]
    assert (found.effective, found.value, found.source) == ("off", "on", "ancestor")
    assert found.locked_by is not None
    assert found.locked_by.source_id == top
    told.scope(top, 2, **{ORDERS: "off"})
    assert told.switches(branch)[branch][ORDERS].effective == "on"


def test_a_licence_counts_where_it_was_acknowledged(told: Told) -> None:
    alone = told.customer()
    told.scope(alone, hr_sync_enabled="on")
    assert not told.switches(alone)[alone]["hr_sync_enabled"].active
    told.scope(alone, 2, licensed=True, hr_sync_enabled="on")
    assert told.switches(alone)[alone]["hr_sync_enabled"].active


def test_an_older_decision_changes_nothing(told: Told) -> None:
    alone = told.customer()
    told.scope(alone, 2, **{ORDERS: "on"})
    told.scope(alone, 1, **{ORDERS: "off"})
    assert told.switches(alone)[alone][ORDERS].effective == "on"


def test_many_customers_are_resolved_each_by_its_own_walk(told: Told) -> None:
    ids = [told.customer() for _ in range(5)]
    for number, one in enumerate(ids):
        told.scope(one, **{ORDERS: "on" if number % 2 else "off"})
    found = told.switches(*ids, new_id())
    assert [found[one][ORDERS].effective for one in ids] == ["off", "on", "off", "on", "off"]
    assert set(found) == set(ids)


def test_a_portal_walks_up_from_its_own_customers_and_from_nobody_else(told: Told) -> None:
    top = told.customer()
    branch, sibling = told.customer(top), told.customer(top)
    told.scope(top, **{ORDERS: "on"})
    scope = Scope((branch,))
    assert told.line(branch, scope) == [branch, top]
    assert told.switches(branch, sibling, top, scope=scope).keys() == {branch}
    assert told.switches(branch, scope=scope)[branch][ORDERS].effective == "on"
    for stranger in (sibling, top, new_id()):
        assert told.line(stranger, scope) == []
    assert told.line(branch, Scope(())) == []


def test_a_portal_reads_the_rows_of_its_own_customers_and_writes_none(told: Told) -> None:
    top = told.customer()
    branch = told.customer(top)
    scope = Scope((branch,))
    read = text("SELECT id::text FROM replica_customers")
    assert told.database.run(lambda session: session.execute(read).scalars().all(), scope) == [branch]
    for forbidden in ("SELECT 1 FROM replica_scopes", "UPDATE replica_customers SET name = 'Mine'"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            told.database.run(lambda session, statement=forbidden: session.execute(text(statement)), scope)
