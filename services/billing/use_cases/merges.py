"""What follows a customer into another one when they are merged, and back when that is undone.

Every column with a customer is named here: it moves (PARTS), or it stays (STAYS, with the reason). A test compares this
with the database. Charges follow their order.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from billing import events
from billing.use_cases import accounts
from common.outbox import Draft
from common.pipeline import send
from customer_replica.merging import Below, Moved, Part


def lock_charges(session: Session, customer_ids: Sequence[str]) -> None:
    """Locks the orders of customers and then their accounts, as whoever charges does."""
    send(session, [(_LOCK_ORDERS, {"ids": list(customer_ids)})])
    accounts.lock(session, customer_ids)


def _tell_accounts(session: Session, moved: Sequence[Moved]) -> list[Draft]:
    customers = {customer for one in moved for customer in (one.before, one.after)}
    return [events.moved(account) for account in accounts.recount(session, sorted(customers))]


ORDERS: Final = Part(table="replica_orders", below=(Below(table="charges", by="order_id", tell=_tell_accounts),))
# Decisions first, so that an account that is told names its last one.
PARTS: Final = (Part(table="billing_decisions"), ORDERS)

STAYS: Final[Mapping[tuple[str, str], str]] = {
    ("billing_accounts", "customer_id"): "the sums of a customer's charges are added up anew where these move",
    ("replica_customers", "parent_id"): "the customers' own events tell who is above them",
    ("outbox", "customer_id"): "what was said stays said, in the order in which it was",
    ("replica_merged_customers", "customer_id"): "it says who was merged",
    ("replica_merged_customers", "survivor_id"): "it says into whom",
    ("merge_moves", "customer_id"): "it says to whom what moved goes back",
}

_LOCK_ORDERS = """
    SELECT 1 FROM replica_orders WHERE customer_id = ANY (%(ids)s::uuid[]) ORDER BY id FOR NO KEY UPDATE
    """
