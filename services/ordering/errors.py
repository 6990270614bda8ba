"""Why this service refuses, each reason with a stable code."""

from common.errors import Conflict, NotFound, Stale


class EntryNotFound(NotFound):
    """There is no such entry, or the caller may not know of it."""

    code = "ordering.entry_not_found"
    title = "No such entry"


class Changed(Stale):
    """Somebody else changed the entry since it was read."""

    code = "ordering.stale"


class AlreadyClosed(Conflict):
    """A closed entry stays closed."""

    code = "ordering.already_closed"
    title = "The entry is closed"
