"""Orders of a customer that is a person and is erased: what was ordered stays, who and where is gone."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def erase_orders(session: Session, customer_id: str) -> dict[str, int]:
    """Empties what is personal in the orders of a customer; returns how many orders that were."""
    gone = session.execute(_ERASE, {"customer": customer_id})
    return {"orders": int(gone.rowcount)}  # type: ignore[attr-defined]


_ERASE = text(
    """
    UPDATE orders
    SET requester_label = NULL, ship_to = NULL, note = NULL, reason = NULL, override_reason = NULL, company_path = '[]',
        assignment = assignment #- '{person,label}' #- '{org_unit,label}'
    WHERE customer_id = CAST(:customer AS uuid)
    """
)
