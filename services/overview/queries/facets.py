"""Facets: how many customers each choice would leave, exact up to a thousand, then "1000+".

Without other filters, the counts that the projection keeps answer. With filters, a small selection is counted as a
whole; of a large one, the values that are most frequent overall are counted one by one, each only up to the limit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import Session

from overview.domain.filters import CHOICES, FACETS, NONE
from overview.errors import FacetUnknown
from overview.queries.directory import COLUMN_OF, Selection, conditions
from overview.tables import directory, facet_counts, groups

EXACT = 1_000
_WHOLE = 5_000  # rows that are counted as a whole
_MOST_VALUES = 50

Counts = dict[str, int]


def facets(session: Session, selection: Selection, wanted: Sequence[str]) -> dict[str, Any]:
    """`{total, facets: {name: [{value, label, count, selected}]}}`, the most frequent values first. A facet's own
    choices do not narrow its counts, and stay in the list when nothing is left of them. Raises FacetUnknown."""
    for name in wanted:
        if name not in FACETS:
            raise FacetUnknown(f"There is no facet {name[:40]}; there are {', '.join(FACETS)}.")
    return {
        "total": capped(session.execute(select(_bounded(selection))).scalar_one()),
        "facets": {name: _facet(session, selection, name) for name in wanted},
    }


def capped(count: int) -> int | str:
    """A count as it is shown."""
    return count if count <= EXACT else f"{EXACT}+"


def _facet(session: Session, selection: Selection, name: str) -> list[dict[str, Any]]:
    selected = selection.filters.get(name, ())
    counts = _counts(session, _without(selection, name), name, selected)
    for value in selected:
        counts.setdefault(value, 0)
    ordered = sorted(counts.items(), key=lambda one: (-min(one[1], EXACT + 1), one[0]))[:_MOST_VALUES]
    labels = _labels(session, name, [value for value, _ in ordered])
    return [
        {"value": value, "label": labels.get(value, value), "count": capped(count), "selected": value in selected}
        for value, count in ordered
    ]


def _without(selection: Selection, name: str) -> Selection:
    filters = {field: values for field, values in selection.filters.items() if field != name}
    return replace(selection, filters=filters, archived="any" if name == "status" else selection.archived)


def _counts(session: Session, selection: Selection, name: str, selected: Iterable[str]) -> Counts:
    if selection.tokens is not None and not selection.tokens:
        return {}
    # The kept counts are of all customers; a portal user counts its own.
    is_portal = session.info["scope"].is_portal
    if not is_portal and not selection.tokens and not selection.filters.keys() - {"status"}:
        return _kept(session, selection, name)
    if name in CHOICES:
        return _singly(session, selection, name, CHOICES[name])
    whole = _whole(session, selection, name, None if is_portal else _WHOLE)
    if whole is not None:
        return whole
    return _singly(session, selection, name, {*_kept(session, replace(selection, filters={}), name), *selected})


def _kept(session: Session, selection: Selection, name: str) -> Counts:
    count = func.sum(facet_counts.c.count)
    statement = (
        select(facet_counts.c.value, count)
        .where(facet_counts.c.facet == name)
        .group_by(facet_counts.c.value)
        .having(count > 0)
        .order_by(count.desc(), facet_counts.c.value)
        .limit(_MOST_VALUES)
    )
    if selection.statuses is not None:
        statement = statement.where(facet_counts.c.status.in_(selection.statuses))
    return {value: int(number) for value, number in session.execute(statement)}


def _whole(session: Session, selection: Selection, name: str, most: int | None) -> Counts | None:
    """Every value of the selection, or None where it has more rows than `most`."""
    rows = select(COLUMN_OF[name].label("value")).where(*conditions(selection))
    if most is not None:
        rows = rows.limit(most + 1)
    taken = rows.subquery()
    found = session.execute(select(taken.c.value, func.count()).group_by(taken.c.value)).all()
    if most is not None and sum(count for _, count in found) > most:
        return None
    return {NONE if value is None else str(value): count for value, count in found}


def _singly(session: Session, selection: Selection, name: str, values: Iterable[str]) -> Counts:
    asked = sorted(values)
    if not asked:
        return {}
    counts = [
        _bounded(replace(selection, filters={**selection.filters, name: (value,)})).label(f"value_{place}")
        for place, value in enumerate(asked)
    ]
    found = session.execute(select(*counts)).one()
    return {value: count for value, count in zip(asked, found, strict=True) if count}


def _bounded(selection: Selection) -> ScalarSelect[int]:
    if selection.tokens is not None and not selection.tokens:
        return select(func.count()).where(directory.c.customer_id.is_(None)).scalar_subquery()
    rows: Select[Any] = select(directory.c.customer_id).where(*conditions(selection)).limit(EXACT + 1)
    return select(func.count()).select_from(rows.subquery()).scalar_subquery()


def _labels(session: Session, name: str, values: Sequence[str]) -> dict[str, str]:
    known = [value for value in values if value != NONE]
    if name == "group" and known:
        found = session.execute(select(groups.c.id, groups.c.name).where(groups.c.id.in_(known)))
        return {id_: label for id_, label in found}  # noqa: C416  # rows, not pairs
    if name == "city" and known:
        asked = func.unnest(known).table_valued("key", name="asked").render_derived()
        spelt = (
            select(directory.c.city)
            .where(directory.c.city_key == asked.c.key)
            .order_by(directory.c.sort_name, directory.c.customer_id)
            .limit(1)
            .scalar_subquery()
        )
        return {key: city or key for key, city in session.execute(select(asked.c.key, spelt))}
    return {}
