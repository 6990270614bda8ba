"""Why notes are refused."""

from common.errors import Conflict, Forbidden, Invalid, NotFound


class NoteNotFound(NotFound):
    """The customer has no such note for the caller."""

    code = "customer.note_not_found"
    title = "No such note"


class NoteClosed(Forbidden):
    """The words of a note stand, once its author's quarter of an hour is over."""

    code = "customer.note_closed"
    title = "The note stands as it was written"


class NoFollowUp(Conflict):
    """Only follow-ups are due, have an owner, and can be done."""

    code = "customer.note_is_no_follow_up"
    title = "This is no follow-up"


class ScopeUnknown(Invalid):
    """What the note or file is about does not exist at this customer."""

    code = "customer.scope_unknown"
    title = "There is no such thing at this customer"
