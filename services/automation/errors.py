"""Why this service refuses, each reason with a stable code."""

from common.errors import Conflict, NotFound, Stale


class EntryNotFound(NotFound):
    """There is no such entry, or the caller may not know of it."""

    code = "automation.entry_not_found"
    title = "No such entry"


class Changed(Stale):
    """Somebody else changed the entry since it was read."""

    code = "automation.stale"


class AlreadyClosed(Conflict):
    """A closed entry stays closed."""

    code = "automation.already_closed"
    title = "The entry is closed"
