"""What this service answers where a person is erased."""

from collections.abc import Mapping

from common.ids import new_id
from common.outbox import Draft

ERASURE_COMPLETED = "automation.erasure.completed.v1"
PUBLISHES = frozenset([ERASURE_COMPLETED])


def erasure_completed(request_id: str, customer_id: str, counts: Mapping[str, int]) -> Draft:
    """What this service has erased for a privacy request."""
    data = {"request_id": request_id, "customer_id": customer_id, "counts": dict(counts)}
    return Draft(ERASURE_COMPLETED, new_id(), 1, data, customer_id)
