"""Operations on promised days that have moved."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Routes
from common.web.access import require
from ordering.api.orders import PLACE, shown_to
from ordering.queries.orders import customer_of
from ordering.schemas.date_decisions import DateDecisions
from ordering.schemas.orders import OrderOut
from ordering.use_cases.orders import date_decisions

routes = Routes(
    "Promised days",
    "What a buyer says to a pre-order that comes later than agreed: it accepts the day or cancels. Silence keeps it.",
)


@routes.post(
    "/orders/<uuid:order_id>/date-decisions",
    permission=PLACE,
    portal=True,
    status=200,
    body=DateDecisions,
    out=OrderOut,
)
def decide_dates(call: Call, order_id: str) -> Mapping[str, Any]:
    """Accepts the days of lines, or cancels them."""
    require(call.principal, PLACE, customer_of(call.session, order_id))
    date_decisions.decide(call.session, order_id, call.body)
    return shown_to(call, order_id)
