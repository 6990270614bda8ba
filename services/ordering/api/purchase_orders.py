"""Operations on rules of purchase order numbers, and on purchase orders."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from ordering.queries import purchase_orders as queries
from ordering.schemas.purchase_orders import (
    DrawdownOut,
    NewPoRule,
    NewPurchaseOrder,
    PoRuleChanges,
    PoRuleFilter,
    PoRuleOut,
    PurchaseOrderChanges,
    PurchaseOrderFilter,
    PurchaseOrderOut,
)
from ordering.use_cases import purchase_orders

VIEW = "orders.view"
EDIT = "purchase_limits.edit"

routes = Routes(
    "Purchase orders",
    "What a company asks of the purchase order numbers on its orders, and purchase orders that are drawn down by them.",
)

_RULE = "/po-rules/<uuid:rule_id>"
_ONE = "/purchase-orders/<uuid:purchase_order_id>"


@routes.list("/po-rules", permission=VIEW, portal=True, query=PoRuleFilter, out=PoRuleOut)
def list_po_rules(call: Call) -> Page:
    """Rules of purchase order numbers, the oldest first. For a branch the rule of the nearest node above counts."""
    return queries.po_rule_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.get(_RULE, permission=VIEW, portal=True, out=PoRuleOut)
def show_po_rule(call: Call, rule_id: str) -> Mapping[str, Any]:
    """One rule."""
    return queries.po_rule(call.session, rule_id)


@routes.post("/po-rules", permission=EDIT, portal=True, body=NewPoRule, out=PoRuleOut)
def create_po_rule(call: Call) -> Mapping[str, Any]:
    """Sets the rule of a customer, in place of those above it."""
    require(call.principal, EDIT, call.body["customer_id"])
    return queries.po_rule(call.session, purchase_orders.create_rule(call.session, call.body))


@routes.patch(_RULE, permission=EDIT, portal=True, body=PoRuleChanges, out=PoRuleOut)
def change_po_rule(call: Call, rule_id: str) -> Mapping[str, Any]:
    """Changes a rule, for orders that are submitted from now on."""
    require(call.principal, EDIT, queries.po_rule(call.session, rule_id)["customer_id"])
    purchase_orders.change_rule(call.session, rule_id, call.version, call.body)
    return queries.po_rule(call.session, rule_id)


@routes.delete(_RULE, permission=EDIT, portal=True, versioned=True)
def delete_po_rule(call: Call, rule_id: str) -> None:
    """Deletes a rule; that of the node above counts then."""
    require(call.principal, EDIT, queries.po_rule(call.session, rule_id)["customer_id"])
    purchase_orders.delete_rule(call.session, rule_id, call.version)


@routes.list("/purchase-orders", permission=VIEW, portal=True, query=PurchaseOrderFilter, out=PurchaseOrderOut)
def list_purchase_orders(call: Call) -> Page:
    """Purchase orders with what is left of them, the newest first."""
    return queries.purchase_order_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.get(_ONE, permission=VIEW, portal=True, out=PurchaseOrderOut)
def show_purchase_order(call: Call, purchase_order_id: str) -> Mapping[str, Any]:
    """One purchase order with what is left of it."""
    return queries.purchase_order(call.session, purchase_order_id)


@routes.list(f"{_ONE}/drawdowns", permission=VIEW, portal=True, out=DrawdownOut)
def list_drawdowns(call: Call, purchase_order_id: str) -> Page:
    """What orders have drawn, the newest order first."""
    page = (call.limit, call.cursor, call.cursor_scope)
    return queries.drawdown_page(call.session, purchase_order_id, *page)


@routes.post("/purchase-orders", permission=EDIT, portal=True, body=NewPurchaseOrder, out=PurchaseOrderOut)
def create_purchase_order(call: Call) -> Mapping[str, Any]:
    """Writes down a purchase order; orders of the customer and of those below it that have its number draw it down."""
    require(call.principal, EDIT, call.body["customer_id"])
    return queries.purchase_order(call.session, purchase_orders.create_purchase_order(call.session, call.body))


@routes.patch(_ONE, permission=EDIT, portal=True, body=PurchaseOrderChanges, out=PurchaseOrderOut)
def change_purchase_order(call: Call, purchase_order_id: str) -> Mapping[str, Any]:
    """Changes a purchase order; what was drawn stays drawn."""
    _allow(call, purchase_order_id)
    purchase_orders.change_purchase_order(call.session, purchase_order_id, call.version, call.body)
    return queries.purchase_order(call.session, purchase_order_id)


@routes.post(f"{_ONE}/closure", permission=EDIT, portal=True, status=200, versioned=True, out=PurchaseOrderOut)
def close_purchase_order(call: Call, purchase_order_id: str) -> Mapping[str, Any]:
    """Lets no order draw it any more."""
    _allow(call, purchase_order_id)
    purchase_orders.close_purchase_order(call.session, purchase_order_id, call.version)
    return queries.purchase_order(call.session, purchase_order_id)


def _allow(call: Call, purchase_order_id: str) -> None:
    require(call.principal, EDIT, queries.purchase_order(call.session, purchase_order_id)["customer_id"])
