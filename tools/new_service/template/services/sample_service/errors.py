"""Why this service refuses, each reason with a stable code."""

from common.errors import Conflict, NotFound, Stale


class EntryNotFound(NotFound):
    """There is no such entry, or the caller may not know of it."""

    code = "sample_service.entry_not_found"
    title = "No such entry"


class Changed(Stale):
    """Somebody else changed the entry since it was read."""

    code = "sample_service.stale"


class AlreadyClosed(Conflict):
    """A closed entry stays closed."""

    code = "sample_service.already_closed"
    title = "The entry is closed"
