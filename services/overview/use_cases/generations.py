"""Generations of the read models: built beside the one that serves, and put in its place in one moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.db import Database
from overview.domain.names import CONSUMER, consumer_of

_WHOLE_LOG = "10min"
_LONGEST_TRANSACTION = timedelta(minutes=5)
_SWAP_LOCK_MS = 1_500  # handlers give up waiting for a lock after 2 s; a change of generations must be shorter


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of what the serving generation holds is in the one that is being built."""

    done: int
    total: int


def begin(session: Session) -> int:
    """Creates an empty generation and returns its number. There must be none besides the one that serves."""
    number = session.execute(text("SELECT max(number) + 1 FROM generations")).scalar_one()
    session.execute(text("SELECT create_generation(:number)"), {"number": number})
    return int(number)


def others(session: Session) -> list[int]:
    """The generations that do not serve: retired ones, and those whose building was broken off."""
    numbers = session.execute(text("SELECT number FROM generations WHERE state <> 'serving' ORDER BY number"))
    return list(numbers.scalars())


def drop(database: Database, number: int) -> None:
    """Drops a generation that does not serve, once the last reader of its tables has ended."""
    forget_consumer(database, number)
    database.run(lambda session: session.execute(text("SELECT drop_generation(:number)"), {"number": number}))


def forget_consumer(database: Database, number: int) -> None:
    """Forgets which events a generation's own consumer has handled, a portion at a time."""
    names = {"consumer": consumer_of(number)}
    for statement in _FORGET:
        while database.run(lambda session, sql=statement: session.execute(sql, names).rowcount):  # type: ignore[misc]
            pass


def progress(session: Session, number: int) -> Progress:
    """How far the building is."""
    names = {"live": CONSUMER, "built": consumer_of(number)}
    counts = {consumer: int(count) for consumer, count in session.execute(_COUNTS, names)}
    return Progress(counts.get(consumer_of(number), 0), counts.get(CONSUMER, 0))


def lacks(session: Session, number: int, since: datetime | None = None) -> int:
    """How many events (up to 1,000) the serving generation has handled, since a moment, and the other one has not, or
    holds back."""
    names = {"live": CONSUMER, "built": consumer_of(number), "since": since}
    return int(session.execute(_LACKS, names).scalar_one())


def try_swap(database: Database, number: int) -> bool:
    """Lets the generation serve if it lacks nothing; otherwise changes nothing. While it looks a second time, no event
    takes effect in the serving generation; readers read on."""
    with database.transaction() as session:
        session.execute(text(f"SET LOCAL statement_timeout = '{_WHOLE_LOG}'"))
        started = session.execute(text("SELECT now()")).scalar_one()
        if lacks(session, number):
            return False
    with database.transaction() as session:
        session.execute(text(f"SET LOCAL lock_timeout = {_SWAP_LOCK_MS}"))
        session.execute(text(f"SET LOCAL statement_timeout = {_SWAP_LOCK_MS}"))
        session.execute(text("SELECT 1 FROM generations WHERE state = 'serving' FOR UPDATE"))
        # Only what came since the first look, so that the lock is short however long the log is.
        if lacks(session, number, started - _LONGEST_TRANSACTION):
            return False
        session.execute(text("SELECT serve_generation(:number)"), {"number": number})
    return True


_FORGET = [
    text(
        f"DELETE FROM {table} WHERE ctid = ANY (ARRAY("  # noqa: S608  # our own names
        f"SELECT ctid FROM {table} WHERE consumer = :consumer LIMIT 10000))"
    )
    for table in ("inbox", "held", "deliveries")
]

_COUNTS = text("SELECT consumer, count(*) FROM inbox WHERE consumer IN (:live, :built) GROUP BY consumer")

_LACKS = text(
    """
    SELECT count(*) FROM (
        SELECT 1 FROM inbox live
        WHERE live.consumer = :live
          AND (CAST(:since AS timestamptz) IS NULL OR live.received_at >= :since)
          AND NOT EXISTS (SELECT 1 FROM inbox built WHERE built.consumer = :built AND built.event_id = live.event_id)
        UNION ALL
        SELECT 1 FROM held
        WHERE held.consumer = :built
          AND NOT EXISTS (SELECT 1 FROM held live WHERE live.consumer = :live AND live.event_id = held.event_id)
        LIMIT 1000
    ) AS lacking
    """
)
