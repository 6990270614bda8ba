"""The statements that move the rows of a part, whatever their number: into another customer, and back."""

from customer_replica.merging.parts import Below, Part

# The names in these statements are those of our own tables.


def _version(part: Part | Below) -> str:
    return ", version = t.version + 1, updated_at = :now" if part.tell else ""


def _clash(part: Part, row: str, to: str) -> str:
    """SQL for whether the customer `to` has a row already that takes the place of `row`."""
    if part.unique is None:
        return "false"
    equals = "IS NOT DISTINCT FROM" if part.nulls_clash else "="
    same = "".join(f" AND t.{name} {equals} {row}.{name}" for name in part.unique)
    return (
        f"EXISTS (SELECT 1 FROM {part.table} t"  # noqa: S608
        f" WHERE t.{part.column} = {to} AND ({part.where}) AND t.{part.key} <> {row}.{part.key}{same})"
    )


def _as_json(part: Part, row: str) -> str:
    pairs = ", ".join(f"'{name}', to_jsonb({row}.{name})" for name in part.adjusted)
    return f"jsonb_build_object({pairs})"


def forth(part: Part) -> str:
    """Moves what belongs to customers of `:merges`, and notes it. Of two rows that clash with each other the first
    moves. Returns `(id, before, after, stays)` of each."""
    clash = "false"
    if part.unique is not None:
        alike = ", ".join(("h.merged_into", *(f"h.{name}" for name in part.unique)))
        later = f"row_number() OVER (PARTITION BY {alike} ORDER BY h.{part.key}) > 1"
        clash = f"({_clash(part, 'h', 'h.merged_into')} OR {later})"
    adjusted = "".join(f", {name} = {how}" for name, how in part.adjusted.items())
    return f"""
        WITH held AS MATERIALIZED (
            SELECT t.*, c.survivor_id AS merged_into, c.merge_id AS by_merge
            FROM {part.table} t JOIN replica_merged_customers c ON c.customer_id = t.{part.column}
            WHERE c.merge_id = ANY (CAST(:merges AS uuid[])) AND ({part.where})
            ORDER BY t.{part.key} FOR NO KEY UPDATE OF t
        ), judged AS MATERIALIZED (
            SELECT h.*, {clash} AS clash FROM held h
        ), moved AS (
            UPDATE {part.table} t SET {part.column} = m.merged_into{adjusted}{_version(part)}
            FROM judged m WHERE t.{part.key} = m.{part.key}{" AND NOT m.clash" if part.stays else ""}
            RETURNING t.{part.key} AS id, m.{part.key} AS was, m.by_merge, m.{part.column} AS before,
                      {_as_json(part, "m")} AS adjusted_before, {_as_json(part, "t")} AS adjusted_after
        ), noted AS (
            INSERT INTO merge_moves (merge_id, part, record_id, customer_id, before, after)
            SELECT by_merge, '{part.name}', id, before, adjusted_before, adjusted_after FROM moved
            ON CONFLICT (merge_id, part, record_id) DO NOTHING
        )
        SELECT COALESCE(moved.id, judged.{part.key})::text AS id, judged.{part.column}::text AS before,
               judged.merged_into::text AS after, moved.id IS NULL AS stays
        FROM judged LEFT JOIN moved ON moved.was = judged.{part.key} ORDER BY 1
    """  # noqa: S608


def back(part: Part) -> str:
    """Moves what was noted of `:merge` back, as far as it still belongs to one of `:present`. Returns
    `(id, before, after)` of each."""
    restored = "".join(
        f", {name} = CASE WHEN NOT h.clash AND to_jsonb(t.{name}) IS NOT DISTINCT FROM h.adjusted_after -> '{name}'"
        f" THEN (jsonb_populate_record(NULL::{part.table}, h.adjusted_before)).{name} ELSE t.{name} END"
        for name in part.adjusted
    )
    clash = "false"
    if part.unique is not None:
        # As it will be: with the values from before.
        clash = _clash(part, "b", "n.customer_id")
    return f"""
        WITH held AS MATERIALIZED (
            SELECT t.{part.key} AS id, t.{part.column} AS before, n.customer_id AS goes_to,
                   n.before AS adjusted_before, n.after AS adjusted_after, {clash} AS clash
            FROM merge_moves n JOIN {part.table} t ON t.{part.key} = n.record_id
            CROSS JOIN LATERAL jsonb_populate_record(t, n.before) AS b
            WHERE n.merge_id = CAST(:merge AS uuid) AND n.part = '{part.name}'
              AND t.{part.column} = ANY (CAST(:present AS uuid[]))
            ORDER BY t.{part.key} FOR NO KEY UPDATE OF t
        ), moved AS (
            UPDATE {part.table} t SET {part.column} = h.goes_to{restored}{_version(part)}
            FROM held h WHERE t.{part.key} = h.id{" AND NOT h.clash" if part.stays else ""}
            RETURNING t.{part.key} AS id, h.before, h.goes_to
        )
        SELECT id::text, before::text, goes_to::text AS after FROM moved ORDER BY 1
    """  # noqa: S608


def given(part: Part) -> str:
    """Gives the rows `:rows` (`id, customer`) their customers. Returns `(id, before, after)` of each that had another
    one."""
    return f"""
        WITH held AS MATERIALIZED (
            SELECT t.{part.key} AS id, t.{part.column} AS before, r.customer AS goes_to
            FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, customer uuid)
            JOIN {part.table} t ON t.{part.key} = r.id
            WHERE t.{part.column} IS DISTINCT FROM r.customer
            ORDER BY t.{part.key} FOR NO KEY UPDATE OF t
        )
        UPDATE {part.table} t SET {part.column} = h.goes_to{_version(part)} FROM held h WHERE t.{part.key} = h.id
        RETURNING t.{part.key}::text AS id, h.before::text, h.goes_to::text AS after
    """  # noqa: S608


def along(parent: Part | Below, below: Below) -> str:
    """Gives what is below the rows `:ids` of another table the customer that those have. Returns `(id, before, after)`
    of each where somebody asks for them, else nothing."""
    source = f"""
        {parent.table} p JOIN {below.table} t ON t.{below.by} = p.{parent.key}
        WHERE p.{parent.key} = ANY (CAST(:ids AS uuid[])) AND t.{below.column} IS DISTINCT FROM p.{parent.column}
    """
    if not below.tell and not below.below:
        return f"""
            UPDATE {below.table} t SET {below.column} = p.{parent.column} FROM {parent.table} p
            WHERE t.{below.by} = p.{parent.key} AND p.{parent.key} = ANY (CAST(:ids AS uuid[]))
              AND t.{below.column} IS DISTINCT FROM p.{parent.column}
        """  # noqa: S608
    return f"""
        WITH held AS MATERIALIZED (
            SELECT t.{below.key} AS id, t.{below.column} AS before, p.{parent.column} AS goes_to FROM {source}
            ORDER BY t.{below.key} FOR NO KEY UPDATE OF t
        )
        UPDATE {below.table} t SET {below.column} = h.goes_to{_version(below)} FROM held h WHERE t.{below.key} = h.id
        RETURNING t.{below.key}::text AS id, h.before::text, h.goes_to::text AS after
    """  # noqa: S608
