"""Gaps: aggregates of which a newer version has arrived, but not every version before it."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

_GAPS = text(
    "SELECT entity, subject, newest, newest - seen AS missing FROM aggregates"
    " WHERE newest <> seen ORDER BY entity, subject LIMIT :limit"
)
_COUNT = text("SELECT count(*) FROM aggregates WHERE newest <> seen")


def gaps(session: Session, limit: int = 1_000) -> list[dict[str, Any]]:
    """The aggregates with missing versions: `{entity, subject, newest, missing}`."""
    return [dict(row) for row in session.execute(_GAPS, {"limit": limit}).mappings()]


def count_gaps(session: Session) -> int:
    """How many aggregates have missing versions. While their events are on the way, some have for a moment."""
    return int(session.execute(_COUNT).scalar_one())
