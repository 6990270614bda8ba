"""The rows of services: locked, written set-based, each change with its event."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from ordering.domain.changes import Change
from ordering.domain.services import LABELS, Step
from ordering.errors.services import ServiceNotFound
from ordering.events import services as events
from ordering.tables.services import services
from ordering.use_cases import store
from ordering.use_cases.store import Record

_NOTHING = (
    *("order_id", "order_number", "order_line_id", "move_id", "return_id", "listing_id", "sku", "unit", "serial"),
    *("property_id", "property_label", "org_unit_id", "org_unit_label", "person_id", "person_label", "cost_centre"),
    *("currency", "unit_price_minor", "price_source", "started_on", "ends_on", "term_months", "ended_on", "wanted_on"),
    *("reason", "note", "replaces_id", "replaced_by_id"),
)


def blank(customer_id: str, **fields: Any) -> Record:
    """A service of a customer, still without id, number, status and quantity."""
    return {**dict.fromkeys(_NOTHING), "customer_id": customer_id, "charges": [], "renewal": "none", **fields}


def lock(session: Session, service_id: str) -> Record:
    """Locks a service; raises ServiceNotFound."""
    found = store.find(session, services, service_id, lock=True)
    if found is None:
        raise ServiceNotFound("There is no such service.")
    return found


def write(session: Session, steps: Sequence[Step], before: Sequence[Record] = ()) -> list[Record]:
    """Writes what happened to services, each as its next version with its event; returns the records as they are
    then. `before`: the locked records that may have changed."""
    now = store.moment(session)
    numbers = _numbers(session, sum(step.is_new for step in steps))
    made = [
        replace(step, record=step.record | _stamp(step, now, numbers.pop() if step.is_new else None)) for step in steps
    ]
    store.insert(session, services, [step.record for step in made if step.is_new])
    store.update(session, services, [step.record for step in made if not step.is_new])
    was = {one["id"]: one for one in before}
    for step in made:
        changes = _changes(step, was.get(step.record["id"], {}))
        outbox.add(session, events.service(step.verb, step.record, changes=changes))
    return [step.record for step in made]


def save(session: Session, verb: str, before: Record, after: Record, changed: tuple[str, ...] = ()) -> None:
    """Writes the next version of a locked service, and tells it."""
    write(session, [Step(verb, after, changed)], [before])


def _stamp(step: Step, now: Any, number: str | None) -> Record:
    if step.is_new:
        return {"number": number, "version": 1, "created_at": now, "updated_at": now}
    return {"version": step.record["version"] + 1, "updated_at": now}


def _changes(step: Step, was: Record) -> list[Change]:
    return [
        {"path": name, "label": LABELS[name], "before": _value(was, name), "after": _value(step.record, name)}
        for name in step.changed
    ]


def _value(record: Record, name: str) -> Any:
    return record[name] if name in record else events.place(record, name)


def _numbers(session: Session, many: int) -> list[str]:
    if not many:
        return []
    found = session.execute(_NUMBERS, {"many": many}).scalars().all()
    return [f"SV-{number:06d}" for number in reversed(found)]


_NUMBERS = text("SELECT nextval('service_numbers') FROM generate_series(1, :many)")
