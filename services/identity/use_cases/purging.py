"""Forgetting what no longer counts, in small bites."""

from datetime import timedelta
from threading import Event as Stop

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from common.clock import Clock
from common.db import Database
from identity.tables import links, reset_requests, revocations, sessions
from identity.use_cases import attempts
from identity.use_cases.revocations import REMEMBERED_MINUTES
from identity.use_cases.sessions import IDLE

_BITE = 1_000
_REQUESTS_ARE_KEPT = timedelta(days=14)
_UNKNOWN_REQUESTS_ARE_KEPT = timedelta(hours=1)


def purge(database: Database, clock: Clock, stop: Stop) -> bool:
    """One round; returns whether there may be more to do at once."""
    if stop.is_set():
        return False
    return database.run(lambda session: _round(session, clock))


def _round(session: Session, clock: Clock) -> bool:
    now = clock.now()
    idle = (
        select(sessions.c.id).where(sessions.c.last_used_at < now - IDLE).limit(_BITE).with_for_update(skip_locked=True)
    )
    ended = session.execute(delete(sessions).where(sessions.c.id.in_(idle)))
    remembered = func.make_interval(0, 0, 0, 0, 0, REMEMBERED_MINUTES * 2)
    session.execute(delete(revocations).where(revocations.c.revoked_at < func.now() - remembered))
    session.execute(delete(links).where(links.c.expires_at < now))
    session.execute(delete(reset_requests).where(reset_requests.c.requested_at < now - _REQUESTS_ARE_KEPT))
    session.execute(
        delete(reset_requests).where(
            reset_requests.c.account_id.is_(None), reset_requests.c.requested_at < now - _UNKNOWN_REQUESTS_ARE_KEPT
        )
    )
    attempts.purge(session, clock)
    return int(ended.rowcount) >= _BITE  # type: ignore[attr-defined]
