"""Rules that speak of something which another thing takes the place of."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from customer.domain.changes import changes
from customer.domain.segments import SEGMENT_LABELS
from customer.tables.rules import segments
from customer.use_cases.segments.definitions import BEGINNING, one_at_a_time, save_segment


def speak_of(session: Session, old_id: str, new_id: str) -> None:
    """Lets the rules that name `old_id` name `new_id`, and looks at all customers again for those."""
    one_at_a_time(session)
    for row in session.execute(select(segments).where(segments.c.deleted_at.is_(None))).mappings().all():
        before = {str(name): value for name, value in row.items()}
        after = before | {"rule": _replaced(before["rule"], old_id, new_id)}
        differing = changes(before, after, SEGMENT_LABELS)
        if differing:
            after |= {"rule_version": before["rule_version"] + 1, "rebuilt_to": BEGINNING if before["active"] else None}
            save_segment(session, after, differing)


def _replaced(value: Any, old_id: str, new_id: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(inner, old_id, new_id) for key, inner in value.items()}
    if isinstance(value, list):
        return (
            list(dict.fromkeys(_replaced(inner, old_id, new_id) for inner in value))
            if _is_ids(value)
            else [_replaced(inner, old_id, new_id) for inner in value]
        )
    return new_id if value == old_id else value


def _is_ids(value: list[Any]) -> bool:
    return all(isinstance(inner, str) for inner in value)
