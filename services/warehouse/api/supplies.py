"""Operations on goods that are expected."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from warehouse.queries import supplies as queries
from warehouse.schemas.supplies import NewSupply, SupplyChanges, SupplyFilter, SupplyOut
from warehouse.use_cases import supplies

VIEW = "stock.view"
EDIT = "stock.edit"

routes = Routes(
    "Inbound supplies",
    "Goods that are expected: how many of them may be ordered ahead, and on which day those who wait get theirs.",
)

_ONE = "/inbound-supplies/<uuid:supply_id>"


@routes.list("/inbound-supplies", permission=VIEW, query=SupplyFilter, out=SupplyOut)
def list_supplies(call: Call) -> Page:
    """Supplies, by the day on which they are expected."""
    return queries.supply_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.post("/inbound-supplies", permission=EDIT, body=NewSupply, out=SupplyOut)
def expect_supply(call: Call) -> Mapping[str, Any]:
    """Notes goods that are expected."""
    return queries.supply(call.session, supplies.expect(call.session, call.body))


@routes.get(_ONE, permission=VIEW, out=SupplyOut)
def show_supply(call: Call, supply_id: str) -> Mapping[str, Any]:
    """One supply."""
    return queries.supply(call.session, supply_id)


@routes.patch(_ONE, permission=EDIT, body=SupplyChanges, out=SupplyOut)
def change_supply(call: Call, supply_id: str) -> Mapping[str, Any]:
    """Changes what is expected; another day is told to everybody who waits."""
    supplies.change(call.session, supply_id, call.version, call.body)
    return queries.supply(call.session, supply_id)


@routes.post(f"{_ONE}/cancellation", permission=EDIT, status=200, out=SupplyOut)
def cancel_supply(call: Call, supply_id: str) -> Mapping[str, Any]:
    """Expects nothing more of a supply; who has ordered ahead goes on waiting."""
    supplies.cancel(call.session, supply_id)
    return queries.supply(call.session, supply_id)
