"""Which columns of a service's database hold customers, by their names and types."""

from sqlalchemy import text

from common.db import Database

# What a column that refers to a customer may be called; a new such name is added here.
_NAMES = "(^|_)(customer|owner|target|parent|survivor|company|seller|buyer|node)(_id|_ids)?$"


def customer_columns(database: Database) -> set[tuple[str, str]]:
    """Every table and column of ids that may be a customer's."""
    with database.transaction() as session:
        return {(row.table, row.column) for row in session.execute(_COLUMNS, {"names": _NAMES})}


_COLUMNS = text(
    """
    SELECT c.relname AS "table", a.attname AS "column"
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0
      AND NOT a.attisdropped AND a.atttypid IN ('uuid'::regtype, 'uuid[]'::regtype) AND a.attname ~ :names
    """
)
