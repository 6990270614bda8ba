"""HTTP in: the 360° document, the directory, the timeline, and what the gateway's stream reads."""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from flask import Response
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.web import SIGNED_IN, Call, Page, Routes
from common.web.ranges import attachment
from overview import events, schemas
from overview.domain import filters
from overview.domain.exports import is_column
from overview.domain.terms import tokens
from overview.domain.viewers import CODES, Viewer
from overview.errors import ColumnUnknown
from overview.queries import arrivals, directory, document, exports, facets, groups, search, timeline
from overview.queries.selection import Selection
from overview.queries.tags import with_tags
from overview.queries.waiting import Watch

Result = TypeVar("Result")

routes = Routes("Overview", "Everything about a customer in one document, and the directory of all customers.")

_PENDING = {"After": "pending"}


@routes.get(
    "/customers/<uuid:customer_id>/overview",
    permission="customers.view",
    portal=True,
    query=schemas.Reading,
    out=schemas.OverviewOut,
    transaction=False,
    raw=True,
)
def show_overview(call: Call, customer_id: str) -> Response:
    """A customer's 360° document.

    One key per section; `unavailable` names those whose owner is down or behind, which are served as last known.
    `hidden_because` says why a section is null."""
    viewer = _viewer(call, customer_id)
    return _read(call, lambda session: document.document(session, customer_id, viewer))


@routes.list(
    "/customers",
    permission="customers.view",
    portal=True,
    query=schemas.ListQuery,
    out=schemas.CustomerItem,
    transaction=False,
    raw=True,
)
def list_customers(call: Call) -> Response:
    """The directory: customers by words, filters and order.

    With `q` the best hits come first: number and external id, then names, people, phones, cities."""
    selection = _selection(call)
    sort = call.query.get("sort")
    sorted_by = None if selection.tokens is not None and sort is None else directory.sort_of(sort)
    wanted = _names(call.query.get("facets"))

    def read(session: Session) -> bytes:
        place: dict[str, Any] = {"limit": call.limit, "cursor": call.cursor, "scope": call.cursor_scope}
        asked = with_tags(session, selection)
        if sorted_by is None:
            page = search.hits(session, asked, **place)
        else:
            page = directory.page(session, asked, sorted_by, **place)
        more = facets.facets(session, asked, wanted) if wanted else {}
        return _dump_page(page, **more)

    return _read(call, read)


@routes.get(
    "/customers/facets",
    permission="customers.view",
    portal=True,
    query=schemas.FacetQuery,
    out=schemas.FacetsOut,
    transaction=False,
    raw=True,
)
def show_facets(call: Call) -> Response:
    """How many customers each filter would leave.

    A facet is counted with all filters except its own; counts are exact up to 1000."""
    selection = _selection(call)
    default = filters.PORTAL_FACETS if call.principal.is_portal else filters.FACETS
    wanted = _names(call.query.get("facets")) or list(default)
    return _read(call, lambda session: orjson.dumps(facets.facets(session, with_tags(session, selection), wanted)))


@routes.get(
    "/customer-groups/counts",
    permission="customers.view",
    query=schemas.GroupCountsQuery,
    out=schemas.GroupCountsOut,
    transaction=False,
    raw=True,
)
def show_group_counts(call: Call) -> Response:
    """How many customers each group has, and how many of them are delivered or wait for lines to be delivered.

    The groups asked for, or all that have customers; archived customers are not counted."""
    return _read(call, lambda session: groups.counts(session, call.query.get("group_id")))


@routes.post(
    "/customers/export",
    permission="customers.export",
    body=schemas.ExportWanted,
    status=200,
    transaction=False,
    raw=True,
)
def export_customers(call: Call) -> Response:
    """The whole selection as a file: CSV, XLSX or NDJSON.

    It is sent while it is read, however many customers there are; a workbook takes 100,000. Who exported what is
    written down first."""
    asked, columns = call.body, call.body["columns"]
    for place, name in enumerate(columns):
        if not is_column(name):
            raise ColumnUnknown(f"There is no column {name}.", errors=[FieldError(f"/columns/{place}", "is not known")])
    found = None if asked["q"] is None else tokens(asked["q"])
    selection = Selection(filters.parse(asked["filter"]), _viewer(call), asked["archived"], found)
    sort = directory.sort_of(asked["sort"])

    def begin(session: Session) -> tuple[directory.Listing, str | None]:
        listing = exports.prepared(session, selection, sort, asked["format"])
        which = {name: asked[name] for name in ("q", "filter", "archived", "sort")}
        outbox.add(session, events.directory_exported(asked["format"], columns, which))
        return listing, outbox.last_event_id(session)

    listing, event_id = call.database.run(begin, call.scope, call.context)
    media_type, write = exports.WRITERS[asked["format"]]
    body = write(columns, exports.rows(call.database, call.scope, listing, columns))
    headers = {
        "Content-Disposition": attachment(f"customers.{asked['format']}"),
        "Cache-Control": "no-store",
        "Event-Id": event_id or "",
    }
    return Response(body, content_type=media_type, headers=headers)


@routes.list(
    "/search",
    permission="customers.view",
    portal=True,
    query=schemas.SearchQuery,
    out=schemas.CustomerItem,
    transaction=False,
    raw=True,
)
def search_everything(call: Call) -> Response:
    """Everything that the caller may see and that fits the words, archived customers included.

    Each item says by `type` what it is."""
    selection = Selection({}, _viewer(call), "any", tokens(call.query["q"]))

    def read(session: Session) -> bytes:
        place: dict[str, Any] = {"limit": call.limit, "cursor": call.cursor, "scope": call.cursor_scope}
        return _dump_page(search.hits(session, with_tags(session, selection), **place, type="customer"))

    return _read(call, read)


@routes.list(
    "/customers/<uuid:customer_id>/timeline",
    permission="customers.view",
    portal=True,
    query=schemas.TimelineQuery,
    out=schemas.TimelineEntry,
    transaction=False,
    raw=True,
)
def list_timeline(call: Call, customer_id: str) -> Response:
    """What happened to a customer, newest first.

    With `scope=branches` also what happened to those below it. An entry of another customer, be it a branch or one
    that was merged into this one, names it as its `origin`."""
    asked = call.query
    wanted = timeline.Wanted(
        **{name: asked.get(name) for name in ("kind", "actor", "field", "subject", "text", "since", "until")},
        branches=asked["scope"] == "branches",
    )
    viewer = _viewer(call, customer_id)

    def read(session: Session) -> bytes:
        place: dict[str, Any] = {"limit": call.limit, "cursor": call.cursor, "scope": call.cursor_scope}
        return _dump_page(timeline.page(session, customer_id, wanted, viewer, **place))

    return _read(call, read)


@routes.get(
    "/internal/arrivals",
    permission=SIGNED_IN,
    public=False,
    portal=True,  # a gateway that serves portal accounts only asks with a token of theirs
    query=schemas.ArrivalsQuery,
    out=schemas.ArrivalsOut,
    transaction=False,
)
def list_arrivals(call: Call) -> dict[str, Any]:
    """What has arrived since a number; waits for it if there is nothing yet. Which of it somebody may see, the gateway
    decides by customer and visibility."""
    watch: Watch = call.deps
    known = watch.arrivals_told
    answer = _arrivals(call)
    if not answer["items"] and call.query["wait"] and call.query["after"] >= 0:
        watch.wait_for_arrivals(known, call.query["wait"])
        answer = _arrivals(call)
    return answer


def _arrivals(call: Call) -> dict[str, Any]:
    after: int = call.query["after"]

    def read(session: Session) -> dict[str, Any]:
        if after < 0:
            return {"items": [], "next": arrivals.newest(session), "lost": False}
        items = arrivals.since(session, after, call.query["limit"])
        lost = bool(items) and items[0]["number"] > after + 1
        return {"items": items, "next": items[-1]["number"] if items else after, "lost": lost}

    return call.database.run(read)


def _read(call: Call, read: Callable[[Session], bytes]) -> Response:
    """Answers with what `read` gives, after the event that the caller wants to see in it."""
    headers = {}
    event_id = call.query.get("after")
    if event_id is not None:
        watch: Watch = call.deps
        if not watch.wait_for_event(event_id, call.service.settings.wait_seconds):  # type: ignore[attr-defined]
            headers = _PENDING
    # A search has one good way whatever the words are; a filter may leave few customers or nearly all.
    body = call.database.run(read, call.scope, call.context, keep_plans=call.query.get("q") is not None)
    return Response(body, headers=headers, content_type="application/json")


def _selection(call: Call) -> Selection:
    words = call.query.get("q")
    found = None if words is None else tokens(words)
    viewer = _viewer(call)
    wanted = filters.parse(call.query["filter"], is_portal=viewer.is_portal)
    return Selection(wanted, viewer, call.query["archived"], found)


def _viewer(call: Call, customer_id: str | None = None) -> Viewer:
    who = call.principal
    return Viewer(who.is_portal, frozenset(code for code in CODES if who.can(code, customer_id)))


def _names(text: str | None) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip()))


def _dump_page(page: Page, **more: Any) -> bytes:
    return orjson.dumps({"items": page.items, "next_cursor": page.next_cursor, **more})
