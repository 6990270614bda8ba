"""Keyset paging: a cursor holds the sort values of the last row, never an offset, so pages stay right under writes."""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, RowMapping, Select, and_, false, literal, or_, tuple_
from sqlalchemy.orm import Session

from common.errors import Malformed

Direction = Literal["asc", "desc"]


class CursorInvalid(Malformed):
    """The cursor was not made here, or for another list."""

    code = "cursor_invalid"
    title = "The cursor does not fit"


@dataclass(frozen=True, slots=True)
class Key:
    """One sort key. Rows without a value come last in both directions."""

    column: ColumnElement[Any]
    direction: Direction = "asc"
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of rows, and the cursor of the next one, or None at the end."""

    rows: Sequence[RowMapping]
    next_cursor: str | None


def keyset(
    session: Session, statement: Select[Any], keys: Sequence[Key], *, cursor: str | None, limit: int, scope: str
) -> Rows:
    """One page of `statement`, which must select each key's column under its own name. The last key must be unique.
    `scope` names the list with its filters: a cursor made for another one is refused (CursorInvalid)."""
    statement = page_of(statement, keys, cursor=cursor, limit=limit, scope=scope)
    return cut(session.execute(statement).mappings().all(), keys, limit=limit, scope=scope)


def page_of(statement: Select[Any], keys: Sequence[Key], *, cursor: str | None, limit: int, scope: str) -> Select[Any]:
    """The statement of one page and of one row more, for those that read a page's rows in a way of their own."""
    statement = statement.order_by(*(_order(key) for key in keys)).limit(limit + 1)
    return statement.where(_after(keys, read_cursor(cursor, keys, scope))) if cursor else statement


def cut(rows: Sequence[RowMapping], keys: Sequence[Key], *, limit: int, scope: str) -> Rows:
    """The page, of what the statement of `page_of` has yielded."""
    page = rows[:limit]
    more = len(rows) > limit
    return Rows(page, write_cursor([page[-1][_name(key)] for key in keys], scope) if more else None)


def write_cursor(values: Sequence[Any], scope: str) -> str:
    """An opaque cursor: the values, and a checksum that binds them to the list. It guards against mistakes, not
    against an attacker: a cursor is only a position, and what is visible there is decided by the query."""
    body = orjson.dumps(list(values))
    return base64.urlsafe_b64encode(_checksum(body, scope) + body).decode().rstrip("=")


def read_cursor(cursor: str, keys: Sequence[Key], scope: str) -> list[Any]:
    """The values in a cursor; raises CursorInvalid."""
    values = read_values(cursor, scope)
    if len(values) != len(keys):
        raise CursorInvalid("The cursor belongs to another list; start again without one.")
    try:
        return [_read(value, key.column) for value, key in zip(values, keys, strict=True)]
    except (ValueError, TypeError) as error:
        raise CursorInvalid("The cursor cannot be read; start again without one.") from error


def read_values(cursor: str, scope: str) -> list[Any]:
    """The values in a cursor as JSON values; raises CursorInvalid."""
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        checksum, body = raw[:8], raw[8:]
        if checksum != _checksum(body, scope):
            raise CursorInvalid("The cursor belongs to another list or filter; start again without one.")
        values = orjson.loads(body)
    except (ValueError, binascii.Error) as error:
        raise CursorInvalid("The cursor cannot be read; start again without one.") from error
    if not isinstance(values, list):
        raise CursorInvalid("The cursor cannot be read; start again without one.")
    return values


def scope_of(path: str, filters: Mapping[str, Any]) -> str:
    """What binds a cursor to a list: the path and every filter."""
    return f"{path}?{sorted(filters.items())!r}"


def _checksum(body: bytes, scope: str) -> bytes:
    return hashlib.blake2b(body, digest_size=8, key=hashlib.sha256(scope.encode()).digest()).digest()


def _name(key: Key) -> str:
    return str(key.column.key)


def _order(key: Key) -> ColumnElement[Any]:
    ordered = key.column.desc() if key.direction == "desc" else key.column.asc()
    return ordered.nulls_last() if key.nullable else ordered


def _after(keys: Sequence[Key], values: Sequence[Any]) -> ColumnElement[bool]:
    directions = {key.direction for key in keys}
    if len(directions) == 1 and not any(key.nullable for key in keys):
        left = tuple_(*(key.column for key in keys))
        right = tuple_(*(literal(value, key.column.type) for key, value in zip(keys, values, strict=True)))
        return left > right if "asc" in directions else left < right
    branches: list[ColumnElement[bool]] = []
    for place, (key, value) in enumerate(zip(keys, values, strict=True)):
        same = [earlier.column.is_not_distinct_from(was) for earlier, was in zip(keys[:place], values, strict=False)]
        branches.append(and_(*same, _beyond(key, value)))
    return or_(*branches)


def _beyond(key: Key, value: Any) -> ColumnElement[bool]:
    if value is None:
        return false()
    beyond: ColumnElement[bool] = key.column < value if key.direction == "desc" else key.column > value
    return or_(beyond, key.column.is_(None)) if key.nullable else beyond


def _read(value: Any, column: ColumnElement[Any]) -> Any:
    if value is None:
        return None
    kind = column.type.python_type
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is date:
        return date.fromisoformat(value)
    if kind in {int, float, bool, str, UUID} and not isinstance(value, str if kind is UUID else kind):
        raise TypeError(value)
    return value
