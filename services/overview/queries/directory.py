"""The directory: customers by filters and search terms, in the order asked for, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from sqlalchemy import ColumnElement, RowMapping, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from common.clock import rfc3339
from common.paging import Direction, Key, keyset
from common.web import Page
from overview.domain.filters import NONE, Filters
from overview.domain.terms import Token
from overview.errors import SortInvalid
from overview.tables import directory, groups, terms

Archived = Literal["no", "only", "any"]

_SORTS = {
    "name": (directory.c.sort_name, False),
    "number": (directory.c.number_key, True),
    "created_at": (directory.c.created_at, False),
    "updated_at": (directory.c.updated_at, False),
}
SORTS = tuple(_SORTS)

COLUMN_OF = {
    "status": directory.c.status,
    "kind": directory.c.kind,
    "country": directory.c.country,
    "city": directory.c.city_key,
    "group": directory.c.group_id,
    "login": directory.c.login,
    "parent": directory.c.parent_id,
}

ITEM_COLUMNS = (*directory.c, groups.c.name.label("group_name"))
ITEM_SOURCE = directory.outerjoin(groups, groups.c.id == directory.c.group_id)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which customers. A filter on the status says more than `archived` and replaces it."""

    filters: Filters
    archived: Archived = "no"
    tokens: Sequence[Token] | None = None  # None: no search; empty: a search that finds nothing

    @property
    def statuses(self) -> tuple[str, ...] | None:
        """The statuses selected, or None for all."""
        if "status" in self.filters:
            return self.filters["status"]
        return {"no": ("active",), "only": ("archived",), "any": None}[self.archived]


def conditions(selection: Selection, *, tokens: bool = True) -> list[ColumnElement[bool]]:
    """What a row of the directory has to satisfy; with `tokens=False` all but the search."""
    found: list[ColumnElement[bool]] = []
    if selection.statuses is not None:
        found.append(directory.c.status.in_(selection.statuses))
    for field, values in selection.filters.items():
        if field == "has":
            found.extend(directory.c.has.contains([value]) for value in values)
        elif field != "status":
            found.append(_any_of(COLUMN_OF[field], values))
    if tokens and selection.tokens:
        found.extend(_has_term(place, token) for place, token in enumerate(selection.tokens))
    return found


def in_ranges(table: Any, token: Token) -> ColumnElement[bool]:
    """Whether a term satisfies a token of the query."""
    return or_(*(and_(table.c.term >= low, table.c.term < high) for low, high in token.ranges))


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
    """One page in a fixed order; rows without the sorted value come last in both directions."""
    if selection.tokens is not None and not selection.tokens:
        return Page([])
    column, nullable = _SORTS[sort[0]]
    statement: Select[Any] = select(*ITEM_COLUMNS).select_from(ITEM_SOURCE).where(*conditions(selection))
    keys = [Key(column, sort[1], nullable=nullable), Key(directory.c.customer_id, sort[1])]
    found = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page([item(row) for row in found.rows], found.next_cursor)


def item(row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    """A customer as lists show it."""
    return {
        "id": row["customer_id"],
        "number": row["number"],
        "name": row["name"],
        "dba_name": row["dba_name"],
        "kind": row["kind"],
        "status": row["status"],
        "city": row["city"],
        "country": row["country"],
        "group": {"id": row["group_id"], "name": row["group_name"]} if row["group_id"] else None,
        "parent_id": row["parent_id"],
        "login": row["login"],
        "tags": [],
        "primary_contact": orjson.Fragment(row["contact"]) if row["contact"] else None,
        "created_at": rfc3339(row["created_at"]),
        "updated_at": rfc3339(row["updated_at"]),
    }


def _has_term(place: int, token: Token) -> ColumnElement[bool]:
    found = terms.alias(f"term_{place}")
    return exists().where(found.c.customer_id == directory.c.customer_id, in_ranges(found, token))


def _any_of(column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    named = [value for value in values if value != NONE]
    if len(named) == len(values):
        return column.in_(named)
    return or_(column.is_(None), column.in_(named)) if named else column.is_(None)
