"""Orders as the API shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from common.money import to_money
from common.paging import Key, keyset
from common.web import Page
from customer_replica import replica_customers
from ordering.domain.exchanges import SOURCE as EXCHANGE
from ordering.domain.order_lines import allocation_status, discount_text, fulfilment_status, return_status
from ordering.domain.orders import TRANSITIONS
from ordering.errors.orders import OrderNotFound
from ordering.queries.date_decisions import decisions_of
from ordering.queries.order_returns import claims_of, exchange_of, returns_of
from ordering.tables.orders import order_lines, orders, replica_shipments
from ordering.tables.sales import sales

_SHOWN = select(
    orders,
    replica_customers.c.number.label("customer_number"),
    replica_customers.c.name.label("customer_name"),
).outerjoin(replica_customers, replica_customers.c.id == orders.c.customer_id)
_BEGINNINGS = (orders.c.number, orders.c.po_number, orders.c.external_number)


def order_page(
    session: Session,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
    scope: str,
    *,
    only: Sequence[str] | None = None,
) -> Page:
    """A page of orders, the newest first; of the customers in `only`, where that is given."""
    statement = _narrowed(_SHOWN, filters)
    if only is not None:
        statement = statement.where(orders.c.customer_id.in_(only))
    rows = keyset(session, statement, [Key(orders.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([_order(row) for row in rows.rows], rows.next_cursor)


def order(session: Session, order_id: str) -> dict[str, Any]:
    """One order with its lines, shipments and what came back; raises OrderNotFound."""
    row = session.execute(_SHOWN.where(orders.c.id == order_id)).mappings().one_or_none()
    if row is None:
        raise OrderNotFound("There is no such order.")
    of_lines = select(order_lines).where(order_lines.c.order_id == order_id).order_by(order_lines.c.position)
    found = session.execute(of_lines).mappings().all()
    # What an order cannot have yet is not asked for.
    decisions = decisions_of(session, order_id) if any(line["promised_on"] for line in found) else {}
    lines = [_line(line, row["currency"]) | {"date_decision": decisions.get(line["id"])} for line in found]
    was_confirmed = row["confirmed_at"] is not None
    return _order(row) | {
        "lines": lines,
        "sellers": _sellers(session, order_id) if any(line["seller_id"] for line in found) else [],
        "shipments": _shipments(session, order_id) if was_confirmed else [],
        "exchange": exchange_of(session, order_id) if row["source"] == EXCHANGE else None,
        "returns": returns_of(session, order_id) if was_confirmed else [],
        "claims": claims_of(session, order_id) if was_confirmed else [],
        "fulfilment_status": fulfilment_status(lines),
        "return_status": return_status(lines),
        "allocation_status": allocation_status(lines),
        "commands": sorted(TRANSITIONS[row["status"]]),
    }


def _sellers(session: Session, order_id: str) -> list[dict[str, Any]]:
    said = select(sales.c.seller_id, sales.c.state, sales.c.decided_at).where(sales.c.order_id == order_id)
    return [dict(one) for one in session.execute(said.order_by(sales.c.id)).mappings()]


def _shipments(session: Session, order_id: str) -> list[dict[str, Any]]:
    of_shipments = select(replica_shipments).where(replica_shipments.c.order_id == order_id)
    return [dict(one) for one in session.execute(of_shipments.order_by(replica_shipments.c.number)).mappings()]


def customer_of(session: Session, order_id: str) -> str:
    """Whose order it is; raises OrderNotFound."""
    found = session.execute(select(orders.c.customer_id).where(orders.c.id == order_id)).scalar_one_or_none()
    if found is None:
        raise OrderNotFound("There is no such order.")
    return str(found)


def _narrowed(statement: Select[Any], filters: Mapping[str, Any]) -> Select[Any]:
    for name in ("customer_id", "status"):
        if name in filters:
            statement = statement.where(orders.c[name] == filters[name])
    if "open" in filters:
        statement = statement.where(orders.c.ended_at.is_(None) == filters["open"])
    if "customer_status" in filters:
        statement = statement.where(replica_customers.c.status == filters["customer_status"])
    if "on_hold" in filters:
        statement = statement.where((func.cardinality(orders.c.hold_reasons) > 0) == filters["on_hold"])
    if "q" in filters:
        begins = filters["q"].lower()
        statement = statement.where(
            or_(*(func.lower(column).startswith(begins, autoescape=True) for column in _BEGINNINGS))
        )
    return statement


def _order(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()} | {
        "customer": {"id": row["customer_id"], "number": row["customer_number"], "name": row["customer_name"]},
        "requester": {"id": row["requester_id"], "label": row["requester_label"]},
        "total": to_money(row["total_minor"], row["currency"]),
    }


def _line(row: Mapping[Any, Any], currency: str | None) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()} | {
        "unit_price": to_money(row["unit_price_minor"], currency),
        "total": to_money(row["total_minor"], currency),
        "discount": discount_text(row["discount"]),
    }
