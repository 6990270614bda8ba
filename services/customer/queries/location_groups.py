"""Location groups with their place in the tree and how many properties they hold."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.errors.location_groups import LocationGroupNotFound
from customer.tables.location_groups import location_groups

_SHOWN = select(location_groups)


def location_group_page(session: Session, query: Mapping[str, Any], scope: str) -> Page:
    """All location groups by name, or those directly below `parent_id`, or with `top` those at the top."""
    statement = _SHOWN
    if query.get("parent_id"):
        statement = statement.where(location_groups.c.parent_id == query["parent_id"])
    elif query.get("top"):
        statement = statement.where(location_groups.c.parent_id.is_(None))
    keys = [Key(location_groups.c.name), Key(location_groups.c.id)]
    rows = keyset(session, statement, keys, cursor=query.get("cursor"), limit=query["limit"], scope=scope)
    return Page(_counted(session, rows.rows), rows.next_cursor)


def location_group(session: Session, group_id: str) -> Mapping[str, Any]:
    """One location group; raises LocationGroupNotFound."""
    rows = session.execute(_SHOWN.where(location_groups.c.id == group_id)).mappings().all()
    if not rows:
        raise LocationGroupNotFound("There is no such location group.")
    return _counted(session, rows)[0]


def _counted(session: Session, rows: Sequence[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    ids = {"ids": [row["id"] for row in rows]}
    counts = {row["id"]: row for row in session.execute(_COUNTS, ids).mappings()}
    paths = {row["id"]: row["path"] for row in session.execute(_PATHS, ids).mappings()}
    return [
        {str(name): value for name, value in row.items()}
        | {
            "path": paths.get(row["id"]) or [],
            "groups": counts[row["id"]]["groups"],
            "properties": counts[row["id"]]["properties"],
            "properties_in_subtree": counts[row["id"]]["properties_in_subtree"],
        }
        for row in rows
    ]


# UNION, which drops repetitions, would end a walk through a ring that should not exist.
_COUNTS = text(
    """
    WITH RECURSIVE down (root, id) AS (
        SELECT id, id FROM location_groups WHERE id = ANY (CAST(:ids AS uuid[]))
        UNION
        SELECT down.root, g.id FROM down JOIN location_groups g ON g.parent_id = down.id
    ), held AS (
        SELECT location_group_id AS id, count(*) AS count FROM properties
        WHERE location_group_id IN (SELECT id FROM down) GROUP BY location_group_id
    )
    SELECT CAST(down.root AS text) AS id,
           (SELECT count(*) FROM location_groups c WHERE c.parent_id = down.root) AS groups,
           coalesce(sum(held.count) FILTER (WHERE down.id = down.root), 0)::bigint AS properties,
           coalesce(sum(held.count), 0)::bigint AS properties_in_subtree
    FROM down LEFT JOIN held ON held.id = down.id GROUP BY down.root
    """
)
_PATHS = text(
    """
    WITH RECURSIVE up (leaf, id, level) AS (
        SELECT id, parent_id, 1 FROM location_groups WHERE id = ANY (CAST(:ids AS uuid[]))
        UNION
        SELECT up.leaf, g.parent_id, up.level + 1 FROM up JOIN location_groups g ON g.id = up.id WHERE up.level < 64
    )
    SELECT CAST(up.leaf AS text) AS id,
           jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name) ORDER BY up.level DESC) AS path
    FROM up JOIN location_groups g ON g.id = up.id GROUP BY up.leaf
    """
)
