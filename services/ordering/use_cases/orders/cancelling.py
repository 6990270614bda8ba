"""Giving up lines or quantities of an order: what is asked of the warehouse, and what is given up at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from common.errors import FieldError
from ordering.domain import order_lines
from ordering.domain.orders import CANCELLED, CONFIRMED, after
from ordering.errors.orders import LineUnsuitable, PickingStarted
from ordering.use_cases.orders import decisions, endings, store
from ordering.use_cases.orders.store import Order, Row

Body = Mapping[str, Any]


def cancel_lines(session: Session, order_id: str, body: Body) -> None:
    """Gives up so much of lines. Of a confirmed order the warehouse decides what it can still let go of: from the
    customer's people nothing that a planned shipment holds, from staff all that has not left. Raises LineUnsuitable,
    PickingStarted."""
    order = store.lock(session, order_id, revision=body.get("revision"))
    after(order.status, "cancel_lines")
    wanted = _checked(order, body["lines"])
    if store.is_portal(session):
        check_planned(order, wanted, endings.planned(session, order.id))
    give_up(session, order, wanted, body.get("reason"))


def give_up(
    session: Session, order: Order, wanted: Mapping[str, int], reason: str | None, changes: Sequence[Row] = ()
) -> None:
    """Gives up so many of each line of an order that waits for the provider or is confirmed; `changes` are what else
    the same revision did."""
    before = order.lines
    ask = order.row["confirmed_at"] is not None
    order.lines = order_lines.cancelled(before, wanted, ask=ask)
    order.row |= {"reason": reason, "revision": order.row["revision"] + 1}
    endings.give_back(session, order, before)
    pending = order.status != CONFIRMED
    if order_lines.is_done(order.lines) or (pending and not any(map(order_lines.cancellable, order.lines))):
        _end(session, order)
        return
    if any(order_lines.needs_stock(line) and line["id"] in wanted for line in before):
        order.row["asked_version"] = order.row["version"] + 1
        # Until the answer comes, one question of the customer's people is enough to leave planned shipments alone.
        order.row["keep_planned"] = ask and (bool(order.row["keep_planned"]) or store.is_portal(session))
    store.save(session, order, "lines_cancelled", changes=[*changes, change_of(before, order.lines)])
    if pending:
        decisions.settle(session, order)


def _end(session: Session, order: Order) -> None:
    if order.status == CONFIRMED:
        endings.end_confirmed(session, order)
        return
    order.row["status"] = after(order.status, "cancel_lines", CANCELLED)
    endings.end_pending(session, order, "cancelled")


def _checked(order: Order, told: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    by_id = {line["id"]: line for line in order.lines}
    wanted: dict[str, int] = {}
    wrong = []
    for place, entry in enumerate(told):
        line = by_id.get(entry["line_id"])
        if line is None or entry["line_id"] in wanted:
            wrong.append(FieldError(f"/lines/{place}/line_id", "Is no line of this order, or is named twice."))
            continue
        most = order_lines.cancellable(line)
        wanted[line["id"]] = entry.get("quantity", most)
        if not 0 < wanted[line["id"]] <= most:
            wrong.append(FieldError(f"/lines/{place}/quantity", f"At most {most} can be given up."))
    if wrong:
        raise LineUnsuitable(
            "Some lines have not so much to give up; read the order again. What was delivered is a return.",
            errors=wrong,
        )
    return wanted


def check_planned(order: Order, wanted: Mapping[str, int], planned: Mapping[str, int]) -> None:
    """Raises PickingStarted where what is to be given up is in a shipment that is being packed."""
    packed = [
        FieldError(f"/lines/{line['position'] - 1}", f"{planned[line['id']]} of {line['name']} are being packed.")
        for line in order.lines
        if planned.get(line["id"]) and wanted.get(line["id"], 0) > order_lines.cancellable(line) - planned[line["id"]]
    ]
    if packed:
        raise PickingStarted("What is being packed stays ordered; give up less, or ask the provider.", errors=packed)


def change_of(before: Sequence[Row], now: Sequence[Row]) -> Row:
    """What a revision changed of the lines, as its event tells it."""
    return {
        "path": "lines",
        "label": "Lines",
        "before": order_lines.wanted_by_sku(before),
        "after": order_lines.wanted_by_sku(now),
    }
