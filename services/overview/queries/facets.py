"""Facets: how many customers each choice would leave, exact up to a thousand, then "1000+".

Without other filters, the counts that the projection keeps answer. With filters or words, one pass over what they
select counts all facets together (`combinations`).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy.orm import Session

from overview.domain.filters import FACETS, NONE, PORTAL_FACETS, is_custom, is_facet
from overview.domain.terms import MARK, MARK_RANK
from overview.errors import FacetUnknown
from overview.queries import combinations
from overview.queries.combinations import Counts
from overview.queries.selection import Selection, statement, where

EXACT = 1_000
TOTAL = 10_000  # up to which the number of all hits is exact
_MOST_VALUES = 50
_TREE = "location_group"  # whose values hold what is below them


def facets(session: Session, selection: Selection, wanted: Sequence[str]) -> dict[str, Any]:
    """`{total, facets: {name: [{value, label, count, selected}]}}`, the most frequent values first. A facet's own
    choices do not narrow its counts, and stay in the list when nothing is left of them. Raises FacetUnknown."""
    is_portal = selection.viewer.is_portal
    for name in wanted:
        if not is_facet(name, is_portal=is_portal):
            there_are = ", ".join(PORTAL_FACETS if is_portal else (*FACETS, "cf.<key>"))
            raise FacetUnknown(f"There is no facet {name[:40]}; there are {there_are}.")
    counts: dict[str, Counts] = {}
    total: int | None = None
    for narrowed, names in _by_selection(selection, wanted):
        found, seen = _counts(session, narrowed, names)
        counts |= found
        total = seen if narrowed is selection else total
    return {
        "total": capped(_total(session, selection) if total is None else total, TOTAL),
        "facets": {name: _choices(session, selection, name, counts[name]) for name in wanted},
    }


def capped(count: int, most: int | None = None) -> int | str:
    """A count as it is shown: exact up to `most`, by default that of a facet's value."""
    limit = most or EXACT
    return count if count <= limit else f"{limit}+"


def _by_selection(selection: Selection, wanted: Sequence[str]) -> list[tuple[Selection, list[str]]]:
    """The facets that look at the same rows, together: all whose own filter is not in use, and the status."""
    common = [name for name in wanted if name not in selection.filters or name == "status"]
    found = [(selection, common)] if common else []
    for name in wanted:
        if name not in common:
            filters = {field: values for field, values in selection.filters.items() if field != name}
            found.append((replace(selection, filters=filters), [name]))
    return found


def _counts(session: Session, selection: Selection, names: Sequence[str]) -> tuple[dict[str, Counts], int | None]:
    """The counts of some facets, and how many customers they look at where that is known with them."""
    found: dict[str, Counts] = {}
    total: int | None = None
    flat = [name for name in names if name != _TREE]
    if flat and _is_kept(selection):
        found = _kept(session, selection, flat)
    elif flat:
        found, total = combinations.count(session, selection, flat)
    if _TREE in names:
        found[_TREE] = _located(session, selection)
    return found, total


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
        WHERE facet = asked.facet
          AND (facet = 'status' OR CAST(:statuses AS text[]) IS NULL OR status = ANY (CAST(:statuses AS text[])))
        GROUP BY value HAVING sum(count) > 0
        ORDER BY sum(count) DESC, value LIMIT :most
    ) AS top
    """
)


def _located(session: Session, selection: Selection) -> Counts:
    """How many customers are in each location group or below it."""
    wanted = where(selection)
    sql = _LOCATED.replace("{wanted}", wanted.sql)
    rows = session.execute(statement(sql), {**wanted.params, "most": EXACT + 1})
    return {value: int(count) for value, count in rows if count}


_LOCATED = f"""
    WITH RECURSIVE below AS (
        SELECT id AS top, id FROM records WHERE kind = '{_TREE}' AND NOT removed
        UNION
        SELECT below.top, r.id FROM records r JOIN below ON r.parent_id = below.id
        WHERE r.kind = '{_TREE}' AND NOT r.removed
    ), trees AS (
        SELECT top, array_agg('{MARK}{_TREE}' || chr(58) || id) AS terms FROM below GROUP BY top
    )
    SELECT trees.top::text, (
        SELECT count(*) FROM (
            SELECT DISTINCT m.customer_id FROM terms m JOIN directory d ON d.customer_id = m.customer_id
            WHERE m.rank = {MARK_RANK} AND m.term = ANY (trees.terms) AND {{wanted}} LIMIT :most
        ) AS counted)
    FROM trees
"""  # noqa: S608  # our own names


def _total(session: Session, selection: Selection) -> int:
    if _is_kept(selection):
        counts = _kept(session, selection, ["status"])["status"]
        return sum(count for status, count in counts.items() if status in (selection.statuses or counts))
    wanted = where(selection)
    sql = f"SELECT count(*) FROM (SELECT 1 FROM directory d WHERE {wanted.sql} LIMIT :most) AS counted"  # noqa: S608
    return int(session.execute(statement(sql), {**wanted.params, "most": TOTAL + 1}).scalar_one())


def _is_kept(selection: Selection) -> bool:
    """Whether the counts that the projection keeps answer: they are of all customers, and a portal user counts its
    own."""
    is_narrow = selection.viewer.is_portal or selection.tokens is not None
    return not is_narrow and not selection.filters.keys() - {"status"}


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
    if not values:
        return {}
    if name in _LABELS:
        return {value: label for value, label in session.execute(_LABELS[name], {"values": list(values)}) if label}
    if name in _OF_RECORDS:
        rows = session.execute(_LABELS_OF_RECORDS, {"kind": name, "values": list(values)})
        return {value: label for value, label in rows if label}
    if is_custom(name):
        return _option_labels(session, name.partition(".")[2])
    return {}


def _option_labels(session: Session, key: str) -> dict[str, str]:
    """The labels of a custom field's options."""
    for body in session.execute(_DEFINITIONS).scalars():
        definition = orjson.loads(body)
        if definition.get("key") == key and definition.get("applies_to") == "customer":
            return {str(option["id"]): str(option["label"]) for option in definition.get("options") or ()}
    return {}


_OF_RECORDS = frozenset(("tag", "segment", "location_group", "system_type"))
_LABELS_OF_RECORDS = statement(
    "SELECT id::text, label FROM records WHERE kind = :kind AND id = ANY (CAST(:values AS uuid[])) AND NOT removed"
)
_DEFINITIONS = statement("SELECT body FROM records WHERE kind = 'custom_field' AND NOT removed")

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
