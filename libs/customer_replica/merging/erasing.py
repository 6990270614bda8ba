"""What the log of a service tells of a person, also from before its customer was merged into another one."""

from sqlalchemy.orm import Session

from common import erasure
from common.envelope import Event
from common.erasure import Erasure
from customer_replica.merging.present import former_customers


def erase_person(session: Session, event: Event) -> dict[str, int]:
    """Erases a contact or an account from the service's own log, in the partition of the event and in those of
    customers that were merged into that one; returns counts of the first for the answer."""
    ids, everything = frozenset(event.data["erased_ids"]), event.data["everything"]
    counts = dict(erasure.erase(session, Erasure(event.partition_key, ids, everything=everything)))
    for key in former_customers(session, event.customer_id):
        erasure.erase(session, Erasure(key, ids))
    return counts
