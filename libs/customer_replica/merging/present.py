"""Who a customer is now."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def customer_now(session: Session, customer_id: str) -> str:
    """The customer that this one was merged into, or itself."""
    return str(session.execute(_NOW, {"id": customer_id}).scalar_one())


_NOW = text("SELECT customer_now(CAST(:id AS uuid))::text")


def former_customers(session: Session, customer_id: str) -> list[str]:
    """The customers that were merged into this one, in whose partitions its earlier events are."""
    if not customer_id:
        return []
    return list(session.execute(_FORMER, {"id": customer_id}).scalars())


_FORMER = text(
    """
    SELECT customer_id::text FROM replica_merged_customers
    WHERE customer_now(customer_id) = CAST(:id AS uuid) ORDER BY customer_id
    """
)
