"""What buyers were asked about promised days."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordering.tables.date_decisions import date_decisions


def decisions_of(session: Session, order_id: str) -> dict[str, Mapping[str, Any]]:
    """By line of an order, what is or was in question about its day."""
    asked = date_decisions.c.decision.is_not(None)
    statement = select(date_decisions).where(date_decisions.c.order_id == order_id, asked)
    return {row["id"]: dict(row) for row in session.execute(statement).mappings()}
