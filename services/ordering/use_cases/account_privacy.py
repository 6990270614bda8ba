"""Orders, quotes and standing orders of an account that is erased: what was asked for stays, who asked is gone, and the
readers of the events hear of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select, text
from sqlalchemy.orm import Session

from common import outbox
from common.outbox import Draft
from common.records import as_record
from ordering.events import orders as order_events
from ordering.events import quotes as quote_events
from ordering.events import services as service_events
from ordering.events import standing_orders as standing_order_events
from ordering.queries.quotes import newest_revisions
from ordering.tables.orders import orders
from ordering.tables.quotes import quotes
from ordering.tables.services import services
from ordering.tables.standing_orders import standing_orders
from ordering.use_cases.orders.store import lines_of, moment

Row = dict[str, Any]


def forget_account(session: Session, account_id: str) -> None:
    """Takes the name of an account off everything that it asked for."""
    values = {"id": account_id, "actor": f"portal:{account_id}", "now": moment(session)}
    session.execute(_REVISIONS, values)
    for statement, tell in ((_ORDERS, tell_orders), (_QUOTES, _tell_quotes), (_STANDING, _tell_standing_orders)):
        ids = session.execute(statement, values).scalars().all()
        for draft in tell(session, ids) if ids else ():
            outbox.add(session, draft)


def forget_people(session: Session, ids: Sequence[str]) -> dict[str, int]:
    """Forgets what people were called who use services; returns of how many services that was."""
    session.execute(_PEOPLE_OF_ORDERS, {"ids": list(ids)})
    found = session.execute(_PEOPLE, {"ids": list(ids), "now": moment(session)}).scalars().all()
    for row in _rows(session, services, found):
        outbox.add(session, service_events.service("changed", row))
    return {"services": len(found)}


def tell_orders(session: Session, ids: Sequence[str]) -> Iterable[Draft]:
    """The state of orders, whole."""
    lines = lines_of(session, ids)
    return [order_events.order("updated", row, lines.get(row["id"], [])) for row in _rows(session, orders, ids)]


def _tell_quotes(session: Session, ids: Sequence[str]) -> Iterable[Draft]:
    revisions: Mapping[str, Mapping[str, Any]] = newest_revisions(session, ids)
    return [quote_events.quote("updated", row, revisions[row["id"]]) for row in _rows(session, quotes, ids)]


def _tell_standing_orders(session: Session, ids: Sequence[str]) -> Iterable[Draft]:
    build: Callable[..., Draft] = standing_order_events.standing_order
    return [build("updated", row) for row in _rows(session, standing_orders, ids)]


def _rows(session: Session, table: Table, ids: Sequence[str]) -> list[Row]:
    statement = select(table).where(table.c.id.in_(ids)).order_by(table.c.id)
    return [as_record(row) for row in session.execute(statement).mappings()]


_ORDERS = text(
    """
    UPDATE orders SET requester_label = NULL, version = version + 1, updated_at = :now
    WHERE requester_id = CAST(:id AS uuid) AND requester_label IS NOT NULL RETURNING id::text
    """
)
_QUOTES = text(
    """
    UPDATE quotes SET requester_label = NULL, version = version + 1, updated_at = :now
    WHERE requester_id = CAST(:id AS uuid) AND requester_label IS NOT NULL RETURNING id::text
    """
)
_REVISIONS = text(
    "UPDATE quote_revisions SET made_by_label = NULL WHERE made_by = :actor AND made_by_label IS NOT NULL"
)
# Why it could not order may say in whose name it would have.
_STANDING = text(
    """
    UPDATE standing_orders SET owner_label = NULL, last_detail = NULL, version = version + 1, updated_at = :now
    WHERE owner = :actor AND owner_label IS NOT NULL RETURNING id::text
    """
)
# For whom an order is, is told by its services alone.
_PEOPLE_OF_ORDERS = text(
    "UPDATE orders SET assignment = assignment #- '{person,label}' WHERE assignment->'person'->>'id' = ANY (:ids)"
)
_PEOPLE = text(
    """
    UPDATE services SET person_label = NULL, version = version + 1, updated_at = :now
    WHERE person_id = ANY (CAST(:ids AS uuid[])) AND person_label IS NOT NULL RETURNING id::text
    """
)
