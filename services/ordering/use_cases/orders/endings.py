"""How orders end: what was kept for them is free again, and every line is delivered or given up."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from ordering.domain import order_lines
from ordering.domain.cost_centres import centre_of, key_of
from ordering.domain.orders import (
    CANCELLED,
    CANCELLING,
    COMPLETED,
    CONFIRMED,
    DRAFT,
    OUT_OF_STOCK,
    PENDING,
    PENDING_APPROVAL,
    after,
)
from ordering.domain.pricing import line_total
from ordering.errors.orders import AlreadyShipped, PickingStarted
from ordering.tables.orders import replica_reservations
from ordering.use_cases import approvals, limits
from ordering.use_cases.orders import po_numbers, store
from ordering.use_cases.orders.store import Order

Body = Mapping[str, Any]


def cancel(session: Session, order_id: str, body: Body) -> None:
    """Cancels an order: at once before it is confirmed, else what is not on its way, as soon as the warehouse has let
    go of it. A customer cancels only until picking starts; raises AlreadyShipped, PickingStarted."""
    order = store.lock(session, order_id)
    reason = body.get("reason")
    if order.status != CONFIRMED:
        pending_flow = order.status == PENDING_APPROVAL
        was_draft = order.status == DRAFT
        order.row |= {"status": after(order.status, "cancel"), "reason": reason}
        if pending_flow:
            approvals.cancel_flow(session, order.id)
        if was_draft:
            order.lines = order_lines.given_up(order.lines)
            store.save(session, order, "cancelled")
        else:
            end_pending(session, order, "cancelled")
        return
    if store.is_portal(session) and order_lines.anything_delivered(order.lines):
        raise AlreadyShipped("Something of the order is on its way; ask your contact at the provider.")
    if store.is_portal(session) and session.execute(_PICKING, {"id": order_id}).first():
        raise PickingStarted("The order is being picked; ask your contact at the provider to stop it.")
    order.row["reason"] = reason
    if any(order_lines.needs_stock(line) and order_lines.open_quantity(line) for line in order.lines):
        order.row |= {"status": after(order.status, "cancel"), "asked_version": order.row["version"] + 1}
        store.save(session, order, "cancelling")
    else:
        end_confirmed(session, order)


def expire(session: Session, days: int, portion: int) -> int:
    """Ends orders about which nobody has decided for so many days, `portion` at the most; returns how many."""
    ids = session.execute(_OVERDUE, {"days": days, "now": store.moment(session), "portion": portion}).scalars().all()
    for order_id in ids:
        order = store.find(session, order_id)
        if order is None or order.status not in PENDING:
            continue
        if order.status == PENDING_APPROVAL:
            approvals.cancel_flow(session, order.id, "expired")
        order.row["status"] = after(order.status, "expire")
        end_pending(session, order, "expired")
    return len(ids)


def end_pending(session: Session, order: Order, verb: str) -> None:
    """Ends an order that waits for a decision, whose status says how already. One that was confirmed before ends as
    confirmed orders do, because a parcel may be on its way."""
    if order.row["confirmed_at"] is not None:
        order.row |= {"status": CANCELLING, "hold_reasons": [], "asked_version": order.row["version"] + 1}
        if any(order_lines.needs_stock(line) and order_lines.open_quantity(line) for line in order.lines):
            store.save(session, order, "cancelling")
        else:
            end_confirmed(session, order)
        return
    po_numbers.release(session, order.id)
    limits.release(session, order.id)
    order.lines = order_lines.given_up(order.lines)
    store.save(session, order, verb)


def end_confirmed(session: Session, order: Order) -> None:
    """Ends a confirmed order: what is not delivered is given up. Completed where anything was delivered."""
    delivered = order_lines.anything_delivered(order.lines)
    before = order.lines
    order.lines = order_lines.given_up(order.lines)
    if delivered:
        give_back(session, order, before)
    else:
        po_numbers.release(session, order.id)
        limits.release(session, order.id)
    to = COMPLETED if delivered else CANCELLED
    command = {CANCELLING: "end"}.get(order.status, "complete")
    order.row["status"] = after(order.status, command, to)
    store.save(session, order, to)


def save_or_complete(session: Session, order: Order, *, changed: bool) -> None:
    """Tells the progress of a confirmed order, or its end where nothing of it is open."""
    if order_lines.is_done(order.lines):
        if not order_lines.anything_delivered(order.lines) and order.row["reason"] is None:
            order.row["reason"] = OUT_OF_STOCK
        end_confirmed(session, order)
    elif changed:
        store.save(session, order, "progressed")


def give_back(session: Session, order: Order, before: list[store.Row]) -> None:
    """Gives back to the purchase order and the limits what is newly given up of a confirmed order."""
    _give_back(session, order, before, returned=False)


def give_back_returned(session: Session, order: Order, before: list[store.Row]) -> None:
    """Gives back to the purchase limits what newly came back and was accepted."""
    _give_back(session, order, before, returned=True)


def _give_back(session: Session, order: Order, before: list[store.Row], *, returned: bool) -> None:
    of_centres: Counter[str] = Counter()
    minor = 0
    for old, line in zip(before, order.lines, strict=True):
        less = _kept(old) - _kept(line)
        minor += less
        of_centres[key_of(centre_of(line, order.row) or "")] += less
    if any(of_centres.values()):
        if not returned:
            po_numbers.give_back(session, order.id, minor)
        limits.give_back(session, order.id, minor, returned=returned, of_centres=of_centres)


def reservation_state(session: Session, order_id: str) -> tuple[str | None, int]:
    """What the warehouse has last said of its reservation for an order, and the order's version that it had seen; None
    before it has said anything."""
    known = replica_reservations.c
    row = session.execute(select(known.state, known.order_version).where(known.order_id == order_id)).one_or_none()
    return (None, 0) if row is None else (str(row.state), int(row.order_version))


def planned(session: Session, order_id: str) -> dict[str, int]:
    """How many of each line are in shipments that have not left, as far as it is known here."""
    return {str(row.line_id): int(row.quantity) for row in session.execute(_PLANNED, {"id": order_id})}


def _kept(line: store.Row) -> int:
    """What a line is worth without what was given up or came back."""
    kept = line["quantity"] - line["quantity_cancelled"] - line["quantity_returned"]
    return line_total(kept, line["unit_price_minor"] or 0, line["discount"])


_PICKING = text(
    "SELECT 1 FROM replica_shipments WHERE order_id = CAST(:id AS uuid) AND status IN ('picking', 'packed') LIMIT 1"
)
_PLANNED = text(
    """
    SELECT line->>'line_id' AS line_id, sum((line->>'quantity')::bigint) AS quantity
    FROM replica_shipments, jsonb_array_elements(lines) AS line
    WHERE order_id = CAST(:id AS uuid) AND status IN ('planned', 'picking', 'packed') GROUP BY 1
    """
)
_OVERDUE = text(
    """
    SELECT id::text FROM orders
    WHERE status IN ('pending_approval', 'pending_confirmation')
      AND placed_at < CAST(:now AS timestamptz) - make_interval(days => :days)
      AND (confirmed_at IS NULL OR updated_at < CAST(:now AS timestamptz) - make_interval(days => :days))
    ORDER BY placed_at LIMIT :portion FOR NO KEY UPDATE SKIP LOCKED
    """
)
