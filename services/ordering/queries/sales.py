"""Sales as the API shows them to who sells: its own lines of somebody else's order.

Orders are their buyers', so that a seller's read runs as the service, narrowed by `only` to what the seller sells.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from common.money import to_money
from common.paging import Key, keyset
from common.web import Page
from customer_replica import replica_customers
from ordering.domain.sales import commands
from ordering.errors.selling import SaleNotFound
from ordering.tables.orders import order_lines, orders
from ordering.tables.sales import sales

_OF_ORDER = ("number", "status", "hold_reasons", "requested_on", "ship_to", "requester_label", "placed_at", "reason")
_OF_LINE = (
    *("id", "position", "listing_id", "sku", "name", "kind", "unit", "quantity", "requested_on"),
    *("quantity_shipped", "quantity_cancelled"),
)
_buyer, _seller = replica_customers.alias("buyer"), replica_customers.alias("seller")


def seller_of(session: Session, sale_id: str) -> str:
    """Who sells, found in the caller's own scope; raises SaleNotFound."""
    found = session.execute(select(sales.c.seller_id).where(sales.c.id == sale_id)).scalar_one_or_none()
    if found is None:
        raise _missing()
    return str(found)


def sale_page(
    session: Session,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
    scope: str,
    *,
    only: Sequence[str] | None = None,
) -> Page:
    """A page of sales, the newest first; of the sellers in `only`, where that is given."""
    statement = _shown()
    if only is not None:
        statement = statement.where(sales.c.seller_id.in_(only))
    for name in ("state", "seller_id", "customer_id"):
        if name in filters:
            statement = statement.where(sales.c[name] == filters[name])
    if "order_status" in filters:
        statement = statement.where(orders.c.status == filters["order_status"])
    found = keyset(session, statement, [Key(sales.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page(_with_lines(session, found.rows), found.next_cursor)


def sale(session: Session, sale_id: str) -> dict[str, Any]:
    """One sale; raises SaleNotFound."""
    row = session.execute(_shown().where(sales.c.id == sale_id)).mappings().one_or_none()
    if row is None:
        raise _missing()
    return _with_lines(session, [row])[0]


def _missing() -> SaleNotFound:
    return SaleNotFound("There is no such sale.")


def _shown() -> Select[Any]:
    named = (
        one.c[name].label(f"{who}_{name}")
        for who, one in (("customer", _buyer), ("seller", _seller))
        for name in ("number", "name")
    )
    return (
        select(sales, orders.c.currency, *(orders.c[name].label(f"order_{name}") for name in _OF_ORDER), *named)
        .join(orders, orders.c.id == sales.c.order_id)
        .outerjoin(_buyer, _buyer.c.id == sales.c.customer_id)
        .outerjoin(_seller, _seller.c.id == sales.c.seller_id)
    )


def _with_lines(session: Session, rows: Sequence[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    statement = select(order_lines).where(order_lines.c.order_id.in_([row["order_id"] for row in rows]))
    lines: dict[tuple[str, str], list[Mapping[Any, Any]]] = {}
    for line in session.execute(statement.order_by(order_lines.c.position)).mappings():
        lines.setdefault((line["order_id"], line["seller_id"]), []).append(line)
    return [_sale(row, lines.get((row["order_id"], row["seller_id"]), [])) for row in rows]


def _sale(row: Mapping[Any, Any], lines: Sequence[Mapping[Any, Any]]) -> dict[str, Any]:
    parties = {
        who: {"id": row[f"{who}_id"], "number": row[f"{who}_number"], "name": row[f"{who}_name"]}
        for who in ("customer", "seller")
    }
    return (
        {str(name): value for name, value in row.items()}
        | parties
        | {
            "lines": [_line(line, row["currency"]) for line in lines],
            "total": to_money(sum(line["total_minor"] or 0 for line in lines), row["currency"]),
            "commands": commands(row["state"], row["order_status"]),
        }
    )


def _line(row: Mapping[Any, Any], currency: str | None) -> dict[str, Any]:
    return {name: row[name] for name in _OF_LINE} | {
        "unit_price": to_money(row["unit_price_minor"], currency),
        "total": to_money(row["total_minor"], currency),
    }
