"""Assets as a file of CSV, made while it is sent, with the columns that an import of assets reads."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.db import Database, Scope
from common.spreadsheets import MARK, csv_line
from customer_replica import replica_customers
from warehouse.queries.assets import narrowed
from warehouse.tables.assets import assets

COLUMNS: Final = (
    *("customer", "tag", "name", "serial", "model", "sku", "status", "custodian", "location", "warranty_until"),
    *("purchased_on", "order_number", "note"),
)
AT_ONCE: Final = 1_000

_TABLE = assets.c
_EXPORTED = select(
    _TABLE.id,
    replica_customers.c.number.label("customer"),
    _TABLE.custodian_label.label("custodian"),
    *(_TABLE[name] for name in COLUMNS if name not in {"customer", "custodian"}),
).outerjoin(replica_customers, replica_customers.c.id == _TABLE.customer_id)


def asset_lines(database: Database, scope: Scope, query: Mapping[str, Any]) -> Iterator[str]:
    """The lines of the file, the oldest asset first; read in stretches, each a transaction of its own."""
    yield MARK + csv_line(COLUMNS)
    after: str | None = None
    while True:
        found = database.run(lambda session, seen=after: _stretch(session, query, seen), scope)  # type: ignore[misc]
        yield from (csv_line([_cell(row[name]) for name in COLUMNS]) for row in found)
        if len(found) < AT_ONCE:
            return
        after = found[-1]["id"]


def _stretch(session: Session, query: Mapping[str, Any], after: str | None) -> list[Mapping[Any, Any]]:
    statement = narrowed(_EXPORTED, query)
    if after is not None:
        statement = statement.where(_TABLE.id > after)
    return list(session.execute(statement.order_by(_TABLE.id).limit(AT_ONCE)).mappings())


def _cell(value: Any) -> str:
    return "" if value is None else str(value)
