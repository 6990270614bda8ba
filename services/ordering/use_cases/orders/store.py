"""An order with its lines as one thing: locked, read and written set-based, each change with its event."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.context import Context
from common.pipeline import send
from common.records import updating
from ordering.domain.orders import ENDED
from ordering.errors import Changed
from ordering.errors.orders import OrderNotFound, RevisionChanged
from ordering.events import orders as events
from ordering.tables.orders import order_lines, orders
from ordering.use_cases import store
from ordering.use_cases.services.following import follow_order
from ordering.use_cases.store import moment

Row = dict[str, Any]


__all__ = [
    "Order",
    "Row",
    "add_lines",
    "automatically",
    "find",
    "insert",
    "is_portal",
    "lines_of",
    "lock",
    "moment",
    "read",
    "replace_lines",
    "save",
    "save_lines",
]


@dataclass(slots=True)
class Order:
    """The row of an order, and its lines by position."""

    row: Row
    lines: list[Row]

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def status(self) -> str:
        return str(self.row["status"])


def is_portal(session: Session) -> bool:
    """Whether a customer's account acts, not the provider or a program of it."""
    return bool(session.info["scope"].is_portal)


def lock(session: Session, order_id: str, *, version: int | None = None, revision: int | None = None) -> Order:
    """Locks an order and reads it with its lines. Raises OrderNotFound, Changed where it is not at `version`, and
    RevisionChanged where its content is not that of `revision`."""
    found = find(session, order_id)
    if found is None:
        raise OrderNotFound("There is no such order.")
    if version is not None and found.row["version"] != version:
        raise Changed(
            "Somebody else changed the order in the meantime; read it again and repeat your change.",
            facts={"current_version": found.row["version"]},
        )
    if revision is not None and found.row["revision"] != revision:
        raise RevisionChanged(
            f"The order is at revision {found.row['revision']}; read it again and decide about what it holds now.",
            facts={"current_revision": found.row["revision"]},
        )
    return found


def find(session: Session, order_id: str) -> Order | None:
    """Locks an order and reads it with its lines; None where there is none."""
    statement = select(orders).where(orders.c.id == order_id).with_for_update(key_share=True)
    row = session.execute(statement).mappings().one_or_none()
    return None if row is None else Order(_record(row), lines_of(session, [order_id]).get(order_id, []))


def read(session: Session, order_ids: Sequence[str]) -> list[Order]:
    """Orders with their lines, as they are, in no order; the caller holds them locked where it matters."""
    if not order_ids:
        return []
    rows = session.execute(select(orders).where(orders.c.id.in_(order_ids))).mappings().all()
    lines = lines_of(session, order_ids)
    return [Order(_record(row), lines.get(row["id"], [])) for row in rows]


def lines_of(session: Session, order_ids: Sequence[str]) -> dict[str, list[Row]]:
    """The lines of orders, by order and position."""
    found: dict[str, list[Row]] = {}
    statement = select(order_lines).where(order_lines.c.order_id.in_(order_ids)).order_by(order_lines.c.position)
    for row in session.execute(statement).mappings():
        found.setdefault(row["order_id"], []).append(_record(row))
    return found


def insert(session: Session, order: Order) -> None:
    """Writes a new order, which is at version 1, and tells it."""
    store.insert(session, orders, [order.row])
    store.insert(session, order_lines, _rows(order.lines))
    outbox.add(session, events.order("drafted", order.row, order.lines))


def save(session: Session, order: Order, verb: str, *, changes: Sequence[dict[str, Any]] = ()) -> None:
    """Writes the present state of a locked order and of its lines, as its next version, and tells it."""
    now = moment(session)
    order.row |= {"version": order.row["version"] + 1, "updated_at": now}
    if order.status in ENDED:
        order.row |= {"ended_at": order.row["ended_at"] or now, "hold_reasons": []}
    send(session, [updating(orders, [order.row]), updating(order_lines, _rows(order.lines))])
    outbox.add(session, events.order(verb, order.row, order.lines, changes=changes))
    follow_order(session, order.row, order.lines)


def save_lines(session: Session, order: Order) -> None:
    """Writes the lines alone; the next event of the order tells them."""
    store.update(session, order_lines, _rows(order.lines))


def add_lines(session: Session, lines: Sequence[Row]) -> None:
    """Writes lines that are new; the next event of the order tells them."""
    store.insert(session, order_lines, _rows(lines))


def replace_lines(session: Session, order: Order, lines: list[Row]) -> None:
    """Gives a draft other lines."""
    session.execute(order_lines.delete().where(order_lines.c.order_id == order.id))
    store.insert(session, order_lines, _rows(lines))
    order.lines = lines


@contextmanager
def automatically(session: Session, why: str) -> Iterator[None]:
    """What happens inside is done by the product itself, and its events say so: `why` names the rule."""
    context: Context = session.info["context"]
    session.info["context"] = replace(context, actor=f"system:{why}", actor_label=why.replace("-", " ").capitalize())
    try:
        yield
    finally:
        session.info["context"] = context


def _record(row: Mapping[Any, Any]) -> Row:
    return {str(name): value for name, value in row.items()}


def _rows(lines: Sequence[Row]) -> list[Row]:
    return [line | {"discount": str(line["discount"])} for line in lines]
