"""What this service publishes: that it erased what it kept of a person, that somebody took customers out as a file, and
that it asks the owners for their logs."""

from collections.abc import Mapping, Sequence

from common.ids import new_id
from common.outbox import Draft

ERASURE_COMPLETED = "overview.erasure.completed.v1"
DIRECTORY_EXPORTED = "overview.directory.exported.v1"
REPLAY_REQUESTED = "overview.replay.requested.v1"
PUBLISHES = frozenset([ERASURE_COMPLETED, DIRECTORY_EXPORTED, REPLAY_REQUESTED])


def erasure_completed(request_id: str, customer_id: str, counts: Mapping[str, int]) -> Draft:
    """What this service has erased for a privacy request."""
    data = {"request_id": request_id, "customer_id": customer_id, "counts": dict(counts)}
    return Draft(ERASURE_COMPLETED, new_id(), 1, data, customer_id)


def directory_exported(file_format: str, columns: Sequence[str], asked: Mapping[str, object]) -> Draft:
    """Somebody exports the customers that were `asked` for; the actor says who."""
    data = {"format": file_format, "columns": list(columns), "asked": dict(asked)}
    return Draft(DIRECTORY_EXPORTED, new_id(), 1, data)


def replay_requested(consumer: str) -> Draft:
    """The owners shall send their logs again, to this consumer alone."""
    return Draft(REPLAY_REQUESTED, new_id(), 1, {"consumer": consumer})
