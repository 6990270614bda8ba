"""What is due at properties: assignments that begin or end today, and the moves that planned them.

What counts as current changes here and nowhere else, with its event, so that no reader needs a clock.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from common import outbox
from customer import events
from customer.tables.properties import assignments, moves, properties
from customer.use_cases import store
from customer.use_cases.store import Record

_PORTION = 100


def advance(session: Session) -> int:
    """Does what is due at up to 100 properties, for each only what is due on its earliest day: a call after a long
    silence goes day by day, as it would have been. Properties that somebody else holds are left for the next call.
    Returns how many assignments and moves changed."""
    today = store.today(session)
    ids = list(session.execute(_DUE, {"today": today, "most": _PORTION}).scalars())
    places = {place["id"]: place for place in _locked(session, ids)}
    changing = _due_assignments(session, list(places), today)
    executed = _due_moves(session, list(places), today)
    first = _earliest([*changing, *executed])
    changing = [each for each in changing if _day(each) == first[each["property_id"]]]
    executed = [each for each in executed if each["day"] == first[each["property_id"]]]
    now = store.moment(session)
    # Ends come first, so that a reader never sees two occupants.
    ended = [_next(each, now, state="ended") for each in changing if each["state"] == "current"]
    started = [_next(each, now, state="current") for each in changing if each["state"] == "planned"]
    done = [_next(each, now, state="executed", executed_at=now) for each in executed]
    store.update(session, assignments, [*ended, *started])
    store.update(session, moves, done)
    for record in ended:
        outbox.add(session, events.assignment("ended", record, places[record["property_id"]]))
    for record in started:
        outbox.add(session, events.assignment("started", record, places[record["property_id"]]))
    for record in done:
        outbox.add(session, events.move("executed", record, places[record["property_id"]]))
    return len(ended) + len(started) + len(done)


def _locked(session: Session, ids: list[str]) -> list[Record]:
    if not ids:
        return []
    held = select(properties).where(properties.c.id.in_(ids)).order_by(properties.c.id)
    rows = session.execute(held.with_for_update(key_share=True, skip_locked=True)).mappings()
    return [_plain(row) for row in rows]


def _due_assignments(session: Session, ids: list[str], today: date) -> list[Record]:
    due = or_(
        (assignments.c.state == "planned") & (assignments.c.starts_on <= today),
        (assignments.c.state == "current") & (assignments.c.until <= today),
    )
    statement = select(assignments).where(assignments.c.property_id.in_(ids), due).order_by(assignments.c.id)
    return [_plain(row) for row in session.execute(statement.with_for_update(key_share=True)).mappings()]


def _due_moves(session: Session, ids: list[str], today: date) -> list[Record]:
    due = (moves.c.state == "planned") & (moves.c.day <= today)
    statement = select(moves).where(moves.c.property_id.in_(ids), due).order_by(moves.c.day, moves.c.id)
    return [_plain(row) for row in session.execute(statement).mappings()]


def _earliest(due: Iterable[Record]) -> dict[str, date]:
    first: dict[str, date] = {}
    for each in due:
        first[each["property_id"]] = min(first.get(each["property_id"], date.max), _day(each))
    return first


def _day(due: Record) -> date:
    if "day" in due:
        return due["day"]  # type: ignore[no-any-return]
    return due["starts_on"] if due["state"] == "planned" else due["until"]  # type: ignore[no-any-return]


def _next(record: Record, now: Any, **fields: Any) -> Record:
    return {**record, **fields, "version": record["version"] + 1, "updated_at": now}


def _plain(row: Mapping[Any, Any]) -> Record:
    return {str(name): value for name, value in row.items()}


_DUE = text(
    """
    SELECT DISTINCT CAST(property_id AS text) FROM (
        (SELECT property_id FROM assignments WHERE state = 'planned' AND starts_on <= :today LIMIT :most)
        UNION ALL
        (SELECT property_id FROM assignments
         WHERE state = 'current' AND until IS NOT NULL AND until <= :today LIMIT :most)
        UNION ALL
        (SELECT property_id FROM moves WHERE state = 'planned' AND day <= :today LIMIT :most)
    ) AS due LIMIT :most
    """
)
