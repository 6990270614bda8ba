"""What identity knows of customers: names, the tree, and which are archived."""

import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import RowMapping, Select, select, text
from sqlalchemy.orm import Session

from identity.tables import customer_access, replica_contacts, replica_customers

# A customer or contact that somebody has just made arrives by an event within moments.
_PATIENCE_SECONDS = 1.5
_PAUSE_SECONDS = 0.05


def customer(session: Session, customer_id: str) -> RowMapping | None:
    """A customer as last heard of; one that is not known (yet) is waited for, briefly."""
    return _arrived(session, select(replica_customers).where(replica_customers.c.id == customer_id))


def contact(session: Session, contact_id: str) -> RowMapping | None:
    """A contact as last heard of; one that is not known (yet) is waited for, briefly."""
    return _arrived(session, select(replica_contacts).where(replica_contacts.c.id == contact_id))


def accepts(session: Session, customer_id: str) -> bool:
    """Whether roles flow down to a customer from its present parent."""
    statement = select(customer_access.c.accepted_parent_id).join(
        replica_customers,
        (replica_customers.c.id == customer_access.c.customer_id)
        & (replica_customers.c.parent_id == customer_access.c.accepted_parent_id),
    )
    return session.execute(statement.where(customer_access.c.customer_id == customer_id)).first() is not None


def ancestors(session: Session, customer_ids: Iterable[str]) -> list[str]:
    """The ids of the customers and of everything above them."""
    return [str(id_) for id_ in session.scalars(_ANCESTORS, {"ids": list(customer_ids)})]


def _arrived(session: Session, statement: Select[Any]) -> RowMapping | None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while (row := session.execute(statement).mappings().first()) is None and time.monotonic() < until:
        time.sleep(_PAUSE_SECONDS)
    return row


# UNION (not UNION ALL) and the depth end the walk even where a move's events made a ring.
_ANCESTORS = text(
    """
    WITH RECURSIVE above (id, depth) AS (
        SELECT unnest(CAST(:ids AS uuid[])), 0
        UNION
        SELECT c.parent_id, a.depth + 1 FROM replica_customers c JOIN above a ON c.id = a.id
        WHERE c.parent_id IS NOT NULL AND a.depth < 10
    )
    SELECT DISTINCT id FROM above
    """
)
