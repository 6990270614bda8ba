"""Events of imports."""

from common.outbox import Draft
from customer.events.drafts import Record

IMPORT_FINISHED = "customer.import.finished.v1"
IMPORT_REVERTED = "customer.import.reverted.v1"
PUBLISHES = frozenset([IMPORT_FINISHED, IMPORT_REVERTED])


def import_reverted(record: Record) -> Draft:
    """What an import wrote was taken back, as far as nobody had touched it since."""
    counts = {"reverted": record["reverted"], "skipped": record["reversion_skipped"]}
    data = {"id": record["id"], "counts": counts, "requested_by": record["reversion_by"]}
    return Draft(IMPORT_REVERTED, record["id"], 2, data)
