"""An order that its requester takes back before it is confirmed: a draft again, for which nothing is kept."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from ordering.domain import order_lines
from ordering.domain.orders import PENDING_APPROVAL, after
from ordering.errors.orders import OrderStatus
from ordering.use_cases import approvals, limits
from ordering.use_cases.orders import lines as of_lines
from ordering.use_cases.orders import po_numbers, store

Body = Mapping[str, Any]

_OF_SUBMISSION = ("override_reason", "settings_snapshot", "asked_version", "placed_at")


def withdraw(session: Session, order_id: str, body: Body) -> None:
    """Makes a pending order a draft of the next revision: nobody is asked about it any more, and limits and stock are
    free. What was given up of it is no part of the draft. Raises OrderStatus, also for an order that was confirmed."""
    order = store.lock(session, order_id, revision=body.get("revision"))
    was, status = order.status, after(order.status, "withdraw")
    if order.row["confirmed_at"] is not None:
        raise OrderStatus(
            "The order was confirmed before and keeps its goods; give up lines of it, or cancel it.",
            facts={"order_status": was, "command": "withdraw"},
        )
    if was == PENDING_APPROVAL:
        approvals.supersede(session, order.id)
    po_numbers.release(session, order.id)
    limits.release(session, order.id)
    store.replace_lines(session, order, of_lines.renumbered(order_lines.drafted(order.lines)))
    order.row |= dict.fromkeys(_OF_SUBMISSION) | of_lines.totalled_as(order.row["currency"], order.lines)
    order.row |= {
        "status": status,
        "hold_reasons": [],
        "company_path": [],
        "reason": body.get("reason"),
        "revision": order.row["revision"] + 1,
    }
    store.save(session, order, "withdrawn")
