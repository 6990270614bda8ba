"""The statements by which a relay reads the outbox and marks what it sent, on its own connection in autocommit mode."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

BATCH = 500
BATCH_BYTES = 8 * 1024 * 1024
_LONGEST_PAUSE = 60.0
_MOST_COUNTED = 10_000

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Row:
    """An unsent event; `body` is the exact text that travels."""

    seq: int
    created_at: datetime
    id: str
    type: str
    partition_key: str
    lane: int
    attempts: int
    body: bytes


def prepare(connection: Connection) -> None:
    """Ties the planner to the indexes: everything here reads the head of one, and statistics from before a large import
    would make it read and sort the whole backlog for every batch. So tied, a plan is as good kept as made anew, and
    making it costs more than running it. Marks need not wait for the disk: one that is lost with the server makes an
    event go out twice, which every consumer withstands."""
    connection.execute(
        "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off;"
        " SET plan_cache_mode = force_generic_plan; SET synchronous_commit = off"
    )


def interactive(connection: Connection, blocked: Sequence[str]) -> list[Row]:
    """The next events of people's edits, and in front of each the unsent bulk events of its own key."""
    return _rows(connection, _INTERACTIVE, {"limit": BATCH, "blocked": list(blocked)})


def bulk(connection: Connection, blocked: Sequence[str], limit: int, after: int = 0) -> list[Row]:
    """The next events of mass changes. `after` saves walking past index entries of what was just sent; numbers become
    visible out of order, so it must return to 0 every so often."""
    return _rows(connection, _BULK, {"limit": limit, "blocked": list(blocked), "after": after})


def mark_sent(connection: Connection, rows: Sequence[Row]) -> None:
    """Notes that these are safe with the transport."""
    if rows:
        connection.execute(_SENT, _which(rows))


def mark_refused(connection: Connection, rows: Sequence[Row], reason: str) -> dict[str, float]:
    """Notes that these could not be sent; returns for each key the seconds until it may be tried again."""
    pauses: dict[str, float] = {}
    for row in rows:
        pause = min(_LONGEST_PAUSE, 2.0 ** min(row.attempts, 10)) * random.uniform(0.7, 1.0)  # noqa: S311
        pauses[row.partition_key] = max(pause, pauses.get(row.partition_key, 0.0))
    longest = max(pauses.values())
    connection.execute(_REFUSED, {**_which(rows), "error": reason, "pause": longest})
    return pauses


def backlog(connection: Connection) -> dict[str, tuple[int, float]]:
    """Per lane the number of unsent events (10,000 at most) and the age of the oldest in seconds."""
    found = {}
    for lane, number in (("interactive", 0), ("bulk", 1)):
        row = connection.execute(_BACKLOG, {"lane": number, "most": _MOST_COUNTED}).fetchone()
        found[lane] = (int(row[0]), float(row[1])) if row else (0, 0.0)
    return found


def _rows(connection: Connection, statement: str, values: dict[str, Any]) -> list[Row]:
    with connection.cursor(row_factory=class_row(Row)) as cursor:
        rows = cursor.execute(statement, values).fetchall()
    size = 0
    for number, row in enumerate(rows):
        size += len(row.body)
        if size > BATCH_BYTES and number:
            return rows[:number]
    return rows


def _which(rows: Sequence[Row]) -> dict[str, Any]:
    # The moments let PostgreSQL leave out the partitions of other months.
    moments = [row.created_at for row in rows]
    return {"seqs": [row.seq for row in rows], "first": min(moments), "last": max(moments)}


_COLUMNS = "seq, created_at, id::text AS id, type, partition_key, lane, attempts, convert_to(body, 'UTF8') AS body"
_INTERACTIVE = f"""
    WITH edits AS MATERIALIZED (
        SELECT * FROM outbox
        WHERE sent_at IS NULL AND lane = 0 AND partition_key <> ALL (%(blocked)s::text[])
        ORDER BY seq LIMIT %(limit)s
    ), before AS (
        SELECT earlier.* FROM (SELECT partition_key, max(seq) AS seq FROM edits GROUP BY partition_key) AS keys
        CROSS JOIN LATERAL (
            SELECT * FROM outbox
            WHERE sent_at IS NULL AND outbox.partition_key = keys.partition_key
              AND lane + 0 = 1 AND outbox.seq + 0 < keys.seq -- so that only an index by key can serve
            ORDER BY outbox.seq -- so that it is that of unsent events: a key may have a million that were sent
            OFFSET 0 -- so that the key is looked up in it: a plan made while the log was short would read all of it
        ) AS earlier
    )
    SELECT {_COLUMNS} FROM (SELECT * FROM edits UNION ALL SELECT * FROM before) AS next ORDER BY seq
"""  # noqa: S608
_BULK = f"""
    SELECT {_COLUMNS} FROM outbox
    WHERE sent_at IS NULL AND lane = 1 AND seq > %(after)s AND partition_key <> ALL (%(blocked)s::text[])
    ORDER BY seq LIMIT %(limit)s
"""  # noqa: S608
_THESE = "created_at BETWEEN %(first)s AND %(last)s AND seq = ANY (%(seqs)s::bigint[])"
_SENT = f"UPDATE outbox SET sent_at = now() WHERE {_THESE}"  # noqa: S608
_REFUSED = (
    "UPDATE outbox SET attempts = attempts + 1, last_error = %(error)s,"  # noqa: S608
    f" next_attempt_at = now() + make_interval(secs => %(pause)s) WHERE {_THESE}"
)
_BACKLOG = """
    SELECT (SELECT count(*) FROM (
               SELECT 1 FROM outbox WHERE sent_at IS NULL AND lane = %(lane)s LIMIT %(most)s) AS unsent),
           coalesce(extract(epoch FROM clock_timestamp() - (
               SELECT created_at FROM outbox WHERE sent_at IS NULL AND lane = %(lane)s ORDER BY seq LIMIT 1)), 0)
"""
