"""Operations on cost centres."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from ordering.queries import cost_centres as queries
from ordering.schemas.cost_centres import CostCentreChanges, CostCentreFilter, CostCentreOut, NewCostCentre
from ordering.use_cases import cost_centres, orders

VIEW = "orders.view"
EDIT = "purchase_limits.edit"

routes = Routes("Cost centres", "To whose account orders of a company go; limits and approval rules may name them.")

_ONE = "/cost-centres/<uuid:cost_centre_id>"


@routes.list("/cost-centres", permission=VIEW, portal=True, query=CostCentreFilter, out=CostCentreOut)
def list_cost_centres(call: Call) -> Page:
    """Cost centres by code."""
    return queries.cost_centre_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.get(_ONE, permission=VIEW, portal=True, out=CostCentreOut)
def show_cost_centre(call: Call, cost_centre_id: str) -> Mapping[str, Any]:
    """One cost centre."""
    return queries.cost_centre(call.session, cost_centre_id)


@routes.post("/cost-centres", permission=EDIT, portal=True, body=NewCostCentre, out=CostCentreOut)
def create_cost_centre(call: Call) -> Mapping[str, Any]:
    """Makes a cost centre, which orders of the customer and of all below it may name."""
    require(call.principal, EDIT, call.body["customer_id"])
    return queries.cost_centre(call.session, cost_centres.create(call.session, call.body))


@routes.patch(_ONE, permission=EDIT, portal=True, body=CostCentreChanges, out=CostCentreOut)
def change_cost_centre(call: Call, cost_centre_id: str) -> Mapping[str, Any]:
    """Changes a cost centre, or takes it out of use."""
    require(call.principal, EDIT, queries.cost_centre(call.session, cost_centre_id)["customer_id"])
    cost_centres.change(call.session, cost_centre_id, call.version, call.body, orders)
    return queries.cost_centre(call.session, cost_centre_id)
