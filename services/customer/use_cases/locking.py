"""The present state of what a command changes, read under a lock on its customer.

Contacts and addresses are changed under their customer's lock, so that the rules that span them (one primary, one
default) see every other change.
"""

from collections.abc import Sequence

from psycopg.rows import dict_row
from sqlalchemy.orm import Session

from common.pipeline import send
from customer.domain.merging import refuse_merged
from customer.errors import Archived, Changed, CustomerNotFound
from customer.use_cases.store import Record


def lock_customers(session: Session, ids: Sequence[str]) -> dict[str, Record]:
    """Locks customers in the order of their ids and returns their state by id, `path_ids` from the root down to the
    customer among it. Unknown ids are left out."""
    these = {"ids": list(ids)}
    # A second statement, because the first one's snapshot may be older than the lock that it waited for.
    _, found = send(session, [(_LOCK, these), (_READ, these)], dict_row)
    return {row["id"]: row for row in found}


def lock_customer(session: Session, customer_id: str, *, version: int | None = None, archived: bool = False) -> Record:
    """Locks one customer and returns its state. Raises CustomerNotFound, Merged, Changed when it is not at
    `version`, and Archived when it is archived and the command does not allow that."""
    record = lock_customers(session, [customer_id]).get(customer_id)
    if record is None:
        raise CustomerNotFound("There is no such customer.")
    refuse_merged(record)
    check_version(record, version)
    return _usable(record, archived=archived)


def _usable(record: Record, *, archived: bool) -> Record:
    if record["status"] == "archived" and not archived:
        raise Archived(
            f"Customer {record['number']} is archived and read-only; restore it first.",
            facts={"archive_id": record["archive_id"]},
        )
    return record


def customer_of_part(session: Session, customer_id: str, *, archived: bool = False) -> Record:
    """A customer that gets a new part from whoever calls: locked for staff; a portal user, who may lock nothing, only
    adds what stands for itself. Raises as `lock_customer` does."""
    if not session.info["scope"].is_portal:
        return lock_customer(session, customer_id, archived=archived)
    [found] = send(session, [(_READ, {"ids": [customer_id]})], dict_row)
    if not found:
        raise CustomerNotFound("There is no such customer.")
    return _usable(found[0], archived=archived)


def check_version(record: Record, version: int | None) -> None:
    """Raises Changed when the record is not at the version that the caller read."""
    if version is not None and record["version"] != version:
        raise Changed(
            "Somebody else changed this in the meantime; read it again and repeat your change.",
            facts={"current_version": record["version"]},
        )


# Through a subquery, the ids are a list of unknown length to every plan. Given directly, one id would look cheaper in
# a plan of its own, and PostgreSQL would make one for every call, which costs more than running it.
_THESE = "ANY (ARRAY(SELECT unnest(CAST(%(ids)s AS uuid[]))))"
_LOCK = f"SELECT 1 FROM customers WHERE id = {_THESE} ORDER BY id FOR NO KEY UPDATE"  # noqa: S608
_READ = f"""
    SELECT CAST(c.id AS text) AS id, kind, number, status, name, dba_name, CAST(parent_id AS text) AS parent_id,
           CAST(group_id AS text) AS group_id, lifecycle, CAST(tag_ids AS text[]) AS tag_ids, custom_fields,
           CAST(primary_contact_id AS text) AS primary_contact_id, CAST(merged_into AS text) AS merged_into,
           CAST(archive_id AS text) AS archive_id, archive_reason, archived_at, deletion_at, deletion_by,
           CAST(import_id AS text) AS import_id, version,
           created_at, updated_at,
           CASE WHEN parent_id IS NULL THEN ARRAY[CAST(c.id AS text)] ELSE (
               WITH RECURSIVE up (id, parent_id, level) AS (
                   SELECT c.id, c.parent_id, 1
                   UNION ALL
                   SELECT p.id, p.parent_id, up.level + 1
                   FROM up JOIN customers p ON p.id = up.parent_id WHERE up.level < 64
               ) SELECT array_agg(CAST(id AS text) ORDER BY level DESC) FROM up
           ) END AS path_ids,
           COALESCE((SELECT jsonb_agg(jsonb_build_object('system', e.system, 'id', e.external_id)
                                      ORDER BY e.system, e.external_id)
                     FROM external_ids e WHERE e.customer_id = c.id), '[]') AS external_ids
    FROM customers c WHERE c.id = {_THESE}
    """  # noqa: S608
