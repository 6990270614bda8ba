"""The directory: customers by filters and search terms, in the order asked for, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from common.paging import CursorInvalid, Direction, read_values, write_cursor
from common.web import Page
from overview.errors import SortInvalid
from overview.queries import streams
from overview.queries.selection import GROUP, ITEM_COLUMNS, NAMES, Params, Selection, Where, item, statement, where
from overview.queries.streams import Streams
from overview.queries.words import customers_of, rarest

_COMMON = 50_000  # hits of a word
_TELLING = 2_000  # hits of a word up to which it is compared with others before they are read by name
_FEW = 100  # hits that are collected sooner than their terms are listed


@dataclass(frozen=True, slots=True)
class _Sort:
    column: str
    kind: str
    nullable: bool = False


_SORTS = {
    "name": _Sort("d.sort_name", "text"),
    "number": _Sort("d.number_key", "text", nullable=True),
    "created_at": _Sort("d.created_at", "timestamptz"),
    "updated_at": _Sort("d.updated_at", "timestamptz"),
}
SORTS = tuple(_SORTS)


def sort_of(text: str | None) -> tuple[str, Direction]:
    """Reads `name`, `-updated_at`, `number:desc`; raises SortInvalid."""
    wanted = text or "name"
    name, _, direction = wanted.lstrip("-").partition(":")
    if name not in _SORTS or direction not in {"", "asc", "desc"}:
        raise SortInvalid(f"Sort by one of {', '.join(SORTS)}; put a minus before it for the other direction.")
    return name, "desc" if wanted.startswith("-") or direction == "desc" else "asc"


@dataclass(frozen=True, slots=True)
class Listing:
    """A selection in an order, ready to be read stretch by stretch."""

    by: _Sort
    direction: Direction
    wanted: Where
    streams: Streams | None = None

    def stretch(self, after: Sequence[Any] | None, limit: int, shown: str, joins: str) -> tuple[str, Params]:
        """SQL and parameters of the `limit` rows behind the one with the values `after` (what it was sorted by and its
        id). `shown` and `joins` add columns to those of the rows `found`. Raises CursorInvalid."""
        conditions, params = list(self.wanted.conditions), {**self.wanted.params, "limit": limit}
        if after is not None:
            conditions.append(_after(self.by, self.direction, after, params))
        column, direction = self.by.column, self.direction
        nulls = " NULLS LAST" if self.by.nullable else ""
        these = Where(tuple(conditions), params).sql
        if self.streams:
            these = f"d.customer_id = ANY (ARRAY({self.streams.ids(these, _name(after), direction, params)}))"
        rows = (
            f"SELECT {ITEM_COLUMNS}, {column} AS sorted_by FROM directory d WHERE {these}"  # noqa: S608  # our own names
            f" ORDER BY {column} {direction}{nulls}, d.customer_id {direction} LIMIT :limit"
        )
        return (
            f"SELECT found.*, {shown} FROM ({rows}) AS found {joins}"  # noqa: S608  # our own names
            f" ORDER BY found.sorted_by {direction}{nulls}, CAST(found.customer_id AS uuid) {direction}"
        ), params


def listing(session: Session, selection: Selection, sort: tuple[str, Direction]) -> Listing:
    """The selection in an order; rows without the sorted value come last in both directions."""
    by, direction = _SORTS[sort[0]], sort[1]
    if selection.tokens:
        return _of_words(session, selection, by, direction)
    found = streams.of_marks(session, selection) if sort[0] == "name" else None
    if found is None:
        return Listing(by, direction, where(selection))
    field, led = found
    others = {name: values for name, values in selection.filters.items() if name != field}
    return Listing(by, direction, where(replace(selection, filters=others), probed=True), led)


def page(
    session: Session, selection: Selection, sort: tuple[str, Direction], *, limit: int, cursor: str | None, scope: str
) -> Page:
    """One page of a listing; raises CursorInvalid."""
    after = read_values(cursor, scope) if cursor else None
    sql, params = listing(session, selection, sort).stretch(after, limit + 1, NAMES, GROUP)
    rows = session.execute(statement(sql), params).mappings().all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = write_cursor([last["sorted_by"], last["customer_id"]], scope)
    return Page([item(row, selection.viewer) for row in rows[:limit]], following)


def _of_words(session: Session, selection: Selection, by: _Sort, direction: Direction) -> Listing:
    """In the order of names, the customers of the rarest word come from the index of terms. In any other order they are
    looked up first and then sorted. Only where a word is very common is it checked row by row along the order of the
    list: words and orders go together (names that begin with Z come last), and then that would read nearly everything
    before the first hit. PostgreSQL has no statistics to know this by."""
    assert selection.tokens
    words = selection.tokens
    place, count = rarest(session, words, most=_TELLING)
    if by is _SORTS["name"] and count > _FEW:
        led = streams.of_word(session, words[place], selection.viewer)
        if led is not None:
            return Listing(by, direction, _besides(selection, place), led)
    if count >= _TELLING:
        place, count = rarest(session, words, most=_COMMON)
    if count >= _COMMON:
        return Listing(by, direction, where(selection, probed=True))
    wanted = _besides(selection, place)
    found = customers_of(words[place], selection.viewer, wanted.params)
    return Listing(by, direction, Where((*wanted.conditions, f"d.customer_id = ANY ({found})"), wanted.params))


def _besides(selection: Selection, place: int) -> Where:
    """What is asked of a customer besides the word at that place."""
    others = [word for at, word in enumerate(selection.tokens or ()) if at != place]
    return where(replace(selection, tokens=others or None), probed=True)


def _name(after: Sequence[Any] | None) -> str | None:
    return None if after is None else str(after[0])


def _after(by: _Sort, direction: Direction, values: Sequence[Any], params: Params) -> str:
    """What comes after the last row shown. Each form is one stretch of an index."""
    beyond = ">" if direction == "asc" else "<"
    match values:
        case [None, str(customer_id)] if by.nullable:
            params |= {"after_id": customer_id}
            return f"({by.column} IS NULL AND d.customer_id {beyond} CAST(:after_id AS uuid))"
        case [str(value), str(customer_id)]:
            params |= {"after_value": _moment(value) if by.kind == "timestamptz" else value, "after_id": customer_id}
            row = f"({by.column}, d.customer_id) {beyond} (CAST(:after_value AS {by.kind}), CAST(:after_id AS uuid))"
            return f"({row} OR {by.column} IS NULL)" if by.nullable else row
    raise CursorInvalid("The cursor belongs to another list; start again without one.")


def _moment(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise CursorInvalid("The cursor cannot be read; start again without one.") from error
