"""The timeline of a customer: newest first; the query knows what the viewer may see, so that pages stay full."""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, false, func, literal, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from overview.domain.timeline import is_internal
from overview.errors import CustomerUnknown
from overview.tables import customers, timeline

MAX_DEPTH = 8
MOST_BRANCHES = 2_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries. `actor` is a type (`staff`) or one actor (`staff:<id>`)."""

    kind: str | None = None
    actor: str | None = None
    field: str | None = None
    branches: bool = False


def page(session: Session, customer_id: str, wanted: Wanted, *, limit: int, cursor: str | None, scope: str) -> Page:
    """One page of entries; raises CustomerUnknown."""
    known = select(customers.c.id).where(customers.c.id == customer_id, ~customers.c.removed)
    if session.execute(known).first() is None:
        raise CustomerUnknown("There is no such customer.")
    is_portal: bool = session.info["scope"].is_portal
    body = func.coalesce(timeline.c.portal_body, timeline.c.body) if is_portal else timeline.c.body
    statement: Select[Any] = select(
        timeline.c.occurred_at, timeline.c.event_id, timeline.c.customer_id, body.label("entry")
    ).where(_of(customer_id, branches=wanted.branches), *_conditions(wanted, is_portal=is_portal))
    keys = [Key(timeline.c.occurred_at, "desc"), Key(timeline.c.event_id, "desc")]
    if wanted.branches:
        keys.append(Key(timeline.c.customer_id, "desc"))
    found = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page([orjson.Fragment(row["entry"]) for row in found.rows], found.next_cursor)


def _conditions(wanted: Wanted, *, is_portal: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if is_portal:
        found.append(timeline.c.visibility == "portal")
    if wanted.kind:
        found.append(timeline.c.kind == wanted.kind)
    if wanted.actor:
        exact = ":" in wanted.actor
        found.append(timeline.c.actor == wanted.actor if exact else timeline.c.actor.startswith(f"{wanted.actor}:"))
    if wanted.field:
        # Whether a field that is not shown was changed is not told either.
        hidden = is_portal and is_internal(wanted.field)
        found.append(false() if hidden else timeline.c.paths.contains([wanted.field]))
    return found


def _of(customer_id: str, *, branches: bool) -> ColumnElement[bool]:
    if not branches:
        return timeline.c.customer_id == customer_id
    root = select(customers.c.id, literal(0).label("depth")).where(customers.c.id == customer_id)
    tree = root.cte("tree", recursive=True)
    below = customers.alias("below")
    tree = tree.union_all(
        select(below.c.id, tree.c.depth + 1).where(below.c.parent_id == tree.c.id, tree.c.depth < MAX_DEPTH)
    )
    return timeline.c.customer_id.in_(select(tree.c.id).limit(MOST_BRANCHES))
