"""An approver who orders less instead of rejecting: the order's next revision, about which its company decides anew."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from common.errors import FieldError
from ordering.domain import order_lines
from ordering.domain.orders import after
from ordering.errors.orders import LineUnsuitable
from ordering.use_cases import approvals
from ordering.use_cases.approval_decisions import Decider, deciding
from ordering.use_cases.approvals import as_flow
from ordering.use_cases.orders import decisions, po_numbers, store
from ordering.use_cases.orders import lines as of_lines
from ordering.use_cases.orders.store import Order, Row
from ordering.use_cases.orders.submission import reserve_limits

Body = Mapping[str, Any]

_HELD = ("quantity_reserved", "quantity_allocated", "quantity_backordered")


def reduce(session: Session, flow_id: str, by: Decider, body: Body) -> str:
    """Lowers quantities of an order whose approval waits for the caller, at the prices of its submission, or drops
    lines. The approval is superseded and the rules are asked anew; returns the id of the one that is pending then, or
    of the superseded one where no rule asks any more and the order goes on. Raises what a decision raises, and
    LineUnsuitable."""
    with deciding(session, flow_id, by, body) as flow:
        order = store.lock(session, flow["order_id"])
        status = after(order.status, "reduce")
        wanted = _checked(order, body["lines"])
        before = order.lines
        kept = [_reduced(line, wanted[line["id"]]) for line in before if wanted[line["id"]] or _given(line)]
        store.replace_lines(session, order, of_lines.renumbered(kept))
        order.row |= of_lines.totalled_as(order.row["currency"], order.lines)
        order.row |= {
            "status": status,
            "revision": order.row["revision"] + 1,
            "asked_version": order.row["version"] + 1,
        }
        now = Order(*of_lines.standing(order.row, order.lines))
        po_numbers.draw_again(session, now.row)
        reserve_limits(session, now)
        opened = approvals.open_flow(session, now.row, now.lines)
        store.save(session, order, "revised", changes=[_change(before, order.lines)])
        if opened is not None:
            return opened.id
        decisions.approved(session, order.id, as_flow(flow))
        return flow_id


def _checked(order: Order, told: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many of each line stay; those that are not named stay as they are."""
    stay = {line["id"]: int(line["quantity"]) - _given(line) for line in order.lines}
    now, wrong = dict(stay), []
    for place, entry in enumerate(told):
        if entry["line_id"] not in stay:
            wrong.append(FieldError(f"/lines/{place}/line_id", "Is no line of this order."))
        elif entry["quantity"] > stay[entry["line_id"]]:
            detail = f"At most {stay[entry['line_id']]}; whoever wants more rejects it and says so."
            wrong.append(FieldError(f"/lines/{place}/quantity", detail))
        else:
            now[entry["line_id"]] = entry["quantity"]
    if wrong:
        raise LineUnsuitable("An approver lowers quantities; nothing was changed.", errors=wrong)
    if now == stay or not any(now.values()):
        raise LineUnsuitable("Lower some quantity and leave something; to refuse all of it, reject the order.")
    return now


def _given(line: Row) -> int:
    """How many were given up, or are to be, since the order was confirmed a first time."""
    return int(line["quantity_cancelled"] + line["quantity_cancelling"])


def _reduced(line: Row, quantity: int) -> Row:
    held = {name: min(line[name], quantity) for name in _HELD}
    return of_lines.of_quantity(line, quantity + _given(line)) | held


def _change(before: Sequence[Row], now: Sequence[Row]) -> Row:
    return {
        "path": "lines",
        "label": "Lines",
        "before": order_lines.wanted_by_sku(before),
        "after": order_lines.wanted_by_sku(now),
    }
