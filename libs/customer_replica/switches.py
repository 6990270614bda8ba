"""The switches that count for customers, and the line of ancestors in which they stand."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal_switches import Resolved, ScopeSettings, Source, Step, resolve

_PLATFORM_PLACE = 100


def effective_switches(session: Session, customer_ids: Sequence[str]) -> dict[str, dict[str, Resolved]]:
    """The resolved switches of each of the customers that exist for the caller."""
    return resolved_walks(session.execute(_WALKS, {"ids": list(customer_ids)}).all())


def resolved_walks(rows: Iterable[Sequence[Any]]) -> dict[str, dict[str, Resolved]]:
    """The resolved switches of each customer in rows such as `switch_walks` returns."""
    walks: dict[str, list[Step]] = {}
    for start, place, scope_id, values, locks, licensed in rows:
        walk = walks.setdefault(str(start), [Step("own", ScopeSettings(str(start)))])
        if place < 0:
            continue
        settings = ScopeSettings(
            None if place == _PLATFORM_PLACE else scope_id, values, frozenset(locks), licence_acknowledged=licensed
        )
        if place == 0:
            walk[0] = Step("own", settings)
        else:
            walk.append(Step(_source(place), settings))
    return {customer_id: resolve(walk) for customer_id, walk in walks.items()}


def customer_line(session: Session, customer_id: str) -> list[Mapping[str, Any]]:
    """The customer and its ancestors, nearest first: `{id, number, name, status, parent_id, group_id}`. Empty where
    there is no such customer for the caller."""
    rows = session.execute(_LINE, {"ids": [customer_id]}).mappings()
    return [dict(row) for row in rows]


def _source(place: int) -> Source:
    if place == _PLATFORM_PLACE:
        return "platform"
    if place == 1:
        return "group"
    return "ancestor_group" if place % 2 else "ancestor"


_WALKS = text("SELECT * FROM switch_walks(CAST(:ids AS uuid[]))")
_LINE = text(
    """
    SELECT id::text, number, name, status, parent_id::text, group_id::text
    FROM customer_line(CAST(:ids AS uuid[])) ORDER BY height
    """
)
