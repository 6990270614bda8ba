"""Operations that several services have in common: whose a request is, and one answer made of several.

Which of these ways holds for an operation is declared with it (`x-dispatch`). Of a form no more is read than the parts
that stand before its file.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

import orjson
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from common.errors import FieldError
from common.paging import scope_of, write_cursor
from gateway.clients.connection import Answer
from gateway.errors import FieldMissing, ServiceTimedOut, ServiceUnavailable, ValueUnknown
from gateway.routing import Route

# How much of a form is looked through for the field that decides.
_MOST_READ = 64 * 1024
_DEFAULT_LIMIT = 50
# An owner that answers like this has nothing to say to the request; another one may.
_NOT_MINE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN})

Ask = Callable[[str, Iterable[bytes]], Answer]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of itself: its query, the type of its content, and the body on its way."""

    path: str
    query: str
    content_type: str
    body: Iterable[bytes]


def answer(route: Route, asked: Asked, ask: Ask) -> Answer:
    """The answer of a shared route; `ask` sends the request with this body to one service. Raises FieldMissing,
    ValueUnknown and what `ask` raises."""
    way = route.dispatch["by"]
    if way == "field":
        return _by_field(route, asked, ask)
    return _in_turn(route, ask) if way == "turn" else _merged(route, asked, ask)


def _by_field(route: Route, asked: Asked, ask: Ask) -> Answer:
    name = route.dispatch["field"]
    given, body = parse_qs(asked.query).get(name, [None])[0], asked.body
    if given is None:
        given, body = field_before_file(name, asked.content_type, body)
    known = [value for _service, values in route.owners for value in values]
    if given is None:
        detail = (
            f"Send `{name}` as a field before the file, or in the address as `?{name}=`; it is one of {_words(known)}."
        )
        raise FieldMissing(detail, errors=[FieldError(f"/{name}", detail)])
    for service, values in route.owners:
        if given in values:
            return ask(service, body)
    detail = f"`{name}` must be one of {_words(known)}."
    raise ValueUnknown(detail, errors=[FieldError(f"/{name}", detail)])


def field_before_file(name: str, content_type: str, body: Iterable[bytes]) -> tuple[str | None, Iterable[bytes]]:
    """The value of a form's field, where it stands before the first file; and the whole body, still to be sent."""
    media, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if media != "multipart/form-data" or not boundary:
        return None, body
    found = _Search(name, boundary.encode("latin-1", "replace"))
    source = iter(body)
    read: list[bytes] = []
    for piece in source:
        read.append(piece)
        if found.feed(piece) or sum(map(len, read)) > _MOST_READ:
            break
    whole = itertools.chain(read, source) if not isinstance(body, Sequence) else body
    return found.value, whole


class _Search:
    """Looks for one field in the beginning of a form."""

    def __init__(self, name: str, boundary: bytes) -> None:
        self.value: str | None = None
        self._name = name
        self._decoder = MultipartDecoder(boundary, _MOST_READ)
        self._wanted = False
        self._content = b""

    def feed(self, piece: bytes) -> bool:
        """Takes the next piece in; returns whether the search is over."""
        try:
            self._decoder.receive_data(piece)
            while not isinstance(event := self._decoder.next_event(), NeedData):
                if self._ends_with(event):
                    return True
        except (ValueError, HTTPException):
            return True
        return False

    def _ends_with(self, event: Event) -> bool:
        if isinstance(event, Field):
            self._wanted = event.name == self._name
        elif isinstance(event, Data) and self._wanted:
            self._content += event.data
            if not event.more_data:
                self.value = self._content.decode("utf-8", "replace").strip()
                return True
        return isinstance(event, File | Epilogue)


def _in_turn(route: Route, ask: Ask) -> Answer:
    """The first owner's answer that knows the thing. One that is silent may be the owner: then nobody can say that
    there is no such thing."""
    silent: ServiceUnavailable | ServiceTimedOut | None = None
    refused: list[Answer] = []
    for service, _values in route.owners:
        try:
            given = ask(service, ())
        except (ServiceUnavailable, ServiceTimedOut) as error:
            silent = silent or error
            continue
        if given.status not in _NOT_MINE:
            return given
        refused.append(given)
    if silent:
        raise silent
    return _most_telling(refused)


def _merged(route: Route, asked: Asked, ask: Ask) -> Answer:
    """One page of all owners' pages, which all begin at the same place: a cursor is the place in the common order.
    Without one of the owners there would be holes in it, so that all must answer."""
    limit = parse_qs(asked.query).get("limit", [str(_DEFAULT_LIMIT)])[0]
    refused: list[Answer] = []
    items: list[Mapping[str, Any]] = []
    more = answered = False
    for service, _values in route.owners:
        given = ask(service, ())
        if given.status in _NOT_MINE:
            refused.append(given)
        elif given.status != HTTPStatus.OK:
            return given
        else:
            page = orjson.loads(_whole(given))
            items += page["items"]
            more, answered = more or page["next_cursor"] is not None, True
    if not answered:
        return _most_telling(refused)
    keys = route.dispatch["keys"]
    items.sort(key=lambda item: [item[key] for key in keys], reverse=True)
    shown, more = items[: int(limit)], more or len(items) > int(limit)
    cursor = write_cursor([shown[-1][key] for key in keys], scope_of(asked.path, {})) if more else None
    body = orjson.dumps({"items": shown, "next_cursor": cursor})
    headers = [("content-type", "application/json"), ("content-length", str(len(body)))]
    return Answer(HTTPStatus.OK, [*headers, ("cache-control", "private, no-cache")], body)


def _most_telling(refused: Sequence[Answer]) -> Answer:
    """Of several refusals the one that there is no such thing, before one that the account may not."""
    return min(refused, key=lambda answer: answer.status != HTTPStatus.NOT_FOUND)


def _whole(given: Answer) -> bytes:
    return given.body if isinstance(given.body, bytes) else b"".join(given.body)


def _words(values: Iterable[str]) -> str:
    return ", ".join(sorted(values))
