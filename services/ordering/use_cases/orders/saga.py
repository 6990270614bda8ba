"""What the warehouse tells about an order, applied in any order and any number of times."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common import replicas
from ordering.domain import order_lines
from ordering.domain.order_lines import Answer
from ordering.domain.orders import CANCELLING, CONFIRMED, DRAFT, ENDED
from ordering.tables.orders import replica_shipments
from ordering.use_cases.orders import decisions, endings, store
from ordering.use_cases.orders.store import Order
from ordering.use_cases.services.following import follow_order

Data = Mapping[str, Any]

_EXPIRED = "expired"
_SETTLED = ("allocated", "consumed")


def reservation_changed(session: Session, customer_id: str, version: int, data: Data) -> None:
    """Takes the newest state of an order's reservation, and does what follows from it; an older one changes nothing."""
    order = store.find(session, data["order_id"])
    # The order knows whose it is, whatever the warehouse has heard of a merge by now.
    owner = customer_id if order is None else order.row["customer_id"]
    if _keep(session, owner, version, data) and order is not None:
        _go_on(session, order, _answer(session, order.id, data))


def shipment_changed(session: Session, shipment_id: str, customer_id: str, version: int, data: Data) -> None:
    """Keeps a shipment for who tracks the order, and counts what has left."""
    order = store.find(session, data["order_id"])
    kept = {name: data[name] for name in ("order_id", "number", "status", "tracking", "shipped_at")}
    lines = [{name: line[name] for name in ("line_id", "sku", "name", "quantity", "serials")} for line in data["lines"]]
    owner = customer_id if order is None else order.row["customer_id"]
    values = kept | {"customer_id": owner, "lines": lines}
    replicas.put(session, replica_shipments, {"id": shipment_id}, version, values)
    replicas.flush(session)
    known = session.execute(_RESERVATION, {"id": data["order_id"]}).mappings().one_or_none()
    if order is not None and known is not None:
        _go_on(session, order, _answer(session, order.id, dict(known)))
    if order is not None:
        # The reservation may have told earlier what has left, and only the shipment knows the serials.
        follow_order(session, order.row, order.lines)


def _keep(session: Session, customer_id: str, version: int, data: Data) -> bool:
    values = {
        **{name: data[name] for name in ("order_id", "order_number", "order_version", "state", "expires_at")},
        "customer_id": customer_id,
        "version": version,
        "lines": orjson.dumps(data["lines"]).decode(),
    }
    return session.execute(_PUT, values).first() is not None


def _answer(session: Session, order_id: str, data: Data) -> Answer:
    shipped = {str(row.line_id): int(row.quantity) for row in session.execute(_SHIPPED, {"id": order_id})}
    lines: Sequence[Data] = data["lines"]
    return Answer(data["state"], data["order_version"], {line["line_id"]: line for line in lines}, shipped)


def _go_on(session: Session, order: Order, answer: Answer) -> None:
    if order.status == DRAFT or order.status in ENDED:
        return
    before = order.lines
    # Only an answer to the newest command tells what became of it.
    answers = answer.order_version >= (order.row["asked_version"] or 0)
    decides = answers and answer.state in _SETTLED and order.status != CANCELLING
    settled = decides and order.row["confirmed_at"] is not None
    order.lines = order_lines.answered(order_lines.let_go(before, answer) if settled else before, answer)
    if order.status == CANCELLING and _has_let_go(answer, answers=answers):
        endings.end_confirmed(session, order)
        return
    if settled:
        if order.status == CONFIRMED:
            order.lines = order_lines.without_what_is_missing(order.lines)
        order.row["keep_planned"] = None
        endings.give_back(session, order, before)
    if order.status in {CONFIRMED, CANCELLING}:
        endings.save_or_complete(session, order, changed=order.lines != before)
    elif not decisions.settle(session, order) and order.lines != before:
        if answer.state == _EXPIRED:
            # Told, it would be news of a pending order, for which the warehouse reserves again.
            store.save_lines(session, order)
        else:
            store.save(session, order, "progressed")


def _has_let_go(answer: Answer, *, answers: bool) -> bool:
    """Whether the warehouse holds nothing more: it says so, or all that it still had to send has left, after which it
    has nothing to say about a cancellation."""
    return answer.state == "consumed" or (answers and answer.state == "released")


_PUT = text(
    """
    INSERT INTO replica_reservations AS old
        (order_id, version, customer_id, order_number, order_version, state, expires_at, lines, received_at)
    VALUES (CAST(:order_id AS uuid), :version, CAST(:customer_id AS uuid), :order_number, :order_version, :state,
            CAST(:expires_at AS timestamptz), CAST(:lines AS jsonb), now())
    ON CONFLICT (order_id) DO UPDATE
    SET version = excluded.version, order_number = excluded.order_number, order_version = excluded.order_version,
        state = excluded.state, expires_at = excluded.expires_at, lines = excluded.lines, received_at = now()
    WHERE old.version < excluded.version
    RETURNING 1
    """
)
_RESERVATION = text("SELECT state, order_version, lines FROM replica_reservations WHERE order_id = CAST(:id AS uuid)")
_SHIPPED = text(
    """
    SELECT line->>'line_id' AS line_id, sum((line->>'quantity')::bigint) AS quantity
    FROM replica_shipments, jsonb_array_elements(lines) AS line
    WHERE order_id = CAST(:id AS uuid) AND shipped_at IS NOT NULL
    GROUP BY 1
    """
)
