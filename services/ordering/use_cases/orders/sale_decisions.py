"""What a customer that sells decides about its part of an order, and tells that it was provided.

The order belongs to who buys, so the service acts itself here: the sale was found in the seller's own scope before.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from ordering.domain.orders import SELLER_HOLD, after
from ordering.domain.sales import SAID_NO, SAID_YES, check_command
from ordering.errors.orders import LineUnsuitable
from ordering.errors.selling import SaleNotFound
from ordering.events import sales as events
from ordering.tables.sales import sales as table
from ordering.use_cases import store
from ordering.use_cases.acting import as_service
from ordering.use_cases.orders import decisions, endings, sales
from ordering.use_cases.orders import store as of_orders
from ordering.use_cases.orders.store import Order
from ordering.use_cases.selling import check_selling
from ordering.use_cases.store import Record

Body = Mapping[str, Any]


def confirm(session: Session, sale_id: str) -> None:
    """The seller delivers its part. An order that nobody else has to decide about is confirmed then; one whose buyer
    uses no internal inventory any more is held instead. Raises SaleNotFound, SaleDecided, InternalInventoryDisabled."""
    with as_service(session):
        sale, order = _locked(session, sale_id, "confirm")
        if sales.are_withdrawn(session, order):
            decisions.hold(session, order, SELLER_HOLD)
            return
        _say(session, sale, order, SAID_YES)
        if SELLER_HOLD in order.row["hold_reasons"]:
            order.row["hold_reasons"] = [one for one in order.row["hold_reasons"] if one != SELLER_HOLD]
            of_orders.save(session, order, "released")
        decisions.settle(session, order)


def decline(session: Session, sale_id: str, body: Body) -> None:
    """The seller does not deliver, which ends the whole order: who buys orders the rest anew. Raises as `confirm`."""
    with as_service(session):
        sale, order = _locked(session, sale_id, "decline")
        _say(session, sale, order, SAID_NO)
        order.row |= {"status": after(order.status, "decline"), "reason": body["reason"]}
        endings.end_pending(session, order, "rejected")


def provide(session: Session, sale_id: str, body: Body) -> None:
    """The seller has delivered so many of its lines; raises LineUnsuitable of lines of others."""
    with as_service(session):
        sale, order = _locked(session, sale_id, "provide")
        own = {line["id"] for line in sales.lines_of(order, sale["seller_id"])}
        others = [place for place, line in enumerate(body["lines"]) if line["line_id"] not in own]
        if others:
            raise LineUnsuitable(
                "Tell only of what you sell in this order; nothing was changed.",
                errors=[FieldError(f"/lines/{place}/line_id", "Is no line of yours.") for place in others],
            )
        decisions.provide(session, order.id, body)


def _locked(session: Session, sale_id: str, command: str) -> tuple[Record, Order]:
    found = store.find(session, table, sale_id)
    if found is None:
        raise SaleNotFound("There is no such sale.")
    check_selling(session, found["seller_id"])
    # The order first, as everybody locks it who decides about it; the sale is read again behind it.
    order = of_orders.lock(session, found["order_id"])
    sale = store.find(session, table, sale_id, lock=True)
    assert sale is not None, "sales are never removed"
    check_command(sale, order.status, command)
    return sale, order


def _say(session: Session, sale: Record, order: Order, state: str) -> None:
    now = store.moment(session)
    said = sale | {"state": state, "decided_at": now, "version": sale["version"] + 1, "updated_at": now}
    store.update(session, table, [said])
    outbox.add(session, events.sale(state, said, order.row, sales.lines_of(order, sale["seller_id"])))
