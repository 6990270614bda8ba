"""What is stored of the customers that a chunk of rows names: read set by set, never row by row."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.orm import Session

from customer.domain.tree import Tree
from customer.use_cases.addresses import with_purposes
from customer.use_cases.hierarchy import lock_tree
from customer.use_cases.imports.rows import Row
from customer.use_cases.locking import lock_customers
from customer.use_cases.store import Record
from customer.use_cases.tags import tag_names


@dataclass(slots=True)
class Present:
    """Customers by id, found by number and by external id; groups by name; tags by the name that a
    row gives them; possible head offices by number; names of
    the groups and head offices that the customers have now."""

    customers: dict[str, Record] = field(default_factory=dict)
    by_number: dict[str, str] = field(default_factory=dict)
    by_external: dict[tuple[str, str], str] = field(default_factory=dict)
    contacts: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    addresses: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    retired: set[str] = field(default_factory=set)
    groups: dict[str, Record] = field(default_factory=dict)
    tags: dict[str, tuple[str, str]] = field(default_factory=dict)
    parents: dict[str, Record] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    tree: Tree = field(default_factory=Tree)


def read(session: Session, rows: Sequence[Row]) -> Present:
    """Locks the customers that the rows name, and the tree where rows name head offices."""
    parents = sorted({row.values["parent_number"] for row in rows if "parent_number" in row.values})
    if parents:
        lock_tree(session, alone=True)
    present = Present()
    numbers = [row.values["number"] for row in rows if "number" in row.values]
    external = [row.external_id for row in rows if row.external_id]
    if external:
        found = session.execute(_BY_EXTERNAL, {"systems": [e[0] for e in external], "ids": [e[1] for e in external]})
        present.by_external = {(row.system, row.external_id): row.customer_id for row in found}
    if numbers:
        found = session.execute(_BY_NUMBER, {"numbers": numbers})
        present.by_number = {row.number: row.id for row in found}
        present.retired = set(session.execute(_RETIRED, {"numbers": numbers}).scalars())
    _read_customers(session, present)
    groups = sorted({row.values["group"].lower() for row in rows if "group" in row.values})
    if groups:
        found = session.execute(_GROUPS, {"names": groups})
        present.groups = {row.key: {"id": row.id, "name": row.name} for row in found}
    tags = sorted({name for row in rows for name in row.tags})
    if tags:
        present.tags = {row.given: (row.id, row.name) for row in session.execute(_TAGS, {"names": tags})}
    if parents:
        _read_tree(session, present, parents, rows)
    if groups or parents:
        before = [record for record in present.customers.values() if record["group_id"] or record["parent_id"]]
        ids = [record[reference] for record in before for reference in ("group_id", "parent_id") if record[reference]]
        present.names = {row.id: row.name for row in session.execute(_NAMES, {"ids": ids})}
    carried = {tag_id for record in present.customers.values() for tag_id in record["tag_ids"]}
    if carried and any("tags" in row.values or "tags" in row.cleared for row in rows):
        present.names |= tag_names(session, carried)
    return present


def _read_customers(session: Session, present: Present) -> None:
    ids = sorted({*present.by_number.values(), *present.by_external.values()})
    if not ids:
        return
    present.customers = lock_customers(session, ids)
    for row in session.execute(_CONTACTS, {"ids": ids}).mappings():
        present.contacts[row["customer_id"]].append(dict(row))
    for row in session.execute(_ADDRESSES, {"ids": ids}).mappings():
        present.addresses[row["customer_id"]].append(with_purposes(dict(row)))


def _read_tree(session: Session, present: Present, parents: Sequence[str], rows: Sequence[Row]) -> None:
    for row in session.execute(_PARENTS, {"numbers": parents}).mappings():
        present.parents[row["named"]] = dict(row)
    moving = [
        present.by_number[row.values["number"]]
        for row in rows
        if "parent_number" in row.values and row.values.get("number") in present.by_number
    ]
    moving += [
        present.by_external[row.external_id]
        for row in rows
        if "parent_number" in row.values and row.external_id in present.by_external
    ]
    edges = session.execute(_EDGES, {"parents": [p["id"] for p in present.parents.values()], "moving": moving})
    present.tree = Tree((row.id, row.parent_id) for row in edges)


# The number of a customer that was merged leads to its survivor.
_BY_NUMBER = text(
    "SELECT CAST(COALESCE(merged_into, id) AS text) AS id, number FROM customers WHERE number = ANY (:numbers)"
)
_BY_EXTERNAL = text(
    """
    SELECT e.system, e.external_id, CAST(e.customer_id AS text) AS customer_id
    FROM unnest(CAST(:systems AS text[]), CAST(:ids AS text[])) AS k(system, external_id)
    JOIN external_ids e USING (system, external_id)
    """
)
_RETIRED = text("SELECT number FROM retired_numbers WHERE number = ANY (:numbers)")
_GROUPS = text(
    """
    SELECT CAST(id AS text) AS id, name, lower(name) AS key FROM customer_groups
    WHERE lower(name) = ANY (:names) FOR KEY SHARE
    """
)
# Those that may still be put on somebody, kept from being deleted meanwhile.
_TAGS = text(
    """
    SELECT g.name AS given, CAST(t.id AS text) AS id, t.name
    FROM unnest(CAST(:names AS text[])) AS g(name) JOIN tags t ON fold_text(t.name) = fold_text(g.name)
    WHERE t.merged_into IS NULL AND NOT t.archived FOR KEY SHARE OF t
    """
)
_NAMES = text(
    """
    SELECT CAST(id AS text) AS id, name FROM customer_groups WHERE id = ANY (CAST(:ids AS uuid[]))
    UNION ALL SELECT CAST(id AS text), name FROM customers WHERE id = ANY (CAST(:ids AS uuid[]))
    """
)
_PARENTS = text(
    """
    SELECT named.number AS named, CAST(c.id AS text) AS id, c.number, c.name, c.kind, c.status
    FROM customers named JOIN customers c ON c.id = COALESCE(named.merged_into, named.id)
    WHERE named.number = ANY (:numbers) ORDER BY c.id FOR SHARE OF c
    """
)
_CONTACTS = text(
    """
    SELECT CAST(id AS text) AS id, CAST(customer_id AS text) AS customer_id, name, title, department, emails, phones,
           roles, default_for, custom_fields, version, created_at, updated_at
    FROM contacts WHERE customer_id = ANY (CAST(:ids AS uuid[])) ORDER BY contacts.id
    """
)
_ADDRESSES = text(
    """
    SELECT CAST(id AS text) AS id, CAST(customer_id AS text) AS customer_id, purposes, default_for, line1, line2, city,
           region, postal_code, country, version, created_at, updated_at
    FROM addresses WHERE customer_id = ANY (CAST(:ids AS uuid[])) ORDER BY addresses.id
    """
)
# UNION without ALL ends a walk through a ring that should not exist.
_EDGES = text(
    """
    WITH RECURSIVE up (id, parent_id) AS (
        SELECT id, parent_id FROM customers WHERE id = ANY (CAST(:parents AS uuid[]))
        UNION
        SELECT c.id, c.parent_id FROM up JOIN customers c ON c.id = up.parent_id
    ), down (id, parent_id) AS (
        SELECT id, parent_id FROM customers WHERE id = ANY (CAST(:moving AS uuid[]))
        UNION
        SELECT c.id, c.parent_id FROM down JOIN customers c ON c.parent_id = down.id
    )
    SELECT CAST(id AS text) AS id, CAST(parent_id AS text) AS parent_id FROM (TABLE up UNION TABLE down) AS edges
    """
)
