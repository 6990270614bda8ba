"""The life of an entry."""

from sample_service.errors import AlreadyClosed

OPEN = "open"
CLOSED = "closed"


def closed(status: str) -> str:
    """The status after closing; raises AlreadyClosed."""
    if status == CLOSED:
        raise AlreadyClosed("The entry is closed already.")
    return CLOSED
