"""What has arrived since a number: for the live stream, in the order of the numbers."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.clock import rfc3339
from overview.tables import arrivals


def newest(session: Session) -> int:
    """The number of the newest arrival, 0 where there is none."""
    return int(session.execute(select(func.coalesce(func.max(arrivals.c.number), 0))).scalar_one())


def since(session: Session, number: int, limit: int) -> list[dict[str, Any]]:
    """The arrivals after a number."""
    rows = session.execute(
        select(arrivals).where(arrivals.c.number > number).order_by(arrivals.c.number).limit(limit)
    ).mappings()
    return [{**row, "occurred_at": rfc3339(row["occurred_at"])} for row in rows]


def oldest(session: Session) -> int:
    """The number of the oldest arrival that is still known, 0 where there is none."""
    return int(session.execute(select(func.coalesce(func.min(arrivals.c.number), 0))).scalar_one())
