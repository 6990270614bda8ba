"""What has come back to a warehouse is in use no more."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ordering.domain.services import IN_USE, RETURNED, Step, take_back
from ordering.tables.services import services
from ordering.use_cases.services import records
from ordering.use_cases.store import Record

Data = Mapping[str, Any]


def received(session: Session, data: Data) -> None:
    """Ends the services of which goods were counted in. What a return has ended already is counted, so that it may be
    told again, or with more of it."""
    lines = [line for line in data["lines"] if line["line_id"] is not None and line["quantity_received"]]
    if not lines:
        return
    before = _of_lines(session, data["id"], [line["line_id"] for line in lines])
    day = date.fromisoformat((data["received_at"] or data["arrived_at"] or data["created_at"])[:10])
    steps: list[Step] = []
    for line in lines:
        found = [one for one in before if one["order_line_id"] == line["line_id"]]
        back = sum(one["quantity"] for one in found if one["return_id"] == data["id"])
        taken = take_back(found, line["serials_received"], line["quantity_received"] - back, reason=RETURNED)
        steps += [_on(step, day, data["id"]) for step in taken]
    records.write(session, steps, before)


def _on(step: Step, day: date, return_id: str) -> Step:
    if step.verb != "ended":
        return step
    # Goods that were counted in before the day on which they began to be used end on that day.
    ended = {"ended_on": max(day, step.record["started_on"]), "return_id": return_id}
    return Step(step.verb, step.record | ended, step.changed, step.is_new)


def _of_lines(session: Session, return_id: str, line_ids: list[str]) -> list[Record]:
    of = services.c
    statement = select(services).where(
        of.order_line_id.in_(line_ids), or_(of.status.in_(IN_USE), of.return_id == return_id)
    )
    rows = session.execute(statement.order_by(of.id).with_for_update()).mappings()
    return [{str(name): value for name, value in row.items()} for row in rows]
