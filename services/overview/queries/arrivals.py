"""What has arrived since a number: for the live stream, in the order of the numbers."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from overview.tables import arrivals


def newest(session: Session) -> int:
    """The number of the newest arrival, 0 where there is none."""
    return int(session.execute(select(func.coalesce(func.max(arrivals.c.number), 0))).scalar_one())


def since(session: Session, number: int, limit: int) -> list[dict[str, Any]]:
    """The arrivals after a number."""
    rows = session.execute(
        select(arrivals).where(arrivals.c.number > number).order_by(arrivals.c.number).limit(limit)
    ).mappings()
    return [dict(row) for row in rows]
