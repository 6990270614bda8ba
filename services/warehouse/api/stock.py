"""Operations on stock."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from warehouse.queries import stock as queries
from warehouse.schemas.stock import (
    Adjustment,
    AvailabilityFilter,
    AvailabilityOut,
    BalanceOut,
    BalancesOut,
    MovementFilter,
    MovementOut,
    Receipt,
    StockChanges,
    StockFilter,
)
from warehouse.use_cases import stock

VIEW = "stock.view"
EDIT = "stock.edit"
COST = "stock.cost"

routes = Routes("Stock", "How much there is, what of it is promised, and every movement that led there.")


def sees_costs(call: Call) -> bool:
    """Whether the caller may see what goods cost; portal users never do."""
    return not call.principal.is_portal and call.principal.can(COST)


def own_only(call: Call) -> dict[str, Any]:
    """The query, for a portal user narrowed to its customers whose warehouse is switched on; raises ModuleDisabled."""
    if not call.principal.is_portal:
        return call.query
    allowed = queries.customers_with_warehouse(call.session, call.principal.customer_ids or ())
    return call.query | {"customer_ids": allowed}


@routes.list("/stock", permission=VIEW, portal=True, query=StockFilter, out=BalanceOut)
def list_stock(call: Call) -> Page:
    """Stock by article and warehouse. A portal user sees its customers' own warehouses, where that is switched on."""
    query = own_only(call)
    return queries.stock_page(call.session, query, call.limit, call.cursor, call.cursor_scope, costs=sees_costs(call))


@routes.get("/stock/availability", permission=VIEW, portal=True, query=AvailabilityFilter, out=AvailabilityOut)
def show_availability(call: Call) -> Mapping[str, Any]:
    """Whether a customer could get articles now."""
    items = queries.availability(
        call.session, call.query["customer_id"], call.query["sku"], quantities=not call.principal.is_portal
    )
    return {"items": items}


@routes.list("/stock/movements", permission=VIEW, portal=True, query=MovementFilter, out=MovementOut)
def list_movements(call: Call) -> Page:
    """Movements of stock, the newest first. A portal user sees those of its customers' own warehouses."""
    query = own_only(call)
    return queries.movement_page(
        call.session, query, call.limit, call.cursor, call.cursor_scope, costs=sees_costs(call)
    )


@routes.post("/stock/receipts", permission=EDIT, body=Receipt, out=BalancesOut)
def receive_stock(call: Call) -> Mapping[str, Any]:
    """Takes goods in, gives them to the orders that wait for them, and follows their cost in the moving average."""
    changed = stock.receive(call.session, call.body)
    return {"balances": queries.stock_of(call.session, changed, costs=sees_costs(call))}


@routes.post("/stock/adjustments", permission=EDIT, body=Adjustment, out=BalancesOut)
def adjust_stock(call: Call) -> Mapping[str, Any]:
    """Puts stock right, by a change or to what was counted. Less than is allocated is taken as a fact."""
    changed = stock.adjust(call.session, call.body)
    return {"balances": queries.stock_of(call.session, changed, costs=sees_costs(call))}


@routes.patch("/stock/<uuid:balance_id>", permission=EDIT, versioned=False, body=StockChanges, out=BalanceOut)
def change_stock(call: Call, balance_id: str) -> Mapping[str, Any]:
    """Sets the safety stock of an article in a warehouse; promises that were made stay."""
    changed = stock.set_safety_stock(call.session, balance_id, call.body["safety_stock"])
    return queries.stock_of(call.session, [changed], costs=sees_costs(call))[0]
