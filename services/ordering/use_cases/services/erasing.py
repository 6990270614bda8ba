"""Services of people who are erased: what was used stays, who and where is gone."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def erase_services(session: Session, customer_id: str) -> dict[str, int]:
    """Empties what is personal in the services of a customer; returns how many services that were."""
    gone = session.execute(_ERASE, {"customer": customer_id})
    return {"services": int(gone.rowcount)}  # type: ignore[attr-defined]


_ERASE = text(
    """
    UPDATE services SET property_label = NULL, person_label = NULL, org_unit_label = NULL, reason = NULL, note = NULL
    WHERE customer_id = CAST(:customer AS uuid)
    """
)
