"""Orders of what is sent at no charge instead of goods that came back or were claimed. They need no approval, because
nobody is charged; the provider confirms them as any other, or the customer's setting does."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.ids import new_id
from customer_replica import customer_line, effective_switches
from ordering.domain.exchanges import PRICE, SOURCE, Origin, Wanted, missing
from ordering.domain.order_lines import QUANTITIES, STOCK
from ordering.domain.orders import CUSTOMER_HOLD, DRAFT, PENDING_CONFIRMATION, after
from ordering.tables.exchanges import exchanges
from ordering.tables.listings import listings
from ordering.tables.orders import orders
from ordering.use_cases import store as of_tables
from ordering.use_cases.orders import decisions, drafts, store
from ordering.use_cases.orders.store import Order, Row

_SAME = ("customer_id", "currency", "ship_to", "po_number")
_OF_LISTING = ("listing_id", "sku", "name", "kind", "unit", "seller_id")


def replace(session: Session, origin: Origin, of: Sequence[Order], wanted: Sequence[Wanted]) -> None:
    """Orders what is to be sent for a return or claim and is not ordered yet, an order for each of those whose goods
    are replaced. Those are locked, so that what is told twice at once is ordered once."""
    left = {one.line_id: one for one in missing(wanted, _ordered(session, origin))}
    others = _others(session, [one.sku for one in left.values() if one.sku])
    with store.automatically(session, "exchange"):
        for order in of:
            lines = [(line, left[line["id"]]) for line in order.lines if line["id"] in left]
            if lines:
                _order(session, origin, order, lines, others)


def _order(
    session: Session, origin: Origin, of: Order, lines: Sequence[tuple[Row, Wanted]], others: Mapping[str, Row]
) -> None:
    order = _begun(session, of)
    source = {"kind": PRICE, "origin": origin.kind, "number": origin.number}
    order.lines = [
        _line(order, position, others[one.sku] if one.sku else line, one.quantity, source)
        | {"cost_centre": line["cost_centre"]}
        for position, (line, one) in enumerate(lines, 1)
    ]
    store.insert(session, order)
    of_tables.insert(session, exchanges, [_exchange(origin, of, order, line, one) for line, one in lines])
    _place(session, order)


def _begun(session: Session, of: Order) -> Order:
    now = store.moment(session)
    row = dict.fromkeys(str(column.name) for column in orders.c) | {
        **{name: of.row[name] for name in _SAME},
        "id": new_id(),
        "number": drafts.next_number(session),
        "company_path": [],
        "status": DRAFT,
        "hold_reasons": [],
        "revision": 1,
        "source": SOURCE,
        "ship_policy": "ship_partial",
        "total_minor": 0,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    return Order(row, [])


def _line(order: Order, position: int, listing: Row, quantity: int, source: Row) -> Row:
    return {
        "id": new_id(),
        "order_id": order.id,
        "customer_id": order.row["customer_id"],
        "position": position,
        **{name: listing[name] for name in _OF_LISTING},
        "quantity": quantity,
        "unit_price_minor": 0,
        "discount": Decimal(0),
        "total_minor": 0,
        "price_source": source,
        "supply_mode": "in_stock",
        # It is owed, so that it waits where there is none, whatever holds for sales of the article.
        "backorder_allowed": True,
        "backorder_cap": None,
        "requested_on": None,
        "promised_on": None,
        **dict.fromkeys(QUANTITIES, 0),
    }


def _exchange(origin: Origin, of: Order, order: Order, line: Row, one: Wanted) -> Row:
    return {
        "origin_kind": origin.kind,
        "origin_id": origin.id,
        "origin_number": origin.number,
        "of_order_id": of.id,
        "of_line_id": line["id"],
        "order_id": order.id,
        "customer_id": of.row["customer_id"],
        "quantity": one.quantity,
    }


def _place(session: Session, order: Order) -> None:
    customer_id = order.row["customer_id"]
    company = customer_line(session, customer_id)
    switches = effective_switches(session, [customer_id]).get(customer_id, {})
    setting = switches.get("auto_confirm_orders")
    held = not company or company[0]["status"] == "archived"
    order.row |= {
        "status": after(order.status, "submit", PENDING_CONFIRMATION),
        "hold_reasons": [CUSTOMER_HOLD] if held else [],
        "company_path": [{name: one[name] for name in ("id", "number", "name")} for one in reversed(company)],
        "settings_snapshot": {
            "switches": {key: resolved.effective for key, resolved in sorted(switches.items())},
            "auto_confirm": setting is not None and setting.effective == "on",
            "auto_confirm_ceilings": {},
            "by_portal": False,
        },
        "placed_at": store.moment(session),
        "asked_version": order.row["version"] + 1,
    }
    store.save(session, order, "placed")
    decisions.settle(session, order)


def _ordered(session: Session, origin: Origin) -> dict[str, int]:
    of = exchanges.c
    statement = select(of.of_line_id, func.sum(of.quantity)).where(
        of.origin_kind == origin.kind, of.origin_id == origin.id
    )
    return {line_id: int(total) for line_id, total in session.execute(statement.group_by(of.of_line_id))}


def _others(session: Session, skus: Sequence[str]) -> dict[str, Row]:
    """The listings of goods with these SKUs. The warehouse knows them by this service's own events, and they are never
    deleted, so that all are there."""
    if not skus:
        return {}
    statement = select(listings).where(listings.c.sku.in_(skus), listings.c.kind == STOCK)
    return {
        row["sku"]: {**row, "listing_id": row["id"], "seller_id": row["owner_id"]}
        for row in session.execute(statement).mappings()
    }
