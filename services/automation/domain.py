"""The life of an entry, and which columns hold what is personal."""

from collections.abc import Mapping

from automation.errors import AlreadyClosed

OPEN = "open"
CLOSED = "closed"


def closed(status: str) -> str:
    """The status after closing; raises AlreadyClosed."""
    if status == CLOSED:
        raise AlreadyClosed("The entry is closed already.")
    return CLOSED


# Each column that holds text is named once: where values are a person's, and where they never are.
PERSONAL: Mapping[str, frozenset[str]] = {"replica_customers": frozenset({"name"})}
PLAIN: Mapping[str, frozenset[str]] = {"entries": frozenset({"title", "status"})}
