"""Inbound supplies, as they are shown."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Text, cast, or_, select, text
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from warehouse.errors.supplies import SupplyNotFound
from warehouse.tables.stock import warehouses
from warehouse.tables.supplies import inbound_supplies

_SHOWN = select(inbound_supplies).join(warehouses, warehouses.c.id == inbound_supplies.c.warehouse_id)


def supply(session: Session, supply_id: str) -> Mapping[str, Any]:
    """One supply; raises SupplyNotFound."""
    row = session.execute(_SHOWN.where(inbound_supplies.c.id == supply_id)).mappings().one_or_none()
    if row is None:
        raise SupplyNotFound("There is no such supply.")
    return _with_preorders(session, [row])[0]


def supply_page(session: Session, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str) -> Page:
    """Supplies by the day on which they are expected."""
    statement = _SHOWN
    for name in ("sku", "status"):
        if name in query:
            statement = statement.where(inbound_supplies.c[name] == query[name])
    if "warehouse" in query:
        named = query["warehouse"]
        statement = statement.where(or_(warehouses.c.code == named, cast(warehouses.c.id, Text) == named))
    keys = [Key(inbound_supplies.c.expected_on), Key(inbound_supplies.c.id)]
    found = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page(_with_preorders(session, found.rows), found.next_cursor)


def _with_preorders(session: Session, rows: Iterable[Mapping[Any, Any]]) -> list[Mapping[str, Any]]:
    shown = [{str(name): value for name, value in row.items()} for row in rows]
    found = session.execute(_PREORDERS, {"skus": sorted({row["sku"] for row in shown})})
    of_article = {row.sku: {"preordered": row.preordered, "short": row.short} for row in found}
    return [row | of_article[row["sku"]] for row in shown]


# As `Inbound.promised` and `Inbound.short` count it.
_PREORDERS = text(
    """
    SELECT a.sku, p.preordered, GREATEST(0, p.preordered - s.named) AS short
    FROM unnest(CAST(:skus AS text[])) AS a(sku),
         LATERAL (SELECT COALESCE(sum(backordered), 0)::bigint AS preordered FROM reservation_lines l
                  WHERE l.sku = a.sku AND l.backordered > 0 AND l.preorder) p,
         LATERAL (SELECT COALESCE(sum(GREATEST(0, LEAST(i.preorder_quantity - i.served, i.quantity - i.received))),
                                  0)::bigint AS named
                  FROM inbound_supplies i WHERE i.sku = a.sku AND i.status = 'expected') s
    """
)
