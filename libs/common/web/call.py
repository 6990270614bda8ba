"""What a view is given, and what it gives back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from common.context import Context
from common.db import ALL_ROWS, Database, Scope
from common.paging import scope_of
from common.service import Service
from common.tokens import Principal


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    items: Sequence[Any]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with a status or headers of its own."""

    body: Any
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Call:
    """One request, parsed and permitted."""

    service: Service
    deps: Any
    caller: Principal | None
    context: Context
    path: str
    client: str  # the address of the caller as the gateway saw it
    body: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    form: dict[str, Any] = field(default_factory=dict)
    files: Mapping[str, FileStorage] = field(default_factory=dict)
    version: int = 0  # the version in If-Match, of a versioned operation
    prepared: Any = None  # what the operation's `before` returned
    current_session: Session | None = None

    @property
    def principal(self) -> Principal:
        """Who calls; only operations without `PUBLIC` have one."""
        assert self.caller is not None, "a public operation has no principal"
        return self.caller

    @property
    def session(self) -> Session:
        """The transaction of this request."""
        assert self.current_session is not None, "this operation was declared with transaction=False"
        return self.current_session

    @property
    def database(self) -> Database:
        return self.service.db

    @property
    def scope(self) -> Scope:
        """The rows that the caller may touch."""
        return ALL_ROWS if self.caller is None else Scope(self.caller.customer_ids)

    @property
    def limit(self) -> int:
        return int(self.query["limit"])

    @property
    def cursor(self) -> str | None:
        return self.query.get("cursor")

    @property
    def cursor_scope(self) -> str:
        """What binds a cursor to this list: the path and every filter."""
        filters = {name: value for name, value in self.query.items() if name not in {"limit", "cursor", "after"}}
        return scope_of(self.path, filters)

    def ok(self, body: Any, *, status: int | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """An answer with a status or headers that differ from the declared ones."""
        return Answer(body, status, headers or {})
