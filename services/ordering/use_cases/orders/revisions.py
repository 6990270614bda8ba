"""Changes to an order that was submitted: more or less of its lines, new ones, and when it is wanted.

Less is given up as ever. More is an order's next revision: what it adds is checked as at a submission, its company is
asked again where the total rises above what was approved, and what is promised of it already stays promised meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from common.errors import FieldError
from customer_replica import effective_switches
from ordering.domain import order_lines
from ordering.domain.orders import CONFIRMED, PENDING_APPROVAL, PENDING_CONFIRMATION, after, confirms_itself
from ordering.errors.orders import (
    AlreadyShipped,
    AvailabilityUnknown,
    LineUnsuitable,
    OnHold,
    OrderAuthorizationDisabled,
)
from ordering.use_cases import approvals, limits
from ordering.use_cases.orders import cancelling, decisions, endings, po_numbers, store, submission
from ordering.use_cases.orders import lines as of_lines
from ordering.use_cases.orders.drafts import ordering_customer
from ordering.use_cases.orders.store import Order, Row

Body = Mapping[str, Any]


@dataclass(slots=True)
class _Plan:
    """What a revision does to lines, by their id; `added` are the lines that are new."""

    less: dict[str, int] = field(default_factory=dict)
    more: dict[str, int] = field(default_factory=dict)
    days: dict[str, Any] = field(default_factory=dict)
    added: Sequence[Mapping[str, Any]] = ()


def revise(session: Session, order_id: str, body: Body) -> None:
    """Changes an order that waits for the provider or is confirmed. Prices stay as they were accepted; new lines cost
    what they cost today. Raises LineUnsuitable, PickingStarted, and for more than before OnHold, AlreadyShipped,
    AvailabilityUnknown and what a submission raises."""
    order = store.lock(session, order_id, revision=body.get("revision"))
    after(order.status, "change_lines")
    plan = _plan(order, body.get("lines", ()), body.get("added", ()))
    if store.is_portal(session):
        cancelling.check_planned(order, plan.less, endings.planned(session, order.id))
    changes = _change_days(order, plan, body)
    if plan.more or plan.added:
        _raise(session, order, plan, changes)
    elif plan.less:
        cancelling.give_up(session, order, plan.less, body.get("reason"), changes)
    elif changes:
        order.row["revision"] += 1
        store.save(session, order, "revised", changes=changes)


def _plan(order: Order, told: Sequence[Mapping[str, Any]], added: Sequence[Mapping[str, Any]]) -> _Plan:
    by_id = {line["id"]: line for line in order.lines}
    plan, wrong = _Plan(added=added), []
    for place, entry in enumerate(told):
        line = by_id.pop(entry["line_id"], None)
        if line is None:
            wrong.append(FieldError(f"/lines/{place}/line_id", "Is no line of this order, or is named twice."))
            continue
        open_now = order_lines.cancellable(line)
        wants = line["quantity_shipped"] + open_now
        change = entry.get("quantity", wants) - wants
        if change < -open_now:
            detail = f"{line['quantity_shipped']} have left already; what comes back is a return."
            wrong.append(FieldError(f"/lines/{place}/quantity", detail))
        elif "requested_on" in entry and not open_now:
            wrong.append(FieldError(f"/lines/{place}/requested_on", "Nothing of this line is open."))
        elif change:
            (plan.less if change < 0 else plan.more)[line["id"]] = abs(change)
        if "requested_on" in entry and entry["requested_on"] != line["requested_on"]:
            plan.days[line["id"]] = entry["requested_on"]
    if wrong:
        raise LineUnsuitable("Some lines cannot be changed so; nothing was changed.", errors=wrong)
    return plan


def _change_days(order: Order, plan: _Plan, body: Body) -> list[Row]:
    changes = []
    if "requested_on" in body and body["requested_on"] != order.row["requested_on"]:
        changes.append(_day("requested_on", "Wanted on", order.row["requested_on"], body["requested_on"]))
        order.row["requested_on"] = body["requested_on"]
    for line in order.lines:
        if line["id"] in plan.days:
            label = f"{line['name']} wanted on"
            changes.append(_day("lines.requested_on", label, line["requested_on"], plan.days[line["id"]]))
    order.lines = [
        line | {"requested_on": plan.days[line["id"]]} if line["id"] in plan.days else line for line in order.lines
    ]
    return changes


def _day(path: str, label: str, before: Any, now: Any) -> Row:
    return {"path": path, "label": label, "before": before, "after": now}


def _raise(session: Session, order: Order, plan: _Plan, changes: list[Row]) -> None:
    switches = _check_may_grow(session, order, plan)
    before, ask = order.lines, order.row["confirmed_at"] is not None
    order.lines = order_lines.cancelled(before, plan.less, ask=ask)
    order.lines = [of_lines.of_quantity(line, line["quantity"] + plan.more.get(line["id"], 0)) for line in order.lines]
    endings.give_back(session, order, before)
    if plan.added:
        new = submission.added_lines(session, order, plan.added, switches)
        store.add_lines(session, new)
        order.lines = [*order.lines, *new]
    order.row |= of_lines.totalled_as(order.row["currency"], order.lines)
    order.row |= {"revision": order.row["revision"] + 1, "asked_version": order.row["version"] + 1}
    order.row["keep_planned"] = ask and bool(plan.less) and store.is_portal(session)
    order.row["status"] = after(order.status, "change_lines", _asked(session, order))
    if order.status == CONFIRMED:
        limits.commit(session, order.id)
    changes.append(cancelling.change_of(before, order.lines))
    store.save(session, order, "revised", changes=changes)
    decisions.settle(session, order)


def _check_may_grow(session: Session, order: Order, plan: _Plan) -> submission.Switches:
    if order.row["hold_reasons"]:
        raise OnHold("The order is held; it takes more once the provider has released it.")
    if order_lines.anything_delivered(order.lines):
        raise AlreadyShipped("Something of the order is on its way; order what you want besides as a new order.")
    if any(line["quantity_cancelling"] for line in order.lines):
        raise AvailabilityUnknown("The warehouse has not answered yet what was given up; try again in a moment.")
    customer_id = order.row["customer_id"]
    ordering_customer(session, customer_id)
    switches = effective_switches(session, [customer_id])[customer_id]
    if store.is_portal(session) and not switches["order_authorization"].active:
        raise OrderAuthorizationDisabled(
            "The provider has not switched on ordering for this customer; you can give lines up, and ask your contact"
            " there for more."
        )
    growing = [line for line in order.lines if line["id"] in plan.more]
    submission.check_more(session, order, growing, switches)
    return switches


def _asked(session: Session, order: Order) -> str:
    """Takes what the revision takes of the purchase order and of limits, asks the company's rules, and returns where
    that leads. What was given up counts no more."""
    now = Order(*of_lines.standing(order.row, order.lines))
    po_numbers.draw_again(session, now.row)
    submission.reserve_limits(session, now)
    if approvals.open_flow(session, now.row, now.lines) is not None:
        return PENDING_APPROVAL
    if order.status == CONFIRMED and (not store.is_portal(session) or confirms_itself(now.row)):
        return CONFIRMED
    return PENDING_CONFIRMATION
