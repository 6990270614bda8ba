"""HTTP in: entries of customers."""

from collections.abc import Mapping
from typing import Any

from automation import queries, use_cases
from automation.schemas import EntryFilter, EntryOut, NewEntry
from common.web import Call, Page, Routes

VIEW = "customers.view"
EDIT = "customers.edit"

routes = Routes("Entries", "Short records about a customer.")


@routes.list("/automation/entries", permission=VIEW, portal=True, query=EntryFilter, out=EntryOut)
def list_entries(call: Call) -> Page:
    """Entries, the newest first."""
    return queries.entries_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.get("/automation/entries/<uuid:entry_id>", permission=VIEW, portal=True, out=EntryOut)
def show_entry(call: Call, entry_id: str) -> Mapping[str, Any]:
    """One entry."""
    return queries.entry(call.session, entry_id)


@routes.post("/automation/entries", permission=EDIT, body=NewEntry, out=EntryOut)
def create_entry(call: Call) -> Mapping[str, Any]:
    """Writes an entry about a customer."""
    entry_id = use_cases.create_entry(call.session, call.body)
    return queries.entry(call.session, entry_id)


@routes.post("/automation/entries/<uuid:entry_id>/closure", permission=EDIT, status=200, versioned=True, out=EntryOut)
def close_entry(call: Call, entry_id: str) -> Mapping[str, Any]:
    """Closes an entry."""
    use_cases.close_entry(call.session, entry_id, call.version)
    return queries.entry(call.session, entry_id)
