"""Moving in and out: planned for a day or done at once, shown before, cancelled while planned.

A planned move is in the calendar from the moment it is planned: the one who leaves has an end, the one who comes has a
beginning. So nobody can be put between, two moves cannot take the same days, and on the day nothing is left to fail.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.moves import ended_by_moving_in, ended_by_moving_out, refuse_clashes, staying, warnings
from customer.errors import CustomerNotFound, Unsuitable
from customer.errors.properties import (
    AssignmentOfMove,
    HasPlannedMoves,
    MoveExecuted,
    MoveHasSuccessor,
    MoveNotFound,
)
from customer.tables.customers import addresses
from customer.tables.properties import moves
from customer.use_cases import store
from customer.use_cases.assignments import add, drop, new_assignment, refuse_closed, write
from customer.use_cases.countries import check_code
from customer.use_cases.holders import holders
from customer.use_cases.locking import lock_customer
from customer.use_cases.properties import lock_property
from customer.use_cases.store import Record

Body = Mapping[str, Any]
Kind = Literal["in", "out"]

_ADDRESS = ("line1", "line2", "city", "region", "postal_code", "country")


def move(session: Session, kind: Kind, body: Body) -> Record:
    """Moves a customer in or out on a day; one that is to come is planned. With `dry_run` nothing is written. Returns
    the move with `dry_run`, `place`, `customer`, `leaving` (whose assignments end), `staying` and `warnings`. Raises
    PropertyOccupied, AlreadyAssigned, NotAssigned, PropertyClosed."""
    today = store.today(session)
    day = body.get("day") or today
    place = lock_property(session, body["property_id"], pointer="/property_id")
    customer = _customer(session, body["customer_id"])
    if kind == "in":
        refuse_closed(place)
    present = holders(session, place["id"], day)
    decide = ended_by_moving_in if kind == "in" else ended_by_moving_out
    leaving = [dict(each) for each in decide(customer["id"], body["role"], day, present)]
    _refuse_ended_twice(session, place, leaving)
    record = _new(session, kind, body, place, day, leaving)
    stays = staying(day, leaving, present)
    if not body["dry_run"]:
        _put_in_place(session, record, place, leaving)
    return record | {
        "dry_run": body["dry_run"],
        "place": place,
        "customer": customer,
        "leaving": leaving,
        "staying": stays,
        "warnings": warnings(kind, day, today, leaving, stays),
    }


def cancel_move(session: Session, kind: Kind, move_id: str, reason: str) -> Record:
    """Cancels a planned move: who was to leave stays as before, who was to come does not come. A cancelled move stays
    as it is. Raises MoveExecuted, MoveHasSuccessor and, where somebody else took the days meanwhile, PropertyOccupied.
    """
    found = store.find(session, moves, move_id)
    if found is None or found["kind"] != kind:
        raise MoveNotFound("There is no such move.")
    place = lock_property(session, found["property_id"])
    before = store.find(session, moves, move_id) or found
    if before["state"] == "cancelled":
        return before
    if before["state"] == "executed":
        raise MoveExecuted(f"The move was executed on {before['day'].isoformat()}; plan one back instead.")
    present = holders(session, place["id"], store.today(session))
    _refuse_successor(session, before, present)
    for record in [each for each in present if each["move_id"] == move_id]:
        drop(session, record, place, reason=reason)
        present = [each for each in present if each["id"] != record["id"]]
    was = {each["assignment_id"]: each["until"] for each in before["ends"]}
    for record in [each for each in present if each["id"] in was]:
        until = was[record["id"]]
        again = record | {"until": date.fromisoformat(until) if until else None}
        refuse_clashes(again, present)
        write(session, record, again, place, reason=reason)
    now = store.moment(session)
    after = before | {
        "state": "cancelled",
        "reason": reason,
        "cancelled_at": now,
        "version": before["version"] + 1,
        "updated_at": now,
    }
    store.update(session, moves, [after])
    outbox.add(session, events.move("cancelled", after, place))
    return after


def refuse_with_planned_moves(session: Session, customers: Sequence[Record], what: str) -> None:
    """Raises HasPlannedMoves while one of these locked customers is about to move in somewhere."""
    numbers = {customer["id"]: customer["number"] for customer in customers}
    rows = session.execute(_PLANNED_IN, {"ids": list(numbers)}).mappings().all()
    if rows:
        days = ", ".join(row["day"].isoformat() for row in rows if row["customer_id"] == rows[0]["customer_id"])
        raise HasPlannedMoves(
            f"Customer {numbers[rows[0]['customer_id']]} is about to move in ({days}); cancel that before you {what}.",
            facts={"moves": [{"move_id": row["id"], "date": row["day"].isoformat()} for row in rows]},
        )


def _customer(session: Session, customer_id: str) -> Record:
    try:
        return lock_customer(session, customer_id)
    except CustomerNotFound as error:
        raise Unsuitable(
            "The customer does not exist; choose another.", errors=[FieldError("/customer_id", "No such customer.")]
        ) from error


def _new(session: Session, kind: Kind, body: Body, place: Record, day: date, leaving: Sequence[Record]) -> Record:
    now = store.moment(session)
    done = day <= now.date()
    return {
        "id": new_id(),
        "kind": kind,
        "state": "executed" if done else "planned",
        "property_id": place["id"],
        "customer_id": body["customer_id"],
        "role": body["role"],
        "day": day,
        "ends": [
            {
                "assignment_id": each["id"],
                "customer_id": each["customer_id"],
                "until": each["until"].isoformat() if each["until"] else None,
            }
            for each in leaving
        ],
        "services": list(body.get("services", ())),
        "bill_to": _address(session, body, "bill_to"),
        "ship_to": _address(session, body, "ship_to"),
        "invite": body.get("invite"),
        "reason": None,
        "executed_at": now if done else None,
        "cancelled_at": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }


def _put_in_place(session: Session, record: Record, place: Record, leaving: Sequence[Record]) -> None:
    store.insert(session, moves, [record])
    # The one who leaves goes first: the constraint on occupants is checked row by row.
    for each in leaving:
        write(session, each, {**each, "until": record["day"]}, place)
    if record["kind"] == "in":
        comes = new_assignment(
            session, place, record["customer_id"], record["role"], record["day"], None, move_id=record["id"]
        )
        add(session, comes, place)
    outbox.add(session, events.move("executed" if record["state"] == "executed" else "planned", record, place))


def _address(session: Session, body: Body, name: str) -> Record | None:
    """The address as it is now, whether it was given by id or in full: what was agreed does not change later."""
    given = body.get(name)
    if given is None:
        return None
    address_id = given.get("address_id")
    if address_id is None:
        whole = {field: given.get(field) for field in _ADDRESS}
        return whole | {"address_id": None, "country": check_code(given["country"], f"/{name}/country")}
    found = store.find(session, addresses, address_id, customer_id=body["customer_id"])
    if found is None:
        raise Unsuitable(
            "The customer has no such address; choose one of its addresses, or write it out.",
            errors=[FieldError(f"/{name}/address_id", "No such address of this customer.")],
        )
    return {field: found[field] for field in _ADDRESS} | {"address_id": address_id}


def _refuse_ended_twice(session: Session, place: Record, leaving: Sequence[Record]) -> None:
    ids = {each["id"] for each in leaving}
    for other in session.execute(_PLANNED_AT, {"id": place["id"]}).mappings():
        if any(each["assignment_id"] in ids for each in other["ends"]):
            raise AssignmentOfMove(
                f"The move planned for {other['day'].isoformat()} ends this assignment already; cancel that first.",
                facts={"move_id": other["id"], "kind": other["kind"]},
            )


def _refuse_successor(session: Session, record: Record, present: Sequence[Record]) -> None:
    begun = {each["id"] for each in present if each["move_id"] == record["id"]}
    for other in session.execute(_PLANNED_AT, {"id": record["property_id"]}).mappings():
        if any(each["assignment_id"] in begun for each in other["ends"]):
            raise MoveHasSuccessor(
                f"The move planned for {other['day'].isoformat()} builds on this one; cancel that one first.",
                facts={"move_id": other["id"], "kind": other["kind"]},
            )


_PLANNED_AT = text(
    """
    SELECT CAST(id AS text) AS id, kind, day, ends FROM moves
    WHERE property_id = CAST(:id AS uuid) AND state = 'planned' ORDER BY day
    """
)
_PLANNED_IN = text(
    """
    SELECT CAST(id AS text) AS id, CAST(customer_id AS text) AS customer_id, day FROM moves
    WHERE customer_id = ANY (CAST(:ids AS uuid[])) AND kind = 'in' AND state = 'planned'
    ORDER BY customer_id, day LIMIT 20
    """
)
