"""Facets: how many customers each choice would leave, exact up to a thousand, then "1000+".

Without other filters, the counts that the projection keeps answer. With filters or words, one pass over what they
select counts all facets together.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from overview.domain.filters import FACETS, NONE
from overview.errors import FacetUnknown
from overview.queries.selection import COLUMN_OF, Selection, statement, where

EXACT = 1_000
_MOST_VALUES = 50

Counts = dict[str, int]


def facets(session: Session, selection: Selection, wanted: Sequence[str]) -> dict[str, Any]:
    """`{total, facets: {name: [{value, label, count, selected}]}}`, the most frequent values first. A facet's own
    choices do not narrow its counts, and stay in the list when nothing is left of them. Raises FacetUnknown."""
    for name in wanted:
        if name not in FACETS:
            raise FacetUnknown(f"There is no facet {name[:40]}; there are {', '.join(FACETS)}.")
    counts: dict[str, Counts] = {}
    for narrowed, names in _by_selection(selection, wanted):
        counts |= _counts(session, narrowed, names)
    return {
        "total": capped(_total(session, selection)),
        "facets": {name: _choices(session, selection, name, counts[name]) for name in wanted},
    }


def capped(count: int) -> int | str:
    """A count as it is shown."""
    return count if count <= EXACT else f"{EXACT}+"


def _by_selection(selection: Selection, wanted: Sequence[str]) -> list[tuple[Selection, list[str]]]:
    """The facets that look at the same rows, together: all whose own filter is not in use."""
    common = [name for name in wanted if name not in selection.filters and name != "status"]
    found = [(selection, common)] if common else []
    for name in wanted:
        if name not in common:
            filters = {field: values for field, values in selection.filters.items() if field != name}
            archived = "any" if name == "status" else selection.archived
            found.append((replace(selection, filters=filters, archived=archived), [name]))
    return found


def _counts(session: Session, selection: Selection, names: Sequence[str]) -> dict[str, Counts]:
    # The kept counts are of all customers; a portal user counts its own.
    is_portal = session.info["scope"].is_portal
    if not is_portal and selection.tokens is None and not selection.filters.keys() - {"status"}:
        return _kept(session, selection, names)
    return _counted(session, selection, names)


def _kept(session: Session, selection: Selection, names: Sequence[str]) -> dict[str, Counts]:
    statuses = None if selection.statuses is None else list(selection.statuses)
    found: dict[str, Counts] = {name: {} for name in names}
    rows = session.execute(_KEPT, {"facets": list(names), "statuses": statuses, "most": _MOST_VALUES})
    for facet, value, count in rows:
        found[facet][value] = int(count)
    return found


_KEPT = statement(
    """
    SELECT asked.facet, top.value, top.count
    FROM unnest(CAST(:facets AS text[])) AS asked (facet)
    CROSS JOIN LATERAL (
        SELECT value, sum(count) AS count FROM facet_counts
        WHERE facet = asked.facet AND (CAST(:statuses AS text[]) IS NULL OR status = ANY (CAST(:statuses AS text[])))
        GROUP BY value HAVING sum(count) > 0
        ORDER BY sum(count) DESC, value LIMIT :most
    ) AS top
    """
)


def _counted(session: Session, selection: Selection, names: Sequence[str]) -> dict[str, Counts]:
    """One pass over the selection, whatever the number of facets."""
    wanted = where(selection)
    columns = {name: "d.has" if name == "has" else COLUMN_OF[name] for name in names}
    sets = ", ".join(f"({column})" for column in columns.values())
    places = ", ".join(columns.values())
    sql = (
        f"SELECT grouping({places}), {places}, count(*) FROM directory d"  # noqa: S608  # our own names
        f" WHERE {wanted.sql} GROUP BY GROUPING SETS ({sets})"
    )
    found: dict[str, Counts] = {name: {} for name in names}
    # The bits of grouping() are 0 where a row is about that column.
    about = {(1 << len(names)) - 1 - (1 << (len(names) - 1 - place)): place for place in range(len(names))}
    for bits, *values, count in session.execute(statement(sql), wanted.params):
        place = about[bits]
        counts = found[names[place]]
        for value in values[place] if names[place] == "has" else [values[place]]:
            key = NONE if value is None else str(value)
            counts[key] = counts.get(key, 0) + count
    return found


def _total(session: Session, selection: Selection) -> int:
    wanted = where(selection)
    sql = f"SELECT count(*) FROM (SELECT 1 FROM directory d WHERE {wanted.sql} LIMIT :most) AS counted"  # noqa: S608
    return int(session.execute(statement(sql), {**wanted.params, "most": EXACT + 1}).scalar_one())


def _choices(session: Session, selection: Selection, name: str, counts: Counts) -> list[dict[str, Any]]:
    selected = selection.filters.get(name, ())
    for value in selected:
        counts.setdefault(value, 0)
    ordered = sorted(counts.items(), key=lambda one: (-min(one[1], EXACT + 1), one[0]))[:_MOST_VALUES]
    labels = _labels(session, name, [value for value, _ in ordered if value != NONE])
    return [
        {"value": value, "label": labels.get(value, value), "count": capped(count), "selected": value in selected}
        for value, count in ordered
    ]


def _labels(session: Session, name: str, values: Sequence[str]) -> dict[str, str]:
    if name not in _LABELS or not values:
        return {}
    return {value: label for value, label in session.execute(_LABELS[name], {"values": list(values)}) if label}


_LABELS = {
    "group": statement("SELECT id::text, name FROM groups WHERE id = ANY (CAST(:values AS uuid[]))"),
    # As the first customer in the list writes it.
    "city": statement(
        """
        SELECT asked.value, (SELECT d.city FROM directory d WHERE d.city_key = asked.value
                             ORDER BY d.sort_name, d.customer_id LIMIT 1)
        FROM unnest(CAST(:values AS text[])) AS asked (value)
        """
    ),
}
