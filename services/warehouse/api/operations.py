"""Whether stock agrees with itself."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Routes
from warehouse.queries import stock as queries
from warehouse.schemas.stock import DriftOut

routes = Routes("Operations of stock", "What operators look at.")


@routes.get("/operations/stock-drift", permission="operations.view", out=DriftOut)
def show_stock_drift(call: Call) -> Mapping[str, Any]:
    """Balances that differ from their movements and reservations; there should be none."""
    return {"items": queries.stock_drift(call.session)}
