"""Promised days of pre-orders that move: who is asked, and what becomes of the answer. Silence keeps the order."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.records import Record, as_record, insert, update
from ordering.domain import order_lines
from ordering.domain.date_decisions import ACCEPTED, CANCELLED, OPEN, moved
from ordering.domain.orders import CONFIRMED, PENDING, after
from ordering.errors.orders import DateNotInQuestion
from ordering.events.date_decisions import date_decision
from ordering.tables.date_decisions import date_decisions
from ordering.use_cases.orders import cancelling, endings, store
from ordering.use_cases.orders.store import Order, Row

Body = Mapping[str, Any]

_MOVED = "The promised day has moved"
_DECIDED = {"accept": ACCEPTED, "cancel": CANCELLED}


def date_changed(session: Session, customer_id: str, version: int, data: Body, tolerance: int) -> None:
    """Keeps where a day has moved to, and asks the buyer where that is more than `tolerance` days later than agreed;
    an older state changes nothing."""
    order = store.find(session, data["order_id"])
    line = _line(order, data["line_id"])
    if order is None or line is None:
        return
    known = _known(session, order.id).get(data["line_id"])
    if known is not None and known["heard"] >= version:
        return
    record = {
        **(known or {"id": data["line_id"], "order_id": order.id, "customer_id": customer_id, "version": 0}),
        **moved(known, date.fromisoformat(data["before"]), date.fromisoformat(data["after"]), tolerance),
        "heard": version,
    }
    if record["decision"] == OPEN and _is_open(order, line):
        record |= {"asked_at": store.moment(session), "decided_at": None, "version": record["version"] + 1}
        outbox.add(session, date_decision(record, order.row["number"], line))
    elif record["decision"] == OPEN:
        record["decision"] = None
    (insert if known is None else update)(session, date_decisions, [record])


def decide(session: Session, order_id: str, body: Body) -> None:
    """Takes what the buyer says to the days of some lines. An accepted day is the agreed one from now on; a cancelled
    line is given up, and with the last one that is open the order ends. Raises DateNotInQuestion, OrderStatus,
    PickingStarted, AlreadyShipped."""
    order = store.lock(session, order_id)
    known = _known(session, order_id)
    decided: list[tuple[Record, Row]] = []
    for place, told in enumerate(body["lines"]):
        line, record = _line(order, told["line_id"]), known.get(told["line_id"])
        if line is None or record is None or record["decision"] != OPEN or not _is_open(order, line):
            raise DateNotInQuestion(
                "Nothing is to be decided about the day of this line; read the order again, whose `date_decision` tells"
                " what is open.",
                errors=[FieldError(f"/lines/{place}/line_id", "Its day is not in question.")],
            )
        record |= {
            "decision": _DECIDED[told["decision"]],
            "decided_at": store.moment(session),
            "version": record["version"] + 1,
        }
        if record["decision"] == ACCEPTED:
            record["agreed_on"] = record["promised_on"]
        decided.append((record, line))
    update(session, date_decisions, [record for record, _ in decided])
    for record, line in decided:
        outbox.add(session, date_decision(record, order.row["number"], line))
    _cancel(session, order, {record["id"] for record, _ in decided if record["decision"] == CANCELLED})


def _cancel(session: Session, order: Order, lines: set[str]) -> None:
    if not lines:
        return
    if not any(order_lines.open_quantity(line) and line["id"] not in lines for line in order.lines):
        endings.cancel(session, order.id, {"reason": _MOVED})
        return
    after(order.status, "cancel_lines")
    wanted = {line["id"]: order_lines.cancellable(line) for line in order.lines if line["id"] in lines}
    if store.is_portal(session):
        cancelling.check_planned(order, wanted, endings.planned(session, order.id))
    cancelling.give_up(session, order, wanted, _MOVED)


def _line(order: Order | None, line_id: str) -> Row | None:
    return None if order is None else next((line for line in order.lines if line["id"] == line_id), None)


def _is_open(order: Order, line: Row) -> bool:
    return order.status in {CONFIRMED, *PENDING} and order_lines.open_quantity(line) > 0


def _known(session: Session, order_id: str) -> dict[str, Record]:
    statement = select(date_decisions).where(date_decisions.c.order_id == order_id)
    return {row["id"]: as_record(row) for row in session.execute(statement).mappings()}
