"""Who a customer is now."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def customer_now(session: Session, customer_id: str) -> str:
    """The customer that this one was merged into, or itself."""
    return str(session.execute(_NOW, {"id": customer_id}).scalar_one())


_NOW = text("SELECT customer_now(CAST(:id AS uuid))::text")
