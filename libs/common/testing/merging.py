"""Merges of customers, as the customer service tells of them, and which columns of a database hold customers."""

from sqlalchemy import text

from common.db import Database
from common.envelope import Event
from common.ids import new_id
from common.testing.events import event

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


class Merge:
    """A merge of customers into one; `tell` makes its next event."""

    def __init__(self, survivor: str, *losers: str) -> None:
        self.id, self.survivor, self.losers = new_id(), survivor, losers
        self._version = 0

    def tell(self, verb: str) -> Event:
        """`merged`, or `unmerged` where it is undone."""
        self._version += 1
        data = {
            "id": self.id,
            "survivor": _named(self.survivor),
            "losers": [_named(one) for one in self.losers],
            "id_map": dict.fromkeys(self.losers, self.survivor),
            "archive_ids": {},
            "login_of": None,
            "counts": {},
            "changes": [],
        }
        told = f"customer.customer.{verb}.v1"
        return event(told, self.id, data, version=self._version, customer_id=self.survivor)


def _named(customer_id: str) -> dict[str, str]:
    return {"id": customer_id, "number": f"K{customer_id[-6:]}", "name": "Alderwick"}
