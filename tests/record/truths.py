"""What must be true of the customer record after whatever was done to it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from common.db import Database
from common.envelope import Event
from common.testing import Client

Rows = list[tuple[Any, ...]]

# Each finds what must not be there.
_NEVER = {
    "a primary contact that is not the customer's own, or a person's": """
        SELECT c.id FROM customers c LEFT JOIN contacts k ON k.id = c.primary_contact_id AND k.customer_id = c.id
        WHERE c.primary_contact_id IS NOT NULL AND (k.id IS NULL OR c.kind = 'person')
    """,
    "a customer below itself, or too deep": """
        WITH RECURSIVE up (start, id, parent_id, depth) AS (
            SELECT id, id, parent_id, 1 FROM customers
            UNION ALL
            SELECT up.start, c.id, c.parent_id, up.depth + 1
            FROM up JOIN customers c ON c.id = up.parent_id WHERE up.depth < 12
        )
        SELECT DISTINCT start FROM up WHERE depth > 8
    """,
    "an active customer below an archived one": """
        SELECT c.id FROM customers c JOIN customers p ON p.id = c.parent_id
        WHERE c.status = 'active' AND p.status <> 'active'
    """,
    "two occupants of one property on one day": """
        SELECT a.property_id FROM assignments a JOIN assignments b ON b.property_id = a.property_id AND b.id > a.id
        WHERE a.role = 'occupant' AND b.role = 'occupant'
          AND daterange(a.starts_on, a.until) && daterange(b.starts_on, b.until)
    """,
    "two defaults for one purpose": """
        SELECT customer_id FROM addresses CROSS JOIN unnest(default_for) AS purpose
        GROUP BY customer_id, purpose HAVING count(*) > 1
    """,
}

_CUSTOMERS = """
    SELECT c.id::text, c.number, c.name, c.dba_name, c.kind, c.status, c.parent_id::text, c.group_id::text,
           (SELECT count(*) FROM contacts k WHERE k.customer_id = c.id),
           (SELECT count(*) FROM addresses a WHERE a.customer_id = c.id),
           (SELECT k.name FROM contacts k WHERE k.id = c.primary_contact_id)
    FROM customers c ORDER BY c.id
"""
_DIRECTORY = """
    SELECT d.customer_id::text, d.number, d.name, d.dba_name, d.kind, d.status, d.parent_id::text, d.group_id::text,
           coalesce((SELECT count FROM sections s WHERE s.customer_id = d.customer_id AND section = 'contacts'), 0),
           coalesce((SELECT count FROM sections s WHERE s.customer_id = d.customer_id AND section = 'addresses'), 0),
           d.contact::json ->> 'name'
    FROM directory d ORDER BY d.customer_id
"""
_COUNTED = """
    SELECT facet, value, status, sum(count)::bigint FROM facet_counts
    WHERE facet IN ('kind', 'status') GROUP BY 1, 2, 3 HAVING sum(count) <> 0 ORDER BY 1, 2, 3
"""
_COUNTS = """
    SELECT 'kind', kind, status, count(*) FROM customers GROUP BY 1, 2, 3
    UNION ALL SELECT 'status', status, status, count(*) FROM customers GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_TIMELINE = "SELECT event_id::text, customer_id::text FROM timeline"
NOBODY = "00000000-0000-0000-0000-000000000000"


def rows(database: Database, sql: str) -> Rows:
    """What a statement answers."""
    with database.transaction() as session:
        return [tuple(row) for row in session.execute(text(sql))]


def check_invariants(database: Database) -> None:
    """What the tables of `customer` may never hold."""
    broken = {what: found for what, sql in _NEVER.items() if (found := rows(database, sql))}
    assert broken == {}


def check_links(client: Client, customer_ids: Iterable[str]) -> None:
    """Every link is seen from both of its sides."""
    seen: Counter[tuple[str, frozenset[str]]] = Counter()
    for customer_id in customer_ids:
        for link in client.get(f"/customers/{customer_id}/links?limit=200").json["items"]:
            assert link["other"]["id"] != customer_id
            seen[link["id"], frozenset((customer_id, link["other"]["id"]))] += 1
    assert set(seen.values()) <= {2}


def check_directory(customer: Database, overview: Database) -> None:
    """The directory, its counts and the sections say what the tables say."""
    assert rows(overview, _DIRECTORY) == rows(customer, _CUSTOMERS)
    assert rows(overview, _COUNTED) == rows(customer, _COUNTS)


def check_timeline(overview: Database, events: Iterable[Event]) -> None:
    """The timelines hold each event once for everybody whom it concerns, and nothing else."""
    expected = Counter((event.id, customer_id) for event in events for customer_id in concerned(event))
    assert Counter(rows(overview, _TIMELINE)) == expected


def concerned(event: Event) -> set[str]:
    """The customers of an event: a link has two."""
    if event.type.startswith("customer.link."):
        return {event.data["from"]["id"], event.data["to"]["id"]}
    return {event.customer_id or NOBODY}
