"""Stock by warehouse, its movements, what a customer could get, and whether balances agree with what made them."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Select, Text, cast, or_, select, text
from sqlalchemy.orm import Session

from common.money import to_money
from common.paging import Key, keyset
from common.web import Page
from customer_replica import effective_switches
from warehouse.errors import ModuleDisabled
from warehouse.tables.stock import replica_items, stock_balances, stock_movements, warehouses

_AVAILABLE = (
    stock_balances.c.on_hand - stock_balances.c.reserved - stock_balances.c.allocated - stock_balances.c.safety_stock
)
_NAME = (
    select(replica_items.c.name)
    .where(replica_items.c.sku == stock_balances.c.sku, ~replica_items.c.gone)
    .limit(1)
    .scalar_subquery()
)
_SHOWN = select(
    stock_balances,
    _NAME.label("name"),
    _AVAILABLE.label("available"),
    warehouses.c.code.label("warehouse_code"),
    warehouses.c.name.label("warehouse_name"),
).join(warehouses, warehouses.c.id == stock_balances.c.warehouse_id)


def stock_page(
    session: Session, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str, *, costs: bool
) -> Page:
    """Balances by article. `costs` tells whether the caller may see what goods cost."""
    keys = [Key(stock_balances.c.sku), Key(stock_balances.c.id)]
    found = keyset(session, _narrowed(_SHOWN, query), keys, cursor=cursor, limit=limit, scope=scope)
    return Page([_balance(dict(row), costs=costs) for row in found.rows], found.next_cursor)


def stock_of(session: Session, balances: Sequence[str], *, costs: bool) -> list[Mapping[str, Any]]:
    """These balances, in the order given."""
    rows = session.execute(_SHOWN.where(stock_balances.c.id.in_(balances))).mappings()
    found = {row["id"]: _balance(dict(row), costs=costs) for row in rows}
    return [found[balance] for balance in dict.fromkeys(balances)]


def movement_page(
    session: Session, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str, *, costs: bool
) -> Page:
    """Movements, the newest first."""
    statement = select(stock_movements)
    for name in ("warehouse_id", "sku", "kind", "balance_id", "shipment_id"):
        if name in query:
            statement = statement.where(stock_movements.c[name] == query[name])
    if "customer_ids" in query:
        statement = statement.where(stock_movements.c.customer_id.in_(query["customer_ids"]))
    keys = [Key(stock_movements.c.id, "desc")]
    found = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page([_movement(dict(row), costs=costs) for row in found.rows], found.next_cursor)


def customers_with_warehouse(session: Session, customer_ids: Iterable[str]) -> list[str]:
    """Those of a portal user's customers that see the stock of their own warehouse. Raises ModuleDisabled where none
    does."""
    switches = effective_switches(session, list(customer_ids))
    allowed = sorted(one for one, found in switches.items() if found["warehouse_enabled"].active)
    if not allowed:
        raise ModuleDisabled(
            "Your company has no warehouse of its own in the portal; ask your contact at the provider to switch it on."
            " Whether an article is available tells GET /api/stock/availability.",
            facts={"switch": "warehouse_enabled"},
        )
    return allowed


def availability(
    session: Session, customer_id: str, skus: Sequence[str], *, quantities: bool
) -> list[Mapping[str, Any]]:
    """For each article whether the customer could get it now; how much, and from where, only for staff (`quantities`)
    and customers that have their own warehouse in the portal."""
    switches = effective_switches(session, [customer_id]).get(customer_id)
    own = switches is not None and switches["warehouse_enabled"].active
    asked = {"customer": customer_id, "skus": list(skus), "own": own}
    rows = session.execute(_AVAILABLE_TO, asked).mappings().all()
    coming = {row.sku: row for row in session.execute(_EXPECTED_FOR, asked)}
    shown = quantities or own
    result: list[Mapping[str, Any]] = []
    for sku in dict.fromkeys(skus):
        places = [
            {"warehouse_id": row["warehouse_id"], "available": row["available"]}
            for row in rows
            if row["sku"] == sku and row["available"]
        ]
        total = sum(place["available"] for place in places)
        result.append(
            {
                "sku": sku,
                "is_available": total > 0,
                "available": total if shown else None,
                "warehouses": places if shown else None,
                "next_supply": _next(coming.get(sku), shown=shown),
            }
        )
    return result


def _next(row: Any, *, shown: bool) -> Mapping[str, Any] | None:
    return None if row is None else {"expected_on": row.expected_on, "quantity": row.quantity if shown else None}


def stock_drift(session: Session) -> list[Mapping[str, Any]]:
    """Balances that differ from the sums that they stand for: on hand from the movements, reserved and allocated from
    the reservations. There are none, unless somebody wrote past this service."""
    return [dict(row) for row in session.execute(_DRIFT).mappings()]


def _narrowed(statement: Select[Any], query: Mapping[str, Any]) -> Select[Any]:
    if "sku" in query:
        statement = statement.where(stock_balances.c.sku == query["sku"])
    if "warehouse" in query:
        named = query["warehouse"]
        statement = statement.where(or_(warehouses.c.code == named, cast(stock_balances.c.warehouse_id, Text) == named))
    if "customer_ids" in query:
        statement = statement.where(stock_balances.c.customer_id.in_(query["customer_ids"]))
    if "q" in query:
        statement = statement.where(
            or_(
                stock_balances.c.sku.icontains(query["q"], autoescape=True),
                _NAME.icontains(query["q"], autoescape=True),
            )
        )
    return statement


def _balance(row: Mapping[str, Any], *, costs: bool) -> Mapping[str, Any]:
    place = {"id": row["warehouse_id"], "code": row["warehouse_code"], "name": row["warehouse_name"]}
    cost = _money(row["average_cost_minor"], row["currency"]) if costs else None
    return {**row, "warehouse": place, "average_cost": cost}


def _movement(row: Mapping[str, Any], *, costs: bool) -> Mapping[str, Any]:
    return {**row, "unit_cost": _money(row["unit_cost_minor"], row["currency"]) if costs else None}


def _money(minor: Decimal | None, currency: str | None) -> dict[str, str] | None:
    whole = None if minor is None else int(minor.quantize(Decimal(1), ROUND_HALF_UP))
    return to_money(whole, currency)


_AVAILABLE_TO = text(
    """
    SELECT sku, warehouse_id::text, available
    FROM available_to(CAST(:customer AS uuid), CAST(:skus AS text[]), CAST(:own AS boolean))
    ORDER BY sku, warehouse_id
    """
)
_EXPECTED_FOR = text(
    """
    SELECT sku, expected_on, quantity
    FROM expected_for(CAST(:customer AS uuid), CAST(:skus AS text[]), CAST(:own AS boolean))
    """
)
_DRIFT = text(
    """
    WITH moved AS (SELECT balance_id, COALESCE(sum(quantity) FILTER (WHERE pool = 'on_hand'), 0)::bigint AS on_hand,
                          COALESCE(sum(quantity) FILTER (WHERE pool = 'quarantine'), 0)::bigint AS quarantine
                   FROM stock_movements GROUP BY balance_id),
         promised AS (SELECT balance_id, sum(reserved)::bigint AS reserved, sum(allocated)::bigint AS allocated
                      FROM reservation_sources GROUP BY balance_id)
    SELECT b.id::text AS balance_id, b.warehouse_id::text AS warehouse_id, b.sku,
           b.on_hand, COALESCE(m.on_hand, 0) AS moved,
           b.quarantine, COALESCE(m.quarantine, 0) AS moved_apart,
           b.reserved, COALESCE(p.reserved, 0) AS reserved_by_orders,
           b.allocated, COALESCE(p.allocated, 0) AS allocated_to_orders
    FROM stock_balances b
    LEFT JOIN moved m ON m.balance_id = b.id
    LEFT JOIN promised p ON p.balance_id = b.id
    WHERE (b.on_hand, b.quarantine, b.reserved, b.allocated)
          <> (COALESCE(m.on_hand, 0), COALESCE(m.quarantine, 0), COALESCE(p.reserved, 0), COALESCE(p.allocated, 0))
    ORDER BY b.sku, b.id LIMIT 200
    """
)
