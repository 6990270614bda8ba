"""The purchase order number of an order that is submitted: whether it is needed, fits, is free, and what is left of it.

An order takes of a purchase order before it takes of limits, and gives back in the same order, so that two orders that
share both never wait for each other.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, cast, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from common import replicas
from common.errors import FieldError
from common.money import to_money
from ordering.domain.purchase_orders import OFF, WARN, fits, is_required, is_valid_on
from ordering.domain.rates import Converted, Rates
from ordering.errors.purchase_orders import (
    PoBudgetExceeded,
    PoNotValid,
    PoNumberRequired,
    PoNumberUnsuitable,
    PoNumberUsed,
)
from ordering.queries.company import rates_on
from ordering.tables.metadata import ID
from ordering.tables.purchase_orders import po_drawdowns, po_rules, purchase_orders
from ordering.use_cases import store
from ordering.use_cases.acting import as_service
from ordering.use_cases.store import Record

Given = Mapping[str, Any]

USED = "po_number_used"


def take(session: Session, order: Given) -> list[str]:
    """Checks the number of an order that is about to be placed, and draws its total where it names a purchase order
    with an amount. Returns what is only told: `po_number_used`. Raises PoNumberRequired, PoNumberUnsuitable,
    PoNumberUsed, PoNotValid, PoBudgetExceeded."""
    with as_service(session):
        replicas.flush(session)
        rule = _nearest(session, order, select(po_rules).where(po_rules.c.status == "active"), po_rules)
        number = (order["po_number"] or "").strip()
        _check_number(session, order, number, rule)
        if not number:
            return []
        named = select(purchase_orders).where(func.lower(purchase_orders.c.number) == number.lower())
        purchase_order = _nearest(session, order, named, purchase_orders)
        if purchase_order is not None:
            _draw(session, order, purchase_order)
            return []
        return _told_if_used(session, order, number, rule)


def draw_again(session: Session, order: Given) -> None:
    """Draws the present total of an order in place of what it drew before, if it did; raises PoNotValid,
    PoBudgetExceeded."""
    with as_service(session):
        drawn = session.execute(_RELEASE, {"order_id": order["id"]}).scalar_one_or_none()
        if drawn is not None:
            found = store.find(session, purchase_orders, str(drawn))
            assert found is not None, "purchase orders are never removed"
            _draw(session, order, found)


def release(session: Session, order_id: str) -> None:
    """The order ends without a delivery: its purchase order has again what it had drawn. Repeating it changes
    nothing."""
    with as_service(session):
        session.execute(_RELEASE, {"order_id": order_id})


def give_back(session: Session, order_id: str, minor: int) -> None:
    """Gives a purchase order back what is given up of an order, in the order's currency, at the rate at which it was
    drawn."""
    with as_service(session):
        session.execute(_GIVE_BACK, {"order_id": order_id, "minor": minor, "now": store.moment(session)})


def _nearest(session: Session, order: Given, statement: Any, table: Any) -> Record | None:
    line = func.customer_line(cast([order["customer_id"]], ARRAY(ID))).table_valued("id", "height").alias("line")
    nearest = statement.join(line, line.c.id == table.c.customer_id).order_by(line.c.height).limit(1)
    row = session.execute(nearest).mappings().one_or_none()
    return None if row is None else store.as_record(row)


def _check_number(session: Session, order: Given, number: str, rule: Record | None) -> None:
    if rule is None:
        return
    if not number and is_required(rule, order["total_minor"], order["currency"], _rates(session, order, rule)):
        raise PoNumberRequired(
            "Your company asks for a purchase order number; change the draft (PATCH /orders/{id}) and submit it again.",
            errors=[FieldError("/po_number", "Is missing.", "required")],
        )
    if number and not fits(rule["mask"], number):
        raise PoNumberUnsuitable(
            f"A purchase order number of your company looks like {rule['mask']} (# a digit, @ a letter, * one of both);"
            " correct it in the draft (PATCH /orders/{id}) and submit it again.",
            errors=[FieldError("/po_number", f"Does not look like {rule['mask']}.")],
            facts={"mask": rule["mask"]},
        )


def _rates(session: Session, order: Given, other: Given) -> Rates:
    return Rates() if order["currency"] == other["currency"] else rates_on(session, store.moment(session))


def _told_if_used(session: Session, order: Given, number: str, rule: Record | None) -> list[str]:
    if rule is None or rule["unique"] == OFF:
        return []
    values = {"node": rule["customer_id"], "number": number.lower(), "order_id": order["id"]}
    # Of two at once, the second waits here and then finds the first.
    session.execute(_ONE_AT_A_TIME, values)
    used = session.execute(_USED, values).scalar_one_or_none()
    if used is None:
        return []
    if rule["unique"] == WARN:
        return [USED]
    raise PoNumberUsed(
        f"Another order of your company has the purchase order number {number}; give this one its own (PATCH"
        " /orders/{id}), or write the number down as a purchase order with an amount (POST /purchase-orders).",
        errors=[FieldError("/po_number", "Is used.")],
    )


def _draw(session: Session, order: Given, purchase_order: Record) -> None:
    if not is_valid_on(purchase_order, store.today(session)):
        raise PoNotValid(
            f"Purchase order {purchase_order['number']} is closed or not valid today; use another number (PATCH"
            " /orders/{id}), or have it changed.",
            errors=[FieldError("/po_number", "Is not valid today.")],
            facts={name: _day(purchase_order[name]) for name in ("valid_from", "valid_to", "status")},
        )
    currency = purchase_order["currency"]
    drawn = _converted(session, order, purchase_order)
    values = {"id": purchase_order["id"], "amount": drawn.minor if drawn else 0}
    # Two orders that fit alone and not together: the second waits for the row, and finds too little.
    if drawn is None or session.execute(_DRAW, values).first() is None:
        left = store.find(session, purchase_orders, purchase_order["id"]) or purchase_order
        remaining = to_money(max(left["amount_minor"] - left["drawn_minor"], 0), currency)
        raise PoBudgetExceeded(
            f"Purchase order {purchase_order['number']} has not so much left; order less, use another number (PATCH"
            " /orders/{id}), or have its amount raised.",
            errors=[FieldError("/po_number", "Is used up.")],
            facts={"remaining": remaining, "reason": "no_rate" if drawn is None else "used_up"},
        )
    record = {
        "order_id": order["id"],
        "purchase_order_id": purchase_order["id"],
        "customer_id": purchase_order["customer_id"],
        "amount_minor": drawn.minor,
        "given_back_minor": 0,
        "order_minor": order["total_minor"],
        "rate": drawn.rate,
        "updated_at": store.moment(session),
    }
    session.execute(insert(po_drawdowns).values(record))


def _converted(session: Session, order: Given, purchase_order: Record) -> Converted | None:
    currency = purchase_order["currency"]
    return _rates(session, order, purchase_order).converted(
        order["total_minor"], order["currency"] or currency, currency
    )


def _day(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('PO ' || :node || ' ' || :number, 4))")
_USED = text(
    """
    SELECT o.id FROM orders o
    WHERE lower(o.po_number) = :number AND o.id <> CAST(:order_id AS uuid)
      AND o.status IN ('pending_approval', 'pending_confirmation', 'confirmed', 'cancelling', 'completed')
      AND EXISTS (SELECT 1 FROM customer_line(ARRAY[o.customer_id]) l WHERE l.id = CAST(:node AS uuid))
    LIMIT 1
    """
)
_DRAW = text(
    """
    UPDATE purchase_orders SET drawn_minor = drawn_minor + :amount
    WHERE id = CAST(:id AS uuid) AND drawn_minor + :amount <= amount_minor RETURNING 1
    """
)
_RELEASE = text(
    """
    WITH gone AS (
        DELETE FROM po_drawdowns WHERE order_id = CAST(:order_id AS uuid)
        RETURNING purchase_order_id, amount_minor - given_back_minor AS amount
    )
    UPDATE purchase_orders p SET drawn_minor = greatest(p.drawn_minor - gone.amount, 0) FROM gone
    WHERE p.id = gone.purchase_order_id RETURNING p.id
    """
)
_GIVE_BACK = text(
    """
    WITH due AS (
        SELECT order_id, least(amount_minor - given_back_minor, CASE WHEN order_minor = 0 THEN 0
            ELSE floor(amount_minor::numeric * :minor / order_minor) END)::bigint AS amount
        FROM po_drawdowns WHERE order_id = CAST(:order_id AS uuid) FOR UPDATE
    ), given AS (
        UPDATE po_drawdowns d SET given_back_minor = d.given_back_minor + due.amount, updated_at = :now
        FROM due WHERE d.order_id = due.order_id AND due.amount > 0
        RETURNING d.purchase_order_id, due.amount
    )
    UPDATE purchase_orders p SET drawn_minor = greatest(p.drawn_minor - given.amount, 0) FROM given
    WHERE p.id = given.purchase_order_id
    """
)
