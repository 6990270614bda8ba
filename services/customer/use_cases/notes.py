"""Notes and follow-ups: written, corrected, done, removed. They are allowed on archived customers too."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import changes
from customer.domain.notes import EDIT_WINDOW, NOTE_LABELS, WORDS
from customer.domain.viewers import Viewer
from customer.errors.notes import NoFollowUp, NoteClosed, NoteNotFound
from customer.tables.notes import note_versions, notes
from customer.use_cases import store
from customer.use_cases.accounts import staff_label
from customer.use_cases.locking import check_version, customer_of_part, lock_customer
from customer.use_cases.scopes import scope_of
from customer.use_cases.store import Record

Body = Mapping[str, Any]

_CALM: Record = {
    "urgent": False,
    "urgent_reason": None,
    "urgent_owner_id": None,
    "urgent_owner_label": None,
    "urgent_until": None,
}
_NOT_DONE: Record = {"done_at": None, "done_by": None, "done_by_label": None}


def add_note(session: Session, customer_id: str, body: Body, by: Viewer) -> Record:
    """Adds a note; a portal user's is always visible in the portal. Raises ScopeUnknown, NoFollowUp and, for an owner
    that is no staff account, Unsuitable."""
    customer_of_part(session, customer_id, archived=True)
    now = store.moment(session)
    kind = body.get("kind", "note")
    scope_type, scope_id = scope_of(session, customer_id, body)
    record = {
        "id": new_id(),
        "customer_id": customer_id,
        "scope_type": scope_type,
        "scope_id": scope_id,
        "kind": kind,
        "body": body["body"],
        "visibility": "portal" if by.portal else body.get("visibility", "internal"),
        **_CALM,
        "due_on": None,
        "owner_id": None,
        "owner_label": None,
        **_NOT_DONE,
        "author": by.actor,
        "author_label": by.label,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    if by.portal:
        _refuse_staff_fields(body)
    else:
        record |= _dealt_with(session, record, body, by)
    store.insert(session, notes, [record])
    outbox.add(session, events.note("added", record))
    return record


def change_note(
    session: Session, customer_id: str, note_id: str, version: int, body: Body, by: Viewer, *, corrects: bool
) -> Record:
    """Changes a note and keeps the words as they were. The words are the author's for a quarter of an hour, later only
    of who `corrects` others. Raises NoteClosed, NoFollowUp."""
    before = _note(session, customer_id, note_id, by)
    check_version(before, version)
    after = before | {field: body[field] for field in WORDS if field in body}
    words_differ = any(before[field] != after[field] for field in WORDS)
    if words_differ and not corrects:
        _refuse_closed(session, before, by)
    if "visibility" in body:
        after["visibility"] = _visibility(before, body["visibility"])
    after |= _dealt_with(session, after, body, by)
    differing = changes(before, after, NOTE_LABELS)
    if not differing:
        return before
    now = store.moment(session)
    after |= {"version": before["version"] + 1, "updated_at": now}
    if words_differ:
        store.insert(session, note_versions, [_kept(before, now, by)])
    store.update(session, notes, [after])
    outbox.add(session, events.note("updated", after, changes=differing))
    return after


def remove_note(session: Session, customer_id: str, note_id: str, version: int, by: Viewer, *, corrects: bool) -> None:
    """Removes a note with its history: its author soon after writing it, later only who `corrects` others."""
    record = _note(session, customer_id, note_id, by)
    check_version(record, version)
    if not corrects:
        _refuse_closed(session, record, by)
    store.remove(session, notes, note_id)
    outbox.add(session, events.note("removed", record | {"version": record["version"] + 1}))


def _note(session: Session, customer_id: str, note_id: str, by: Viewer) -> Record:
    lock_customer(session, customer_id, archived=True)
    record = store.find(session, notes, note_id, customer_id=customer_id)
    if record is None or (record["visibility"] == "restricted" and not by.restricted):
        raise NoteNotFound("This customer has no such note.")
    return record


def _refuse_closed(session: Session, record: Record, by: Viewer) -> None:
    open_still = store.moment(session) - record["created_at"] <= EDIT_WINDOW
    if record["author"] != by.actor or not open_still:
        raise NoteClosed(
            "Its author may change the words of a note for 15 minutes, later only a manager; add a note of your own."
        )


def _visibility(before: Record, wanted: str) -> str:
    if before["author"].startswith("portal:") and wanted != "portal":
        raise NoteClosed("A note that a portal user wrote stays visible in the portal; add a note of your own.")
    return wanted


def _dealt_with(session: Session, record: Record, body: Body, by: Viewer) -> Record:
    """What the body says of urgency, due day, owner and being done."""
    found: Record = {}
    if "urgency" in body:
        found |= _urgency(session, body["urgency"], by)
    if record["kind"] != "follow_up":
        if _due(body) or any(body.get(field) for field in ("owner_id", "done")):
            raise NoFollowUp("Only a follow-up is due, has an owner and can be done; make it one with `kind`.")
        return found | {"due_on": None, "owner_id": None, "owner_label": None, **_NOT_DONE}
    due_on = body.get("due_on", record["due_on"])
    if due_on is None:
        raise NoFollowUp("Say when the follow-up is due.", errors=[FieldError("/due_on", "Is missing.")])
    owner_id = body.get("owner_id") or record["owner_id"] or by.account_id
    found["due_on"] = due_on
    if owner_id != record["owner_id"]:
        found |= {"owner_id": owner_id, "owner_label": staff_label(session, owner_id, by, "/owner_id")}
    if body.get("done") is True and record["done_at"] is None:
        found |= {"done_at": store.moment(session), "done_by": by.actor, "done_by_label": by.label}
    elif body.get("done") is False:
        found |= _NOT_DONE
    return found


def _urgency(session: Session, urgency: Body | None, by: Viewer) -> Record:
    if urgency is None:
        return _CALM
    owner_id = urgency.get("owner_id") or by.account_id
    return {
        "urgent": True,
        "urgent_reason": urgency["reason"],
        "urgent_owner_id": owner_id,
        "urgent_owner_label": staff_label(session, owner_id, by, "/urgency/owner_id"),
        "urgent_until": urgency.get("until"),
    }


def _due(body: Body) -> bool:
    return body.get("due_on") is not None


def _refuse_staff_fields(body: Body) -> None:
    if body.get("kind", "note") != "note" or any(body.get(field) for field in ("urgency", "due_on", "owner_id")):
        raise NoFollowUp("Send the text of your note; follow-ups and urgency are your provider's.")


def _kept(before: Record, now: Any, by: Viewer) -> Record:
    return {
        "note_id": before["id"],
        "version": before["version"],
        "customer_id": before["customer_id"],
        "kind": before["kind"],
        "body": before["body"],
        "written_at": before["updated_at"],
        "replaced_at": now,
        "replaced_by": by.actor,
        "replaced_by_label": by.label,
    }
