"""What is to come back of an order, or came back, what is claimed of it, as the warehouse has told it, and what is sent
instead."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordering.tables.exchanges import exchanges, replica_claims
from ordering.tables.orders import orders, replica_returns

Row = dict[str, Any]

_SHOWN = select(
    *(replica_returns.c[name] for name in ("id", "number", "status", "dedicated", "created_at", "ended_at", "lines"))
)
_REPLACING = select(
    exchanges.c.origin_id, exchanges.c.of_line_id, exchanges.c.quantity, orders.c.id, orders.c.number, orders.c.status
).join(orders, orders.c.id == exchanges.c.order_id)


def returns_of(session: Session, order_id: str) -> list[Row]:
    """The returns of an order, the newest first, each with the lines that are of it and with what is sent instead."""
    of_order = _SHOWN.where(replica_returns.c.order_ids.overlap([order_id])).order_by(replica_returns.c.id.desc())
    found = session.execute(of_order).mappings().all()
    sent = _replacing(session, order_id) if found else {}
    return [_return(row, order_id, sent.get(row["id"], [])) for row in found]


def claims_of(session: Session, order_id: str) -> list[Row]:
    """The claims of an order, the newest first, each with what is sent once more."""
    of_order = select(replica_claims).where(replica_claims.c.order_id == order_id).order_by(replica_claims.c.id.desc())
    found = session.execute(of_order).mappings().all()
    sent = _replacing(session, order_id) if found else {}
    return [{**row, "replacements": sent.get(row["id"], [])} for row in found]


def exchange_of(session: Session, order_id: str) -> Row | None:
    """For which return or claim of which order this one sends something at no charge."""
    of = exchanges.c
    statement = select(
        of.origin_kind.label("kind"), of.origin_id.label("id"), of.origin_number.label("number"), of.of_order_id
    ).where(of.order_id == order_id)
    row = session.execute(statement.limit(1)).mappings().one_or_none()
    return None if row is None else {str(name): value for name, value in row.items()}


def _replacing(session: Session, order_id: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    statement = _REPLACING.where(exchanges.c.of_order_id == order_id).order_by(exchanges.c.order_id)
    for row in session.execute(statement).mappings():
        shown = {"order_id": row["id"], "order_number": row["number"], "order_status": row["status"]}
        found.setdefault(row["origin_id"], []).append(
            shown | {"line_id": row["of_line_id"], "quantity": row["quantity"]}
        )
    return found


def _return(row: Mapping[Any, Any], order_id: str, sent: Sequence[Row]) -> Row:
    lines = [line for line in row["lines"] if line["order_id"] == order_id]
    return {**row, "lines": lines, "replacements": sent}
