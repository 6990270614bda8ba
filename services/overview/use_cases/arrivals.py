"""Numbers for what has arrived: without gaps, in the order in which it became visible, given by one process at a time.

A reader who has seen number N has seen everything below N, because a number is given only to what is committed.
"""

from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

BATCH = 1_000
_KEPT = "24 hours"

_NUMBER = """
    WITH taken AS (
        DELETE FROM arrivals_waiting
        WHERE position IN (SELECT position FROM arrivals_waiting ORDER BY position LIMIT %(batch)s)
        RETURNING *
    ), fresh AS (
        SELECT taken.*, row_number() OVER (ORDER BY position) AS place FROM taken
        WHERE NOT EXISTS (
            SELECT 1 FROM arrivals
            WHERE arrivals.event_id = taken.event_id AND arrivals.customer_id IS NOT DISTINCT FROM taken.customer_id)
    ), numbered AS (
        INSERT INTO arrivals (number, event_id, customer_id, type, subject, kind, verb, occurred_at, visibility, needs)
        SELECT (SELECT coalesce(max(number), 0) FROM arrivals) + place,
               event_id, customer_id, type, subject, kind, verb, occurred_at, visibility, needs
        FROM fresh
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM taken), (SELECT count(*) FROM numbered)
    """

# The newest row stays, whatever its age: it holds the number from which the next ones count on.
_TRIM = text(
    f"""
    DELETE FROM arrivals WHERE number IN (
        SELECT number FROM arrivals
        WHERE arrived_at < now() - interval '{_KEPT}' AND number < (SELECT max(number) FROM arrivals)
        ORDER BY arrived_at LIMIT 10000
    )
    """  # noqa: S608  # our own constant
)


def number_arrivals(connection: "psycopg.Connection[Any]") -> tuple[int, int]:
    """Numbers one batch of what waits, as a transaction of its own on the connection that holds the lock; returns how
    many were taken, and how many of them were new."""
    row = connection.execute(_NUMBER, {"batch": BATCH}, prepare=True).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def trim_arrivals(session: Session) -> int:
    """Forgets old arrivals; returns how many."""
    return session.execute(_TRIM).rowcount  # type: ignore[attr-defined, no-any-return]
