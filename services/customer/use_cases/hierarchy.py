"""Places in the tree of head offices and branches, safe against moves at the same moment.

A move takes the tree's lock alone; a new branch shares it with other new branches, since nothing is below it yet.
"""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.errors import FieldError
from customer.domain.hierarchy import MAX_DEPTH, check_parent, check_place
from customer.errors import HasBranches, ParentNotFound
from customer.use_cases.store import Record


def lock_tree(session: Session, *, alone: bool) -> None:
    """Waits for the moves of others and keeps new ones out until the transaction ends."""
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    session.execute(text(f"SELECT {function}({_TREE})"))


def parent_of_new(session: Session, body: Record) -> Record | None:
    """The head office that the body of a new branch names, checked, with the `path_ids` down to it; or None."""
    if not _names_parent(body):
        return None
    lock_tree(session, alone=False)
    parent = _lock_parent(session, body)
    above = _above(session, parent["id"])
    check_place(None, above)
    return parent | {"path_ids": above[::-1]}


def moved_parent(session: Session, customer_id: str, body: Record) -> Record | None:
    """The head office that a change names, checked for the whole subtree that moves, with the `path_ids` down to it.
    The tree must be locked alone."""
    if not _names_parent(body):
        return None
    parent = _lock_parent(session, body)
    above = _above(session, parent["id"])
    check_place(customer_id, above, _height(session, customer_id))
    return parent | {"path_ids": above[::-1]}


def placed(session: Session, records: Sequence[Record]) -> list[Record]:
    """Customers with the `path_ids` that follow from their `parent_id` and the tree as it is stored above that."""
    parents = sorted({record["parent_id"] for record in records if record["parent_id"]})
    paths = {row.id: row.path_ids for row in session.execute(_PATHS, {"ids": parents})} if parents else {}
    return [record | {"path_ids": [*paths.get(record["parent_id"], ()), record["id"]]} for record in records]


def below(session: Session, customer_ids: Sequence[str], *, levels: int | None = None) -> list[str]:
    """The ids of all customers below these, whatever their state, or of as many levels as asked."""
    given = {"ids": list(customer_ids), "levels": MAX_DEPTH if levels is None else levels}
    return list(session.execute(_BELOW, given).scalars())


def refuse_with_branches(
    session: Session, record: Record, what: str, *, only_active: bool, instead: str = "move them first"
) -> None:
    """Raises HasBranches naming up to twenty branches; `instead` says what to do."""
    given = {"id": record["id"], "only_active": only_active}
    rows = session.execute(_BRANCHES, given).mappings().all()
    if rows:
        count = rows[0]["total"]
        raise HasBranches(
            f"Customer {record['number']} has {count} {'active ' if only_active else ''}"
            f"{'branch' if count == 1 else 'branches'}; before you {what}, {instead}.",
            facts={
                "branches": [{name: row[name] for name in ("id", "number", "name")} for row in rows],
                "count": count,
            },
        )


def parent_again(session: Session, parent_id: str) -> Record:
    """The head office that a customer has, kept from being archived until the transaction ends; raises
    ParentUnsuitable when it is no longer an active business."""
    return _lock_parent(session, {"parent_id": parent_id})


def _names_parent(body: Record) -> bool:
    return bool(body.get("parent_id") or body.get("parent_number"))


def _lock_parent(session: Session, body: Record) -> Record:
    by = "parent_id" if body.get("parent_id") else "parent_number"
    statement = _PARENT_BY_ID if by == "parent_id" else _PARENT_BY_NUMBER
    row = session.execute(statement, {"key": body[by]}).mappings().one_or_none()
    if row is None:
        raise ParentNotFound(
            "The head office does not exist; check its number.", errors=[FieldError(f"/{by}", "No such customer.")]
        )
    check_parent(row["kind"], row["status"], row["number"])
    return dict(row)


def _above(session: Session, customer_id: str) -> list[str]:
    return list(session.execute(_ABOVE, {"id": customer_id}).scalars())


def _height(session: Session, customer_id: str) -> int:
    return int(session.execute(_HEIGHT, {"id": customer_id}).scalar_one())


_TREE = "hashtext('customer hierarchy')"
# A customer that was merged stands for its survivor.
_PARENT = """
    SELECT CAST(id AS text) AS id, number, name, kind, status FROM customers
    WHERE id = (SELECT COALESCE(merged_into, id) FROM customers WHERE {}) FOR SHARE
"""
_PARENT_BY_ID = text(_PARENT.format("id = CAST(:key AS uuid)"))
_PARENT_BY_NUMBER = text(_PARENT.format("number = :key"))
# The limits end a walk through a ring that should not exist.
_ABOVE = text(
    """
    WITH RECURSIVE up (id, parent_id, level) AS (
        SELECT id, parent_id, 1 FROM customers WHERE id = CAST(:id AS uuid)
        UNION ALL
        SELECT c.id, c.parent_id, up.level + 1 FROM up JOIN customers c ON c.id = up.parent_id WHERE up.level < 64
    ) SELECT CAST(id AS text) FROM up ORDER BY level
    """
)
_HEIGHT = text(
    """
    WITH RECURSIVE down (id, level) AS (
        SELECT CAST(:id AS uuid), 1
        UNION ALL
        SELECT c.id, down.level + 1 FROM down JOIN customers c ON c.parent_id = down.id WHERE down.level < 64
    ) SELECT max(level) FROM down
    """
)
_BRANCHES = text(
    """
    SELECT CAST(id AS text) AS id, number, name, count(*) OVER () AS total FROM customers
    WHERE parent_id = CAST(:id AS uuid) AND (NOT :only_active OR status = 'active') ORDER BY number LIMIT 20
    """
)
_PATHS = text(
    """
    WITH RECURSIVE up (start, id, parent_id, level) AS (
        SELECT id, id, parent_id, 1 FROM customers WHERE id = ANY (CAST(:ids AS uuid[]))
        UNION ALL
        SELECT up.start, c.id, c.parent_id, up.level + 1
        FROM up JOIN customers c ON c.id = up.parent_id WHERE up.level < 64
    )
    SELECT CAST(start AS text) AS id, array_agg(CAST(id AS text) ORDER BY level DESC) AS path_ids
    FROM up GROUP BY start
    """
)
_BELOW = text(
    """
    WITH RECURSIVE down (id, level) AS (
        SELECT id, 0 FROM unnest(CAST(:ids AS uuid[])) AS k(id)
        UNION ALL
        SELECT c.id, down.level + 1 FROM down JOIN customers c ON c.parent_id = down.id WHERE down.level < :levels
    ) SELECT CAST(id AS text) FROM down WHERE level > 0
    """
)
