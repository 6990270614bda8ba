"""Counting what a selection leaves, for many facets in one pass that reads indexes and no rows.

The facets of few values are counted together, by the combination of them that a customer has: of these there are few as
well, however many customers. A combination's id is a hash of what it stands for, so that each is read once per process.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from overview.domain.filters import NONE, is_mark
from overview.queries.selection import COLUMN_OF, Params, Selection, has_term, of_field, of_status, statement
from overview.queries.words import customers_of, rarest

Counts = dict[str, int]
Values = tuple[tuple[str, str], ...]  # facet and value

_COMBINED = frozenset(("status", "kind", "country", "login", "supply", "has"))  # besides what is kept as marks
_COMMON = 50_000  # hits of a word beyond which others are not compared with it
_MOST_KNOWN = 20_000

_known: dict[int, Values] = {}


def count(session: Session, selection: Selection, names: Sequence[str]) -> tuple[dict[str, Counts], int]:
    """How many of the selected customers have each value of the facets named, and how many customers those are. The
    facet `status` counts what would be selected with any status."""
    columns = ["combination", *(COLUMN_OF[name] for name in names if not _is_combined(name))]
    by_column: dict[str, dict[Any, int]] = {column: {} for column in columns}
    any_status: dict[int, int] = {}
    every = (1 << len(columns)) - 1
    sql, params = _counting(session, selection, columns, of_any="status" in names)
    for bits, *values, selected, count in session.execute(statement(sql), params):
        # Of the bits of grouping(), the one that is 0 tells which column the row is about.
        place = len(columns) - (every ^ bits).bit_length()
        by_column[columns[place]][values[place]] = selected
        if place == 0:
            any_status[values[0]] = count
    combinations = by_column["combination"]
    found = _taken_apart(_described(session, any_status), combinations, any_status, names)
    for name in names:
        if not _is_combined(name):
            counts = by_column[COLUMN_OF[name]].items()
            found[name] = {NONE if value is None else str(value): count for value, count in counts if count}
    return found, sum(combinations.values())


def _is_combined(name: str) -> bool:
    return name in _COMBINED or is_mark(name)


def _counting(session: Session, selection: Selection, columns: Sequence[str], *, of_any: bool) -> tuple[str, Params]:
    """The statement that counts by each of the columns: customers of the selected statuses, and of all those read;
    `of_any`: whether those of other statuses are."""
    conditions, params = of_status(selection)
    selected = " AND ".join(conditions) or "true"
    wanted = [*_conditions(session, selection, params), *([] if of_any else conditions)]
    shown = ", ".join(f"d.{column}" for column in columns)
    sets = ", ".join(f"(d.{column})" for column in columns)
    return (
        f"SELECT grouping({shown}), {shown}, count(*) FILTER (WHERE {selected}), count(*) FROM directory d"  # noqa: S608
        f" WHERE {' AND '.join(wanted) or 'true'} GROUP BY GROUPING SETS ({sets})"
    ), params


def _conditions(session: Session, selection: Selection, params: Params) -> list[str]:
    """What a row has to satisfy besides its status, asked of the index alone: its city, group, combination and
    customer. (Only a filter by parent reads rows.)"""
    found, combined = [], []
    for field, values in selection.filters.items():
        if field == "status":
            continue
        if _is_combined(field):
            combined.append(of_field("c", field, values, params))
        else:
            found.append(of_field("d", field, values, params))
    if combined:
        # As an array, of which each is one stretch of the index.
        these = f"SELECT c.id FROM combinations c WHERE {' AND '.join(combined)}"  # noqa: S608  # our own names
        found.append(f"d.combination = ANY (ARRAY({these}))")
    return found + _of_words(session, selection, params)


def _of_words(session: Session, selection: Selection, params: Params) -> list[str]:
    """The customers of the rarest word, from the index of terms, each looked up for the other words."""
    words = selection.tokens
    if words is None:
        return []
    if not words:
        return ["false"]
    leading = rarest(session, words, most=_COMMON)[0] if len(words) > 1 else 0
    found = [f"d.customer_id = ANY ({customers_of(words[leading], selection.viewer, params)})"]
    for place, word in enumerate(words):
        if place != leading:
            found.append(has_term(f"w{place}", word, selection.viewer, params, probed=True))
    return found


def _taken_apart(
    described: Mapping[int, Values], selected: Mapping[int, int], any_status: Mapping[int, int], names: Iterable[str]
) -> dict[str, Counts]:
    """The counts of single values, from those of their combinations."""
    counts: dict[tuple[str, str], int] = {}
    statuses: dict[tuple[str, str], int] = {}
    for id_, values in described.items():
        # A combination has one status: all its customers are selected, or none.
        status = values[0]
        statuses[status] = statuses.get(status, 0) + any_status[id_]
        if number := selected[id_]:
            for one in values:
                counts[one] = counts.get(one, 0) + number
    found: dict[str, Counts] = {name: {} for name in names}
    for (facet, value), number in counts.items():
        if facet in found and facet != "status":
            found[facet][value] = number
    if "status" in found:
        found["status"] = {value: number for (_, value), number in statuses.items()}
    return found


def _described(session: Session, ids: Iterable[int]) -> dict[int, Values]:
    """What combinations stand for, the status first."""
    known = {id_: values for id_ in ids if (values := _known.get(id_))}
    if missing := [id_ for id_ in ids if id_ not in known]:
        rows = session.execute(_OF_COMBINATIONS, {"ids": missing}).mappings()
        read = {row["id"]: _values(row) for row in rows}
        if len(_known) + len(read) > _MOST_KNOWN:
            _known.clear()
        _known.update(read)
        known |= read
    return known


def _values(row: RowMapping) -> Values:
    plain = [(name, row[name] or NONE) for name in ("status", "kind", "country", "login", "supply")]
    marks = ((name, value) for name, _, value in (mark.partition(":") for mark in row["marks"]))
    return (*plain, *(("has", value) for value in row["has"]), *marks)


_OF_COMBINATIONS = statement(
    "SELECT id, status, kind, country, login, supply, has, marks FROM combinations"
    " WHERE id = ANY (CAST(:ids AS bigint[]))"
)
