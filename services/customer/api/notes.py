"""Operations on notes and follow-ups."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from customer.api.viewers import viewer_of
from customer.queries import notes as queries
from customer.schemas.notes import NewNote, NoteChanges, NoteFilter, NoteOut, NoteVersionOut, TaskFilter, TaskOut
from customer.use_cases import notes

routes = Routes(
    "Notes", "What people wrote down about a customer: notes, calls, meetings, follow-ups; urgent ones first."
)

_LIST = "/customers/<uuid:customer_id>/notes"
_ONE = f"{_LIST}/<uuid:note_id>"

# Managers and administrators hold it.
_CORRECTS = "customers.archive"


@routes.list(_LIST, permission="customers.view", portal=True, query=NoteFilter, out=NoteOut)
def list_notes(call: Call, customer_id: str) -> Page:
    """The notes of a customer: urgent ones first, then the newest. Restricted ones need `documents.restricted`."""
    viewer = viewer_of(call)
    return queries.note_page(call.session, customer_id, viewer, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.post(
    _LIST,
    permission="customers.edit",
    portal=True,
    portal_permission="customers.view",
    body=NewNote,
    out=NoteOut,
)
def add_note(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Adds a note, call, e-mail, meeting or follow-up; also to an archived customer. What a portal user writes is
    visible in the portal."""
    _refuse_restricted(call)
    made = notes.add_note(call.session, customer_id, call.body, viewer_of(call))
    return queries.note(call.session, customer_id, made["id"], viewer_of(call))


@routes.get(_ONE, permission="customers.view", portal=True, out=NoteOut)
def show_note(call: Call, customer_id: str, note_id: str) -> Mapping[str, Any]:
    """One note."""
    return queries.note(call.session, customer_id, note_id, viewer_of(call))


@routes.patch(_ONE, permission="customers.edit", body=NoteChanges, out=NoteOut)
def change_note(call: Call, customer_id: str, note_id: str) -> Mapping[str, Any]:
    """Changes a note. Its words are its author's for 15 minutes, later a manager's; what they were is kept."""
    _refuse_restricted(call)
    viewer, corrects = viewer_of(call), call.principal.can(_CORRECTS)
    notes.change_note(call.session, customer_id, note_id, call.version, call.body, viewer, corrects=corrects)
    return queries.note(call.session, customer_id, note_id, viewer)


@routes.delete(_ONE, permission="customers.edit", versioned=True)
def remove_note(call: Call, customer_id: str, note_id: str) -> None:
    """Removes a note: its author within 15 minutes, later a manager."""
    corrects = call.principal.can(_CORRECTS)
    notes.remove_note(call.session, customer_id, note_id, call.version, viewer_of(call), corrects=corrects)


@routes.list(f"{_ONE}/versions", permission="customers.view", out=NoteVersionOut)
def list_note_versions(call: Call, customer_id: str, note_id: str) -> Page:
    """What a note said before each correction, newest first."""
    return queries.version_page(
        call.session, customer_id, note_id, viewer_of(call), call.limit, call.cursor, call.cursor_scope
    )


@routes.list("/tasks", permission="customers.view", query=TaskFilter, out=TaskOut)
def list_tasks(call: Call) -> Page:
    """The open follow-ups of the caller, or of everybody: what is due first comes first."""
    viewer = viewer_of(call)
    owner_id = viewer.account_id if call.query["owner"] == "me" else None
    return queries.task_page(call.session, viewer, owner_id, call.limit, call.cursor, call.cursor_scope)


def _refuse_restricted(call: Call) -> None:
    if call.body.get("visibility") == "restricted":
        require(call.principal, "documents.restricted")
