"""Places in the tree of head offices and branches, safe against moves at the same moment.

A move takes the tree's lock alone; a new branch shares it with other new branches, since nothing is below it yet.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.errors import FieldError
from customer.domain.hierarchy import check_parent, check_place
from customer.errors import HasBranches, ParentNotFound
from customer.use_cases.store import Record


def lock_tree(session: Session, *, alone: bool) -> None:
    """Waits for the moves of others and keeps new ones out until the transaction ends."""
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    session.execute(text(f"SELECT {function}({_TREE})"))


def parent_of_new(session: Session, body: Record) -> str | None:
    """The id of the head office that the body of a new branch names, checked, or None."""
    if not _names_parent(body):
        return None
    lock_tree(session, alone=False)
    parent = _lock_parent(session, body)
    check_place(None, _above(session, parent["id"]))
    return str(parent["id"])


def moved_parent(session: Session, customer_id: str, body: Record) -> Record | None:
    """The head office that a change names, checked for the whole subtree that moves. The tree must be locked alone."""
    if not _names_parent(body):
        return None
    parent = _lock_parent(session, body)
    check_place(customer_id, _above(session, parent["id"]), _height(session, customer_id))
    return parent


def refuse_with_branches(session: Session, record: Record, what: str, *, only_active: bool) -> None:
    """Raises HasBranches naming up to twenty branches."""
    rows = session.execute(_BRANCHES, {"id": record["id"], "only_active": only_active}).mappings().all()
    if rows:
        raise HasBranches(
            f"Customer {record['number']} has branches; move or archive them before you {what}."
            if only_active
            else f"Customer {record['number']} has branches; move them before you {what}.",
            facts={"branches": [dict(row) for row in rows]},
        )


def check_parent_again(session: Session, parent_id: str) -> None:
    """Raises ParentUnsuitable when the head office is no longer an active business."""
    _lock_parent(session, {"parent_id": parent_id})


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
    SELECT CAST(id AS text) AS id, number, name FROM customers
    WHERE parent_id = CAST(:id AS uuid) AND (NOT :only_active OR status = 'active') ORDER BY number LIMIT 20
    """
)
