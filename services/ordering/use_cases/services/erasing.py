"""Services of people who are erased: what was used stays, who and where is gone."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session


def erase_services(session: Session, customer_id: str) -> dict[str, int]:
    """Empties what is personal in the services of a customer; returns how many services that were."""
    gone = session.execute(_ERASE, {"customer": customer_id})
    return {"services": int(gone.rowcount)}  # type: ignore[attr-defined]


def forget_people(session: Session, ids: Sequence[str]) -> dict[str, int]:
    """Forgets what people were called who use services; returns of how many services that was."""
    gone = session.execute(_FORGET, {"ids": list(ids)})
    session.execute(_FORGET_IN_ORDERS, {"ids": list(ids)})
    return {"services": int(gone.rowcount)}  # type: ignore[attr-defined]


_ERASE = text(
    """
    UPDATE services SET property_label = NULL, person_label = NULL, org_unit_label = NULL, reason = NULL, note = NULL
    WHERE customer_id = CAST(:customer AS uuid)
    """
)
_FORGET_IN_ORDERS = text(
    "UPDATE orders SET assignment = assignment #- '{person,label}' WHERE assignment->'person'->>'id' = ANY (:ids)"
)
_FORGET = text("UPDATE services SET person_label = NULL WHERE person_id = ANY (CAST(:ids AS uuid[]))")
