"""The statements that write a batch, for `common.pipeline`. Each takes all its rows as one JSON text, so that a batch
costs a fixed number of statements, none needs the answer of another, and none names a schema: the transaction's search
path is the generation that is written."""

from collections.abc import Mapping
from typing import Any

Key = str | tuple[str, ...]

_KEYS = {
    "customers": "id",
    "contacts": "id",
    "addresses": "id",
    "groups": "id",
    "scopes": "key",
    "accesses": "customer_id",
    "records": "kind, id, customer_id",
}
_COLUMNS = {
    "customers": "removed slot number number_key name sort_name dba_name kind status parent_id group_id"
    " primary_contact_id merged_into lifecycle tag_ids created_at updated_at body portal_body as_of",
    "contacts": "customer_id removed sort_name has_email has_phone body card as_of",
    "addresses": "customer_id removed rank city city_key country body as_of",
    "groups": "removed name",
    "scopes": "body as_of",
    "accesses": "login body as_of",
    "records": "removed restricted place label parent_id body portal_body as_of",
}

PARTS = ("contacts", "addresses")  # whose rows may move from one customer to another


def _upsert(table: str) -> str:
    key = _KEYS[table]
    columns = ("version", *_COLUMNS[table].split())
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return (
        f"INSERT INTO {table} AS old ({key}, {', '.join(columns)})"  # noqa: S608  # our own names
        f" SELECT {key}, {', '.join(columns)} FROM json_populate_recordset(NULL::{table}, CAST(%(rows)s AS json))"
        f" ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE old.version < excluded.version"
    )


UPSERT = {table: _upsert(table) for table in _KEYS}


def key_of(table: str, row: Mapping[str, Any]) -> Key:
    """The key of a row of a table."""
    names = _KEYS[table].split(", ")
    return str(row[names[0]]) if len(names) == 1 else tuple(str(row[name]) for name in names)


def _write_terms(table: str) -> str:
    of_records = " AND t.kind = s.kind AND t.customer_id = s.customer_id" if table == "records" else ""
    # The sources whose given version is the one that stands; what they are no longer found by goes, what is new comes.
    # Each source brings its own terms, so that nothing compares all of a batch with all of a batch.
    return f"""
        WITH given AS (
            SELECT s.customer_id, s.source_id, s.terms
            FROM json_to_recordset(CAST(%(sources)s AS json))
                 AS s (customer_id uuid, source_id uuid, version bigint, kind text, terms json)
            JOIN {table} t ON t.id = s.source_id AND t.version = s.version{of_records}
        ), gone AS (
            DELETE FROM terms USING given g
            WHERE terms.customer_id = g.customer_id AND terms.source_id = g.source_id
              AND NOT EXISTS (
                  SELECT 1 FROM json_to_recordset(g.terms) AS w (rank smallint, field smallint, term text)
                  WHERE w.term = terms.term AND w.rank = terms.rank AND w.field = terms.field)
        )
        INSERT INTO terms (customer_id, source_id, rank, field, term, sort_name)
        SELECT g.customer_id, g.source_id, w.rank, w.field, w.term, left(coalesce(c.sort_name, ''), 32)
        FROM given g LEFT JOIN customers c ON c.id = g.customer_id
        CROSS JOIN LATERAL json_to_recordset(g.terms) AS w (rank smallint, field smallint, term text)
        ON CONFLICT DO NOTHING
    """  # noqa: S608  # our own names


WRITE_TERMS = {table: _write_terms(table) for table in ("customers", "contacts", "addresses", "records")}

RENAME_TERMS = """
    UPDATE terms SET sort_name = left(c.sort_name, 32) FROM customers c
    WHERE c.id = ANY (CAST(%(ids)s AS uuid[])) AND terms.customer_id = c.id AND terms.sort_name <> left(c.sort_name, 32)
    """

# Only what is new is counted, and once where it stands in several histories, so that an event that comes again changes
# nothing.
INSERT_TIMELINE = """
    WITH given AS (
        SELECT * FROM json_to_recordset(CAST(%(rows)s AS json)) AS e (
            event_id uuid, customer_id uuid, occurred_at timestamptz, kind text, verb text, actor text, paths text[],
            visibility text, needs text[], body text, portal_body text, entity text, subject text, version bigint)
    ), fresh AS (
        INSERT INTO timeline (
            event_id, customer_id, occurred_at, kind, verb, actor, paths, visibility, needs, subject, body, portal_body)
        SELECT
            event_id, customer_id, occurred_at, kind, verb, actor, paths, visibility, needs, subject, body, portal_body
        FROM given
        ON CONFLICT DO NOTHING
        RETURNING event_id, customer_id
    )
    INSERT INTO aggregates AS old (entity, subject, seen, newest)
    SELECT entity, subject, count(DISTINCT event_id), max(version) FROM given JOIN fresh USING (event_id, customer_id)
    GROUP BY entity, subject
    ORDER BY entity, subject
    ON CONFLICT (entity, subject)
    DO UPDATE SET seen = old.seen + excluded.seen, newest = greatest(old.newest, excluded.newest)
    """

WRITE_CONTACTS = """
    INSERT INTO sections AS old (customer_id, section, audience, body, count, as_of)
    SELECT touched.id, 'contacts', 'everybody', '[' || coalesce(k.bodies, '') || ']', k.count, k.as_of
    FROM unnest(CAST(%(ids)s AS uuid[])) AS touched (id)
    CROSS JOIN LATERAL (
        SELECT string_agg(
                   CASE WHEN place > %(most)s OR removed THEN NULL
                        ELSE left(body, -1) || ',"primary":' || is_primary::text || '}'
                   END, ',' ORDER BY place) AS bodies,
               count(*) FILTER (WHERE NOT removed) AS count,
               max(as_of) AS as_of
        FROM (
            SELECT people.*, people.id IS NOT DISTINCT FROM c.primary_contact_id AS is_primary,
                   row_number() OVER (ORDER BY people.removed, people.id IS DISTINCT FROM c.primary_contact_id,
                                               people.sort_name, people.id) AS place
            FROM contacts people LEFT JOIN customers c ON c.id = people.customer_id
            WHERE people.customer_id = touched.id
        ) AS people
        HAVING count(*) > 0
    ) AS k
    ON CONFLICT (customer_id, section, audience)
    DO UPDATE SET body = excluded.body, count = excluded.count, as_of = excluded.as_of
    WHERE (old.body, old.count, old.as_of) IS DISTINCT FROM (excluded.body, excluded.count, excluded.as_of)
    """

WRITE_ADDRESSES = """
    INSERT INTO sections AS old (customer_id, section, audience, body, count, as_of)
    SELECT touched.id, 'addresses', 'everybody', '[' || coalesce(k.bodies, '') || ']', k.count, k.as_of
    FROM unnest(CAST(%(ids)s AS uuid[])) AS touched (id)
    CROSS JOIN LATERAL (
        SELECT string_agg(CASE WHEN place > %(most)s OR removed THEN NULL ELSE body END, ',' ORDER BY place) AS bodies,
               count(*) FILTER (WHERE NOT removed) AS count,
               max(as_of) AS as_of
        FROM (
            SELECT places.*, row_number() OVER (ORDER BY places.removed, places.rank, places.id) AS place
            FROM addresses places WHERE places.customer_id = touched.id
        ) AS places
        HAVING count(*) > 0
    ) AS k
    ON CONFLICT (customer_id, section, audience)
    DO UPDATE SET body = excluded.body, count = excluded.count, as_of = excluded.as_of
    """

# Of customers whose last one has moved away.
CLEAR_PARTS = {
    table: f"""
    DELETE FROM sections WHERE customer_id = ANY (CAST(%(ids)s AS uuid[])) AND section = '{table}'
      AND NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.customer_id = sections.customer_id)
    """  # noqa: S608  # our own names
    for table in PARTS
}

WRITE_ACCESS = """
    INSERT INTO sections AS old (customer_id, section, audience, body, count, as_of)
    SELECT customer_id, 'access', 'everybody', body, 0, as_of
    FROM accesses WHERE customer_id = ANY (CAST(%(ids)s AS uuid[]))
    ON CONFLICT (customer_id, section, audience) DO UPDATE SET body = excluded.body, as_of = excluded.as_of
    """

# Of each audience: what it may see of a customer's records, first the first of them, and how many there are.
WRITE_SECTIONS = """
    INSERT INTO sections AS old (customer_id, section, audience, body, count, as_of)
    SELECT touched.customer_id, touched.section, seen_by.audience, '[' || coalesce(k.bodies, '') || ']',
           CASE seen_by.audience WHEN 'portal' THEN n.shared WHEN 'staff' THEN n.unrestricted ELSE n.everything END,
           n.as_of
    FROM json_to_recordset(CAST(%(touched)s AS json))
         AS touched (customer_id uuid, kind text, section text, most integer, audiences text[])
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE NOT removed) AS everything,
               count(*) FILTER (WHERE NOT removed AND NOT restricted) AS unrestricted,
               count(*) FILTER (WHERE NOT removed AND portal_body IS NOT NULL) AS shared,
               max(as_of) AS as_of
        FROM records WHERE customer_id = touched.customer_id AND kind = touched.kind
        HAVING count(*) > 0
    ) AS n
    CROSS JOIN LATERAL unnest(touched.audiences) AS seen_by (audience)
    CROSS JOIN LATERAL (
        SELECT string_agg(first.body, ',' ORDER BY first.place, first.id) AS bodies
        FROM (
            SELECT CASE seen_by.audience WHEN 'portal' THEN portal_body ELSE body END AS body, place, id
            FROM records
            WHERE customer_id = touched.customer_id AND kind = touched.kind AND NOT removed
              AND CASE seen_by.audience
                      WHEN 'portal' THEN portal_body IS NOT NULL WHEN 'staff' THEN NOT restricted ELSE true END
            ORDER BY place, id LIMIT touched.most
        ) AS first
    ) AS k
    ON CONFLICT (customer_id, section, audience)
    DO UPDATE SET body = excluded.body, count = excluded.count, as_of = excluded.as_of
    """

QUEUE_ARRIVALS = """
    INSERT INTO arrivals_waiting (event_id, customer_id, type, subject, kind, verb, occurred_at, visibility, needs)
    SELECT event_id, customer_id, type, subject, kind, verb, occurred_at, visibility, needs
    FROM json_populate_recordset(NULL::arrivals_waiting, CAST(%(rows)s AS json))
    ON CONFLICT DO NOTHING
    """

# The lock of the row lets a change of generations wait for this transaction, and this one for the change; those of the
# customers let two transactions that touch the same one see each other's rows. Plans are kept: making them anew for a
# small batch costs the database more than half as much again as running them (measured). A kept plan may have been made
# while the tables were empty; so it must look up each key by its index, as is right for a batch in tables of any size.
_ENTER = """
    SELECT set_config('search_path', 'g' || number || ', public', true),
           set_config('plan_cache_mode', 'force_generic_plan', true),
           set_config('enable_seqscan', 'off', true),
           set_config('enable_hashjoin', 'off', true),
           set_config('enable_mergejoin', 'off', true),
           (SELECT count(pg_advisory_xact_lock(hashtextextended(id, number)))
            FROM unnest(CAST(%(ids)s AS text[])) AS touched (id))
    FROM generations WHERE {which} FOR SHARE
"""

ENTER_SERVING = _ENTER.replace("{which}", "state = 'serving'")

# Already serving where it has just been put in its place: what still comes by this way is then there twice.
ENTER_BUILT = _ENTER.replace("{which}", "number = %(number)s AND state <> 'retired'")
