"""How many customers each group has, and how many of them are delivered or wait for lines."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy.orm import Session

from overview.queries.selection import statement


def counts(session: Session, group_ids: Sequence[str] | None) -> bytes:
    """`{items: [{group_id, members, delivered, not_delivered, to_deliver}]}` as JSON, of active customers, for the
    groups asked for or for all that have any; the groups asked for that have none are there with zeros."""
    rows = session.execute(_COUNTS, {"groups": None if group_ids is None else list(group_ids)}).mappings()
    found: dict[str, dict[str, Any]] = {row["group_id"]: dict(row) for row in rows}
    for group_id in group_ids or ():
        found.setdefault(group_id, {"group_id": group_id} | dict.fromkeys(_NUMBERS, 0))
    return orjson.dumps({"items": list(found.values())})


_NUMBERS = ("members", "delivered", "not_delivered", "to_deliver")

# Counted by combination from an index alone; what a combination stands for is looked up once for all who have it.
_COUNTS = statement(
    """
    WITH counted AS (
        SELECT group_id, combination, count(*) AS customers FROM directory
        WHERE group_id IS NOT NULL AND status = 'active'
          AND (CAST(:groups AS uuid[]) IS NULL OR group_id = ANY (CAST(:groups AS uuid[])))
        GROUP BY group_id, combination
    )
    SELECT group_id::text, sum(customers)::bigint AS members,
           coalesce(sum(customers) FILTER (WHERE c.supply = 'delivered'), 0)::bigint AS delivered,
           coalesce(sum(customers) FILTER (WHERE c.supply <> 'delivered'), 0)::bigint AS not_delivered,
           coalesce(sum(customers) FILTER (WHERE 'to_deliver:yes' = ANY (c.marks)), 0)::bigint AS to_deliver
    FROM counted JOIN combinations c ON c.id = counted.combination
    GROUP BY group_id ORDER BY group_id
    """
)
