"""The directory: customers by filters and search terms, in the order asked for, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from common.paging import CursorInvalid, Direction, read_values, write_cursor
from common.web import Page
from overview.errors import SortInvalid
from overview.queries.selection import ITEM_COLUMNS, NAMES, Params, Selection, Where, item, statement, where
from overview.queries.words import customers_of, rarest

_COMMON = 50_000  # hits of a word


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


def page(
    session: Session, selection: Selection, sort: tuple[str, Direction], *, limit: int, cursor: str | None, scope: str
) -> Page:
    """One page in a fixed order; rows without the sorted value come last in both directions. Raises CursorInvalid."""
    by, (_, direction) = _SORTS[sort[0]], sort
    wanted = _where(session, selection)
    conditions, params = list(wanted.conditions), {**wanted.params, "limit": limit + 1}
    if cursor:
        conditions.append(_after(by, direction, read_values(cursor, scope), params))
    rows = session.execute(statement(_sql(by, direction, Where(tuple(conditions), params))), params).mappings().all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = write_cursor([last["sorted_by"], last["customer_id"]], scope)
    return Page([item(row, selection.viewer) for row in rows[:limit]], following)


def _where(session: Session, selection: Selection) -> Where:
    """The customers of the rarest word are looked up first and then sorted. Only where it is very common is it checked
    row by row along the order of the list: words and orders go together (names that begin with Z come last), and then
    that would read nearly everything before the first hit. PostgreSQL has no statistics to know this by."""
    if not selection.tokens:
        return where(selection)
    place, count = rarest(session, selection.tokens, most=_COMMON)
    if count >= _COMMON:
        return where(selection, probed=True)
    others = [token for at, token in enumerate(selection.tokens) if at != place]
    wanted = where(replace(selection, tokens=others or None), probed=True)
    found = customers_of(selection.tokens[place], selection.viewer, wanted.params)
    return Where((*wanted.conditions, f"d.customer_id = ANY ({found})"), wanted.params)


def _sql(by: _Sort, direction: Direction, wanted: Where) -> str:
    nulls = " NULLS LAST" if by.nullable else ""
    page = (
        f"SELECT {ITEM_COLUMNS}, {by.column} AS sorted_by FROM directory d"  # noqa: S608  # our own names
        f" WHERE {wanted.sql} ORDER BY {by.column} {direction}{nulls}, d.customer_id {direction} LIMIT :limit"
    )
    return (
        f"SELECT found.*, {NAMES} FROM ({page}) AS found"  # noqa: S608  # our own names
        " LEFT JOIN groups g ON g.id = CAST(found.group_id AS uuid)"
        f" ORDER BY found.sorted_by {direction}{nulls}, CAST(found.customer_id AS uuid) {direction}"
    )


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
