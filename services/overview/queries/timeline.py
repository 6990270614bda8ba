"""The timeline of a customer: newest first; the query knows what the viewer may see, so that pages stay full.

What was merged into a customer belongs to its history, and each entry that is not its own says whose it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, RowMapping, Select, String, Text, func, literal, or_, select, text
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, JSONPATH
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from overview.domain.viewers import Viewer
from overview.errors import CustomerUnknown
from overview.tables import customers, timeline

MAX_DEPTH = 8
MOST_BRANCHES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries. `actor` is a type (`staff`) or one actor (`staff:<id>`); `subject` the id of what they are about;
    `text` stands in what people read of them; `since` counts, `until` does not."""

    kind: str | None = None
    actor: str | None = None
    field: str | None = None
    subject: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    branches: bool = False


def held_by(viewer: Viewer) -> list[str]:
    """The permissions of a viewer as the query takes them."""
    return sorted(viewer.held)


def page(
    session: Session,
    customer_id: str,
    wanted: Wanted,
    viewer: Viewer,
    *,
    limit: int,
    cursor: str | None,
    scope: str,
) -> Page:
    """One page of entries; raises CustomerUnknown."""
    owners = _owners(session, customer_id, branches=wanted.branches)
    body = func.coalesce(timeline.c.portal_body, timeline.c.body) if viewer.is_portal else timeline.c.body
    statement: Select[Any] = select(
        timeline.c.occurred_at, timeline.c.event_id, timeline.c.customer_id, body.label("entry")
    ).where(
        timeline.c.customer_id == owners[0] if len(owners) == 1 else timeline.c.customer_id.in_(owners),
        *_conditions(wanted, viewer, body),
    )
    keys = [Key(timeline.c.occurred_at, "desc"), Key(timeline.c.event_id, "desc")]
    if len(owners) > 1:
        keys.append(Key(timeline.c.customer_id, "desc"))
    found = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page(_with_origin(session, owners[0], found.rows), found.next_cursor)


def _owners(session: Session, customer_id: str, *, branches: bool) -> list[str]:
    """The customers whose entries are shown, the one asked for first; where it was merged, the one it is now."""
    params = {"id": customer_id, "depth": MAX_DEPTH if branches else 0, "most": MOST_BRANCHES}
    owners = list(session.execute(_OWNERS, params).scalars())
    if not owners:
        raise CustomerUnknown("There is no such customer.")
    return owners


_OWNERS = text(
    """
    WITH RECURSIVE asked AS (
        SELECT coalesce(merged_into, id) AS id FROM customers WHERE id = :id
    ), tree AS (
        SELECT c.id, 0 AS depth FROM customers c JOIN asked USING (id) WHERE NOT c.removed
        UNION ALL
        SELECT below.id, tree.depth + 1 FROM customers below JOIN tree ON below.parent_id = tree.id
        WHERE tree.depth < :depth
    )
    SELECT id::text FROM (
        SELECT id, depth FROM tree
        UNION ALL
        SELECT merged.id, tree.depth + 100 FROM customers merged JOIN tree ON merged.merged_into = tree.id
    ) AS found
    ORDER BY depth, id LIMIT :most
    """
)


def _conditions(wanted: Wanted, viewer: Viewer, body: ColumnElement[str]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if viewer.is_portal:
        found.append(timeline.c.visibility == "portal")
    else:
        found.append(timeline.c.needs.contained_by(sql_cast(held_by(viewer), ARRAY(Text))))
    if wanted.kind:
        found.append(timeline.c.kind == wanted.kind)
    if wanted.actor:
        exact = ":" in wanted.actor
        found.append(timeline.c.actor == wanted.actor if exact else timeline.c.actor.startswith(f"{wanted.actor}:"))
    if wanted.field:
        found.append(timeline.c.paths.contains([wanted.field]))
        if viewer.is_portal:
            # Whether a field that is not shown was changed is not told either.
            found.append(sql_cast(body, JSONB)["changes"].contains([{"path": wanted.field}]))
    if wanted.subject:
        found.append(timeline.c.subject == wanted.subject)
    if wanted.since:
        found.append(timeline.c.occurred_at >= wanted.since)
    if wanted.until:
        found.append(timeline.c.occurred_at < wanted.until)
    if wanted.text:
        found.append(_says(body, wanted.text))
    return found


# What people read of an entry, as paths into its JSON.
_READ = (
    *("$.subject.label", "$.actor.label", "$.text", "$.changes[*].label"),
    *(f"$.changes[*].{name}" for name in ("before", "after", "before_label", "after_label")),
)


def _says(body: ColumnElement[str], words: str) -> ColumnElement[bool]:
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    parts = [
        sql_cast(func.jsonb_path_query_array(sql_cast(body, JSONB), sql_cast(literal(path), JSONPATH)), String)
        for path in _READ
    ]
    return or_(*(part.ilike(f"%{escaped}%") for part in parts))


def _with_origin(session: Session, asked: str, rows: Sequence[RowMapping]) -> list[orjson.Fragment]:
    others = sorted({row["customer_id"] for row in rows} - {asked})
    names: dict[str, bytes] = {}
    if others:
        columns = (customers.c.id, customers.c.number, customers.c.name)
        for id_, number, name in session.execute(select(*columns).where(customers.c.id.in_(others))):
            names[id_] = orjson.dumps({"id": id_, "number": number, "name": name})
    return [
        orjson.Fragment(
            f'{row["entry"][:-1]},"origin":{names[row["customer_id"]].decode()}}}'
            if row["customer_id"] in names
            else row["entry"]
        )
        for row in rows
    ]
