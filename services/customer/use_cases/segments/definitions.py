"""Segments as people make and change them. Their members follow in the background, see `upkeep`."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import changes
from customer.domain.segments import SEGMENT_LABELS, check_no_cycle, needed_by
from customer.errors.rules import SegmentInUse, SegmentNameTaken, SegmentNotFound
from customer.tables.rules import segments
from customer.use_cases import store
from customer.use_cases.locking import check_version
from customer.use_cases.rules import needed_segments, read_rule
from customer.use_cases.store import Record
from customer_rules import Rule

# Before the first of all customers: a segment that stands here looks at each of them again.
BEGINNING: Final = "00000000-0000-0000-0000-000000000000"


def create_segment(session: Session, body: Mapping[str, Any]) -> Record:
    """Creates a segment; raises RuleRefused and SegmentNameTaken. Its members are looked for in the background."""
    one_at_a_time(session)
    rule = read_rule(session, body)
    now = store.moment(session)
    record = {
        "id": new_id(),
        "name": body["name"],
        "description": body.get("description"),
        "active": body.get("active", True),
        "rule_version": 1,
        **_ruled(rule),
        "rebuilt_to": BEGINNING if body.get("active", True) else None,
        "swept_at": now,
        "deleted_at": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    _check_name(session, record)
    store.insert(session, segments, [record])
    outbox.add(session, events.segment("created", record))
    return record


def change_segment(session: Session, segment_id: str, version: int, body: Mapping[str, Any]) -> Record:
    """Changes a segment. With another rule, or active again, all customers are looked at again: who was let in by the
    rule and no longer fits leaves, who was put in or kept out by hand stays so. Raises RuleRefused, SegmentCycle and
    SegmentNameTaken."""
    needs = one_at_a_time(session)
    before = segment(session, segment_id)
    check_version(before, version)
    after = before | {name: body[name] for name in ("name", "description", "active") if name in body}
    if body.get("rule") is not None or body.get("text") is not None:
        rule = read_rule(session, body)
        after |= _ruled(rule)
        check_no_cycle(segment_id, needs | {segment_id: after["depends_on"]})
    differing = changes(before, after, SEGMENT_LABELS)
    if not differing:
        return before
    if after["rule"] != before["rule"]:
        after["rule_version"] = before["rule_version"] + 1
    if after["rule"] != before["rule"] or after["active"] != before["active"]:
        after["rebuilt_to"] = BEGINNING if after["active"] else None
    if after["name"] != before["name"]:
        _check_name(session, after)
    return save_segment(session, after, differing)


def save_segment(session: Session, record: Record, differing: list[dict[str, Any]]) -> Record:
    """Writes a locked segment's new state as its next version, with one event."""
    record = record | {"version": record["version"] + 1, "updated_at": store.moment(session)}
    try:
        store.update(session, segments, [record])
    except IntegrityError as error:
        raise _name_taken(record["name"]) from error
    outbox.add(session, events.segment("updated", record, changes=differing))
    return record


def delete_segment(session: Session, segment_id: str, version: int) -> None:
    """Deletes a segment; its members leave it one by one in the background. Raises SegmentInUse."""
    needs = one_at_a_time(session)
    record = segment(session, segment_id)
    check_version(record, version)
    users = needed_by(segment_id, needs)
    if users:
        names = session.execute(_NAMES, {"ids": users}).scalars().all()
        raise SegmentInUse(
            f"The rules of other segments speak of it: {', '.join(names[:10])}. Change those first.",
            facts={"segments": users},
        )
    now = store.moment(session)
    gone = record | {"deleted_at": now, "active": False, "rebuilt_to": None, "updated_at": now}
    gone["version"] = record["version"] + 1
    store.update(session, segments, [gone])
    outbox.add(session, events.segment("deleted", gone))


def segment(session: Session, segment_id: str) -> Record:
    """One segment that was not deleted; raises SegmentNotFound."""
    record = store.find(session, segments, segment_id)
    if record is None or record["deleted_at"] is not None:
        raise SegmentNotFound("There is no such segment.")
    return record


def _ruled(rule: Rule) -> Record:
    return {"rule": rule.document, "relative": rule.is_relative, "depends_on": needed_segments(rule)}


def one_at_a_time(session: Session) -> dict[str, list[str]]:
    """Makes changes of segments wait for each other, so that two of them cannot form a ring together; returns what each
    segment needs."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('customer segments'))"))
    return {row.id: row.depends_on for row in session.execute(_NEEDS)}


def _check_name(session: Session, record: Record) -> None:
    if session.execute(_NAME_USED, {"id": record["id"], "name": record["name"]}).scalar():
        raise _name_taken(record["name"])


def _name_taken(name: str) -> SegmentNameTaken:
    return SegmentNameTaken(
        f"There is a segment named {name} already.", errors=[FieldError("/name", "Another segment has this name.")]
    )


_NEEDS = text(
    "SELECT CAST(id AS text) AS id, CAST(depends_on AS text[]) AS depends_on FROM segments WHERE deleted_at IS NULL"
)
_NAMES = text("SELECT name FROM segments WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY name")
_NAME_USED = text(
    "SELECT 1 FROM segments WHERE deleted_at IS NULL AND fold_text(name) = fold_text(:name) AND id <> CAST(:id AS uuid)"
)
