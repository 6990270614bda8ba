"""The statements that bring the directory's rows, and what facets count of them, up to date."""

from sqlalchemy.orm import Session

from common.pipeline import send
from overview.domain.marks import DELIVERED
from overview.domain.terms import MARK
from overview.use_cases.statements import ENTER_SERVING

COLUMNS = (
    *("customer_id", "slot", "number", "number_key", "name", "sort_name", "dba_name", "kind", "status", "parent_id"),
    *("group_id", "city", "city_key", "country", "login", "has", "contact", "created_at", "updated_at", "body"),
    *("lifecycle", "supply", "marks", "tag_ids", "combination"),
)

_MOMENT = """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""

_VALUES = ", ".join(COLUMNS)
_EXCLUDED = ", ".join(f"excluded.{name}" for name in COLUMNS[1:])
_OLD = ", ".join(f"old.{name}" for name in COLUMNS[1:])
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])

_OF_COMBINATION = "status, kind, country, login, supply, has, marks"

# Facet counts are kept per shard (`slot`): each shard has one writer, so that two workers never wait for one counter.
REFRESH = f"""
    WITH described AS (
        SELECT c.id AS customer_id, c.slot, c.number, c.number_key, c.name, c.sort_name, c.dba_name, c.kind, c.status,
               c.parent_id, c.group_id, place.city, place.city_key, place.country,
               coalesce(a.login, 'none') AS login,
               array_remove(ARRAY[
                   CASE WHEN people.count > 0 THEN 'contact' END,
                   CASE WHEN main.id IS NOT NULL THEN 'primary_contact' END,
                   CASE WHEN people.has_email THEN 'email' END,
                   CASE WHEN people.has_phone THEN 'phone' END,
                   CASE WHEN place.city IS NOT NULL THEN 'address' END,
                   CASE WHEN coalesce(a.login, 'none') <> 'none' THEN 'login' END,
                   CASE WHEN c.parent_id IS NOT NULL THEN 'parent' END,
                   CASE WHEN c.group_id IS NOT NULL THEN 'group' END
               ], NULL) AS has,
               main.card AS contact, c.created_at, c.updated_at,
               json_build_object(
                   'id', c.id, 'number', c.number, 'name', c.name, 'dba_name', c.dba_name, 'kind', c.kind,
                   'status', c.status, 'city', place.city, 'country', place.country, 'parent_id', c.parent_id,
                   'login', coalesce(a.login, 'none'), 'primary_contact', main.card::json,
                   'supply', marked.supply,
                   'created_at', to_char(c.created_at AT TIME ZONE 'UTC', {_MOMENT}),
                   'updated_at', to_char(c.updated_at AT TIME ZONE 'UTC', {_MOMENT})
               )::text AS body,
               c.lifecycle, marked.supply, marked.marks, c.tag_ids
        FROM customers c
        LEFT JOIN contacts main ON main.id = c.primary_contact_id AND main.customer_id = c.id AND NOT main.removed
        LEFT JOIN accesses a ON a.customer_id = c.id
        LEFT JOIN LATERAL (
            SELECT city, city_key, country FROM addresses
            WHERE customer_id = c.id AND NOT removed ORDER BY rank, id LIMIT 1
        ) AS place ON true
        CROSS JOIN LATERAL (
            SELECT count(*) AS count, bool_or(has_email) AS has_email, bool_or(has_phone) AS has_phone
            FROM contacts WHERE customer_id = c.id AND NOT removed
        ) AS people
        CROSS JOIN LATERAL (
            -- Between the sign that marks begin with and the next one: a stretch of the key, in order.
            SELECT coalesce(array_agg(DISTINCT substr(term, 2)), '{{}}') AS marks,
                   CASE WHEN bool_or(term = '{MARK}{DELIVERED}') THEN 'delivered' ELSE 'not_delivered' END AS supply
            FROM terms
            WHERE customer_id = c.id AND term >= '{MARK}' AND term < '$'
        ) AS marked
        WHERE c.id = ANY (CAST(%(ids)s AS uuid[])) AND NOT c.removed AND c.merged_into IS NULL
    ), fresh AS (
        SELECT *, hashtextextended(ROW({_OF_COMBINATION})::text, 0) AS combination FROM described
    ), combined AS (
        INSERT INTO combinations (id, {_OF_COMBINATION})
        SELECT DISTINCT combination, {_OF_COMBINATION} FROM fresh ORDER BY combination
        ON CONFLICT (id) DO NOTHING
    ), before AS (
        SELECT * FROM directory WHERE customer_id = ANY (CAST(%(ids)s AS uuid[]))
    ), written AS (
        INSERT INTO directory AS old ({_VALUES})
        SELECT {_VALUES} FROM fresh ORDER BY customer_id
        ON CONFLICT (customer_id) DO UPDATE SET {_CHANGES} WHERE ({_OLD}) IS DISTINCT FROM ({_EXCLUDED})
        RETURNING *
    ), gone AS (
        DELETE FROM directory USING customers c
        WHERE c.id = ANY (CAST(%(ids)s AS uuid[])) AND (c.removed OR c.merged_into IS NOT NULL)
          AND directory.customer_id = c.id
        RETURNING directory.customer_id
    ), changes AS (
        SELECT -1 AS step, before.* FROM before
        WHERE customer_id IN (SELECT customer_id FROM written UNION ALL SELECT customer_id FROM gone)
        UNION ALL
        SELECT 1, written.* FROM written
    )
    INSERT INTO facet_counts AS old (facet, value, status, slot, count)
    SELECT f.facet, f.value, changes.status, changes.slot, sum(changes.step)
    FROM changes CROSS JOIN LATERAL (
        SELECT 'kind', changes.kind
        UNION ALL SELECT 'status', changes.status
        UNION ALL SELECT 'login', changes.login
        UNION ALL SELECT 'country', coalesce(changes.country, '-')
        UNION ALL SELECT 'city', coalesce(changes.city_key, '-')
        UNION ALL SELECT 'group', coalesce(changes.group_id::text, '-')
        UNION ALL SELECT 'has', unnest(changes.has)
        UNION ALL SELECT 'supply', changes.supply
        UNION ALL SELECT split_part(m, ':', 1), substr(m, strpos(m, ':') + 1) FROM unnest(changes.marks) AS m
    ) AS f (facet, value)
    GROUP BY f.facet, f.value, changes.status, changes.slot
    HAVING sum(changes.step) <> 0
    ORDER BY f.facet, f.value, changes.status, changes.slot
    ON CONFLICT (facet, value, status, slot) DO UPDATE SET count = old.count + excluded.count
    """  # noqa: S608  # our own names

# Those that no customer has any more: of a value that was erased nothing stays. A row that is being written with one of
# them holds its lock, and it is left out.
FORGET_COMBINATIONS = """
    DELETE FROM combinations WHERE id = ANY (ARRAY(
        SELECT id FROM combinations
        WHERE NOT EXISTS (SELECT 1 FROM directory WHERE directory.combination = combinations.id)
        ORDER BY id FOR UPDATE SKIP LOCKED))
    """


def forget_combinations(session: Session) -> None:
    """Forgets combinations of which no customer is left, in the generation that serves."""
    send(session, [(ENTER_SERVING, {"ids": []}), (FORGET_COMBINATIONS, {})])
