"""What identity knows of customers: names, the tree, and which are archived."""

import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import RowMapping, Select, select, text
from sqlalchemy.orm import Session

from identity.tables import replica_contacts, replica_customers

# A token holds a customer's id and codes; more customers than this would not fit into a header.
MOST_CUSTOMERS = 500

# A customer or contact that somebody has just made arrives by an event within moments.
_PATIENCE_SECONDS = 1.5
_PAUSE_SECONDS = 0.05


def customer(session: Session, customer_id: str) -> RowMapping | None:
    """A customer as last heard of; one that is not known (yet) is waited for, briefly."""
    return _arrived(session, select(replica_customers).where(replica_customers.c.id == customer_id))


def contact(session: Session, contact_id: str) -> RowMapping | None:
    """A contact as last heard of; one that is not known (yet) is waited for, briefly."""
    return _arrived(session, select(replica_contacts).where(replica_contacts.c.id == contact_id))


def reached(session: Session, customer_id: str, *, subtree: bool) -> list[RowMapping]:
    """The active customers that a grant reaches (`id`, `name`), nearest first, at most MOST_CUSTOMERS."""
    return list(session.execute(_REACHED, {"id": customer_id, "subtree": subtree, "most": MOST_CUSTOMERS}).mappings())


def ancestors(session: Session, customer_ids: Iterable[str]) -> list[str]:
    """The ids of the customers and of everything above them."""
    return [str(id_) for id_ in session.scalars(_ANCESTORS, {"ids": list(customer_ids)})]


def _arrived(session: Session, statement: Select[Any]) -> RowMapping | None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while (row := session.execute(statement).mappings().first()) is None and time.monotonic() < until:
        time.sleep(_PAUSE_SECONDS)
    return row


# UNION (not UNION ALL) and the depth end the walk even where events of a move arrived in an order that makes a ring.
_REACHED = text(
    """
    WITH RECURSIVE reached (id, depth) AS (
        SELECT id, 0 FROM replica_customers WHERE id = :id
        UNION
        SELECT c.id, r.depth + 1 FROM replica_customers c JOIN reached r ON c.parent_id = r.id
        WHERE :subtree AND r.depth < 10
    )
    SELECT c.id::text AS id, c.name, min(r.depth) AS depth
    FROM reached r JOIN replica_customers c ON c.id = r.id
    WHERE c.status = 'active'
    GROUP BY c.id, c.name ORDER BY min(r.depth), c.id LIMIT :most
    """
)

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
