"""Who has which role at a property, and from which day to which.

Everything here happens under the property's lock, then the customer's. That one customer at most occupies a property on
any day is also a constraint of the table.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.assignments import LABELS, Period, rewrites_past, stated
from customer.domain.changes import changes
from customer.domain.moves import refuse_clashes
from customer.errors.properties import (
    AssignmentBegun,
    AssignmentNotFound,
    AssignmentOfMove,
    HasAssignments,
    PropertyClosed,
    ReasonNeeded,
)
from customer.tables.properties import assignments
from customer.use_cases import store
from customer.use_cases.holders import holders
from customer.use_cases.locking import check_version, lock_customer
from customer.use_cases.properties import lock_property
from customer.use_cases.store import Record

Body = Mapping[str, Any]

_FIELDS = ("role", "starts_on", "until")
_VERBS: dict[str, events.AssignmentVerb] = {"planned": "planned", "current": "started", "ended": "ended"}


def assign(session: Session, customer_id: str, body: Body) -> Record:
    """Gives a customer a role at a property, from today where no day is named. Returns its state. Raises
    PropertyClosed, AlreadyAssigned and PropertyOccupied, which names the occupant and the free days."""
    place = lock_property(session, body["property_id"], pointer="/property_id")
    lock_customer(session, customer_id)
    refuse_closed(place)
    starts_on = body.get("starts_on") or store.today(session)
    record = new_assignment(session, place, customer_id, body["role"], starts_on, body.get("until"))
    Period.of(record).check()
    refuse_clashes(record, holders(session, place["id"], starts_on))
    add(session, record, place)
    return record


def change_assignment(session: Session, customer_id: str, assignment_id: str, version: int, body: Body) -> Record:
    """Changes role or days of an assignment; setting `until` ends it. What changes for days that have passed needs a
    `reason`. Returns its state."""
    place, before = _lock(session, customer_id, assignment_id)
    check_version(before, version)
    after = before | {field: body[field] for field in _FIELDS if field in body}
    if stated(after) == stated(before):
        return before
    Period.of(after).check()
    _refuse_planned(session, place, before)
    if rewrites_past(before, after, store.today(session)) and not body.get("reason"):
        raise ReasonNeeded(
            "This changes who had the property on days that have passed; say why in `reason`.",
            errors=[FieldError("/reason", "Is needed to correct the past.")],
        )
    if place["status"] == "closed" and Period.of(after).state(store.today(session)) != "ended":
        refuse_closed(place)
    refuse_clashes(after, holders(session, place["id"], after["starts_on"]))
    return write(session, before, after, place, reason=body.get("reason"))


def remove_assignment(session: Session, customer_id: str, assignment_id: str, version: int) -> None:
    """Removes an assignment that has not begun; raises AssignmentBegun for others, whose days stay known."""
    place, record = _lock(session, customer_id, assignment_id)
    check_version(record, version)
    if record["state"] != "planned":
        raise AssignmentBegun(
            "The assignment has begun and stays in the history; end it with `to`, or correct its days with a reason."
        )
    _refuse_planned(session, place, record)
    drop(session, record, place)


def refuse_closed(place: Record) -> None:
    """Raises PropertyClosed."""
    if place["status"] == "closed":
        raise PropertyClosed(f"Property {place['number']} is closed; open it again first, or choose another.")


def refuse_with_assignments(session: Session, customer: Record, what: str) -> None:
    """Raises HasAssignments while a locked customer has properties or will have some; ended ones do not count."""
    rows = session.execute(_LIVE, {"id": customer["id"]}).mappings().all()
    if rows:
        numbers = ", ".join(dict.fromkeys(row["number"] for row in rows))
        raise HasAssignments(
            f"Customer {customer['number']} has the properties {numbers}; end these assignments before you {what}.",
            facts={"assignments": [dict(row) for row in rows]},
        )


def new_assignment(
    session: Session,
    place: Record,
    customer_id: str,
    role: str,
    starts_on: date,
    until: date | None,
    *,
    move_id: str | None = None,
) -> Record:
    """An assignment as it begins; nothing is written."""
    now = store.moment(session)
    return {
        "id": new_id(),
        "property_id": place["id"],
        "stretch": place["stretch"],
        "customer_id": customer_id,
        "role": role,
        "starts_on": starts_on,
        "until": until,
        "state": Period(starts_on, until).state(now.date()),
        "move_id": move_id,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }


def add(session: Session, record: Record, place: Record) -> None:
    """Writes a new assignment of a locked property, with its event."""
    store.insert(session, assignments, [record])
    outbox.add(session, events.assignment(_VERBS[record["state"]], record, place))


def write(session: Session, before: Record, after: Record, place: Record, *, reason: str | None = None) -> Record:
    """Writes the next version of an assignment of a locked property; its event says where it now stands, or only that
    it changed. Returns its state."""
    after = after | {
        "state": Period.of(after).state(store.today(session)),
        "version": before["version"] + 1,
        "updated_at": store.moment(session),
    }
    store.update(session, assignments, [after])
    verb = "changed" if after["state"] == before["state"] else _VERBS[after["state"]]
    differing = changes(stated(before), stated(after), LABELS)
    outbox.add(session, events.assignment(verb, after, place, reason=reason, changes=differing))
    return after


def drop(session: Session, record: Record, place: Record, *, reason: str | None = None) -> None:
    """Deletes an assignment of a locked property that has not begun."""
    store.remove(session, assignments, record["id"])
    gone = record | {"version": record["version"] + 1}
    outbox.add(session, events.assignment("removed", gone, place, reason=reason))


def _lock(session: Session, customer_id: str, assignment_id: str) -> tuple[Record, Record]:
    found = store.find(session, assignments, assignment_id, customer_id=customer_id)
    if found is not None:
        place = lock_property(session, found["property_id"])
        lock_customer(session, customer_id)
        found = store.find(session, assignments, assignment_id, customer_id=customer_id)
    if found is None:
        raise AssignmentNotFound("This customer has no such assignment.")
    return place, found


def _refuse_planned(session: Session, place: Record, record: Record) -> None:
    row = session.execute(_PLANNED, {"property": place["id"], "id": record["id"], "move": record["move_id"]})
    move = row.mappings().one_or_none()
    if move is not None:
        raise AssignmentOfMove(
            f"The move planned for {move['day'].isoformat()} decides about this assignment; cancel that move first.",
            facts={"move_id": move["id"], "kind": move["kind"]},
        )


_LIVE = text(
    """
    SELECT CAST(a.id AS text) AS assignment_id, CAST(p.id AS text) AS property_id, p.number, a.role
    FROM assignments a JOIN properties p ON p.id = a.property_id
    WHERE a.customer_id = CAST(:id AS uuid) AND a.state <> 'ended' ORDER BY p.number, a.id LIMIT 20
    """
)
_PLANNED = text(
    """
    SELECT CAST(id AS text) AS id, kind, day FROM moves
    WHERE property_id = CAST(:property AS uuid) AND state = 'planned'
      AND (id = CAST(:move AS uuid)
           OR ends @> jsonb_build_array(jsonb_build_object('assignment_id', CAST(:id AS text))))
    ORDER BY day LIMIT 1
    """
)
