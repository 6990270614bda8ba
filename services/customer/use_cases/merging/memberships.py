"""Segments in which somebody put a merged customer by hand, or out of which somebody kept it: the survivor follows."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from customer.use_cases.segments import members
from customer.use_cases.store import moment
from customer_rules import When


def follow_segments(session: Session, survivor_id: str, loser_ids: Sequence[str]) -> None:
    """Decides for the survivor what was decided for a loser, unless something was decided for the survivor itself.
    Where the losers differ, one that was put in wins."""
    when = When(moment(session))
    for row in session.execute(_DECIDED, {"survivor": survivor_id, "losers": list(loser_ids)}):
        members.decide(session, row.segment_id, survivor_id, "in" if row.source == "manual_in" else "out", when)


_DECIDED = text(
    """
    SELECT CAST(m.segment_id AS text) AS segment_id, min(m.source) AS source
    FROM segment_members m JOIN segments s ON s.id = m.segment_id AND s.deleted_at IS NULL
    WHERE m.customer_id = ANY (CAST(:losers AS uuid[])) AND m.source <> 'rule'
      AND NOT EXISTS (
          SELECT 1 FROM segment_members own
          WHERE own.segment_id = m.segment_id AND own.customer_id = CAST(:survivor AS uuid) AND own.source <> 'rule')
    GROUP BY m.segment_id ORDER BY m.segment_id
    """
)
