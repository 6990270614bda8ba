"""Contracts, quotes and standing orders of a customer that is a person and is erased: what was agreed stays, who
and where is gone, and nothing is ordered any more."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def erase_agreements(session: Session, customer_id: str) -> dict[str, int]:
    """Empties what is personal; returns how many rows of each that were."""
    counts = {}
    for name, statements in _ERASE.items():
        gone = [session.execute(text(statement), {"customer": customer_id}) for statement in statements]
        counts[name] = int(gone[-1].rowcount)  # type: ignore[attr-defined]
    return counts


_ERASE = {
    "contracts": ("UPDATE contracts SET note = NULL, reason = NULL, terms = NULL WHERE customer_id = :customer",),
    "quotes": (
        "UPDATE quote_revisions SET note = NULL, made_by_label = NULL WHERE customer_id = :customer",
        "UPDATE quotes SET requester_label = NULL, request_note = NULL, reason = NULL WHERE customer_id = :customer",
    ),
    "standing_orders": (
        "UPDATE standing_orders SET owner_label = NULL, ship_to = NULL, note = NULL, last_detail = NULL,"
        " status = 'ended', next_on = NULL WHERE customer_id = :customer",
    ),
}
