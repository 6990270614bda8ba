"""The declaration of operations: one table per service, from which routes, checks and OpenAPI come."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema

from common.storage.spool import Spool
from common.web.dispatch import Dispatch

PUBLIC = "public"
SIGNED_IN = "signed-in"

View = Callable[..., Any]
SchemaType = type[Schema]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method on one path. `permission` is a code, PUBLIC (no token) or SIGNED_IN (any account). `public` operations
    are shown by the gateway under `/api`; `portal` ones may be called by portal accounts that hold the permission, or
    `portal_permission` where that is another one. `spool` finds, in the deps, where the file of a form is kept while it
    arrives. `before` runs once all is parsed and ahead of the transaction, for remote calls; the call's `prepared` is
    what it returns. `dispatch` (`common.web.dispatch`) shares a public operation with other services. `fresh` is for
    what a stolen token must not do: a person, who signed in within so many seconds."""

    method: str
    path: str
    view: View
    permission: str
    tag: str
    public: bool = True
    portal: bool = False
    portal_permission: str = ""
    body: SchemaType | None = None
    query: SchemaType | None = None
    form: SchemaType | None = None
    out: SchemaType | None = None
    status: int = 200
    paged: bool = False
    versioned: bool = False
    secret: bool = False
    fresh: int | None = None
    transaction: bool = True
    raw: bool = False
    spool: Callable[[Any], Spool] | None = None
    before: View | None = None
    dispatch: Dispatch | None = None
    doc: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The operation id: the view's name."""
        return self.view.__name__

    @property
    def is_write(self) -> bool:
        return self.method not in {"GET", "HEAD"}


class Routes:
    """The operations of one tag. Decorators only record; `common.web.create_app` builds."""

    def __init__(self, tag: str, description: str = "") -> None:
        self.tag = tag
        self.description = description
        self.operations: list[Operation] = []

    def get(self, path: str, **options: Any) -> Callable[[View], View]:
        """A read of one thing."""
        return self._declare("GET", path, options)

    def list(self, path: str, **options: Any) -> Callable[[View], View]:
        """A read of many: adds `limit` and `cursor`, answers `{items, next_cursor}`. The view returns a Page."""
        return self._declare("GET", path, {"paged": True} | options)

    def post(self, path: str, **options: Any) -> Callable[[View], View]:
        """A creation or a command; an `Idempotency-Key` is honoured."""
        return self._declare("POST", path, {"status": 201} | options)

    def patch(self, path: str, **options: Any) -> Callable[[View], View]:
        """A change of some fields; needs `If-Match` unless `versioned=False`."""
        return self._declare("PATCH", path, {"versioned": True} | options)

    def put(self, path: str, **options: Any) -> Callable[[View], View]:
        """A change that states the whole; needs `If-Match` unless `versioned=False`."""
        return self._declare("PUT", path, {"versioned": True} | options)

    def delete(self, path: str, **options: Any) -> Callable[[View], View]:
        """A removal; answers 204."""
        return self._declare("DELETE", path, {"status": 204} | options)

    def _declare(self, method: str, path: str, options: dict[str, Any]) -> Callable[[View], View]:
        def record(view: View) -> View:
            self.operations.append(Operation(method=method, path=path, view=view, tag=self.tag, **options))
            return view

        return record
