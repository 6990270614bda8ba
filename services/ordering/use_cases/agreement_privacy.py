"""Contracts, quotes, saved lists and standing orders of a customer that is a person and is erased: what was agreed
stays, who and where is gone, and nothing is ordered any more."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def erase_agreements(session: Session, customer_id: str) -> dict[str, int]:
    """Empties what is personal and throws saved lists away; returns how many rows of each that were."""
    counts = {}
    for name, statements in _ERASE.items():
        gone = [session.execute(text(statement), {"customer": customer_id}) for statement in statements]
        counts[name] = int(gone[-1].rowcount)  # type: ignore[attr-defined]
    return counts


_WHOSE = "WHERE customer_id = CAST(:customer AS uuid)"
_ERASE = {
    "contracts": (f"UPDATE contracts SET note = NULL, reason = NULL, terms = NULL {_WHOSE}",),
    "quotes": (
        f"UPDATE quote_revisions SET note = NULL, made_by_label = NULL {_WHOSE}",
        f"UPDATE quotes SET requester_label = NULL, request_note = NULL, reason = NULL {_WHOSE}",
    ),
    "saved_lists": (
        f"DELETE FROM saved_lists {_WHOSE}",  # noqa: S608  # our own words
    ),
    "standing_orders": (
        "UPDATE standing_orders SET owner_label = NULL, ship_to = NULL, note = NULL, last_detail = NULL,"
        f" status = 'ended', next_on = NULL {_WHOSE}",
    ),
}
