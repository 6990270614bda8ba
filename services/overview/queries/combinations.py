"""Counting what a selection leaves, for many facets in one pass that reads indexes and no rows.

The facets of few values are counted together, by the combination of them that a customer has: of these there are few as
well, however many customers. What a combination stands for is read once, not once per customer.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from overview.domain.filters import NONE, is_mark
from overview.queries.selection import COLUMN_OF, Params, Selection, Where, has_term, of_field, of_status, statement
from overview.queries.words import customers_of, rarest

Counts = dict[str, int]

_COMBINED = frozenset(("kind", "country", "login", "supply", "has"))  # besides what is kept as marks
_COMMON = 50_000  # hits of a word beyond which others are not compared with it


def count(session: Session, selection: Selection, names: Sequence[str]) -> tuple[dict[str, Counts], int]:
    """How many of the selected customers have each value of the facets named, and how many customers those are."""
    wanted = _wanted(session, selection)
    columns = ["combination", *(COLUMN_OF[name] for name in names if not _is_combined(name))]
    shown = ", ".join(f"d.{column}" for column in columns)
    sets = ", ".join(f"(d.{column})" for column in columns)
    sql = (
        f"SELECT grouping({shown}), {shown}, count(*) FROM directory d"  # noqa: S608  # our own names
        f" WHERE {wanted.sql} GROUP BY GROUPING SETS ({sets})"
    )
    by_column: dict[str, dict[Any, int]] = {column: {} for column in columns}
    every = (1 << len(columns)) - 1
    for bits, *values, count in session.execute(statement(sql), wanted.params):
        # Of the bits of grouping(), the one that is 0 tells which column the row is about.
        place = len(columns) - (every ^ bits).bit_length()
        by_column[columns[place]][values[place]] = count
    of_combinations = by_column["combination"]
    found = _taken_apart(session, of_combinations, [name for name in names if _is_combined(name)])
    for name in names:
        if not _is_combined(name):
            counts = by_column[COLUMN_OF[name]].items()
            found[name] = {NONE if value is None else str(value): count for value, count in counts}
    return found, sum(of_combinations.values())


def _is_combined(name: str) -> bool:
    return name in _COMBINED or is_mark(name)


def _wanted(session: Session, selection: Selection) -> Where:
    """What a row has to satisfy, asked of the index alone: its status, city, group, combination and customer. (Only a
    filter by parent reads rows.)"""
    found, params = of_status(selection)
    combined = []
    for field, values in selection.filters.items():
        if _is_combined(field):
            combined.append(of_field("c", field, values, params))
        elif field != "status":
            found.append(of_field("d", field, values, params))
    if combined:
        # As an array, of which each is one stretch of the index.
        these = f"SELECT c.id FROM combinations c WHERE {' AND '.join(combined)}"  # noqa: S608  # our own names
        found.append(f"d.combination = ANY (ARRAY({these}))")
    found += _of_words(session, selection, params)
    return Where(tuple(found), params)


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


def _taken_apart(session: Session, combinations: dict[int, int], names: Sequence[str]) -> dict[str, Counts]:
    """The counts of single values, from those of their combinations."""
    found: dict[str, Counts] = {name: {} for name in names}
    if not names:
        return found
    flat = [name for name in names if not is_mark(name)]
    shown = ", ".join(["id", "marks", *(COLUMN_OF[name] for name in flat)])
    sql = f"SELECT {shown} FROM combinations WHERE id = ANY (CAST(:ids AS bigint[]))"  # noqa: S608  # our own names
    for id_, marks, *values in session.execute(statement(sql), {"ids": list(combinations)}):
        count = combinations[id_]
        for name, value in zip(flat, values, strict=True):
            _add(found[name], value if name == "has" else [value], count)
        if len(flat) < len(names):
            for mark in marks:
                name, _, value = mark.partition(":")
                if name in found:
                    _add(found[name], [value], count)
    return found


def _add(counts: Counts, values: Iterable[Any], count: int) -> None:
    for value in values:
        key = NONE if value is None else str(value)
        counts[key] = counts.get(key, 0) + count
