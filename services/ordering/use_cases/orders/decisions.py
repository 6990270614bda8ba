"""The two gates behind an order's submission: what its company has decided, and what the provider does then."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from common.errors import FieldError
from customer_replica import customer_line, effective_switches
from ordering.domain import order_lines
from ordering.domain.orders import (
    AUTHORIZATION_HOLD,
    CUSTOMER_HOLD,
    DELISTED_HOLD,
    LIMIT_HOLD,
    OUT_OF_STOCK,
    PENDING_CONFIRMATION,
    SELLER_HOLD,
    SUPPLY_EXHAUSTED,
    after,
    confirms_itself,
)
from ordering.errors.orders import AvailabilityUnknown, LineUnsuitable, NotOnHold, OnHold, OutOfStock
from ordering.errors.selling import SellerUndecided
from ordering.queries.pricing import price_lines
from ordering.use_cases import limits
from ordering.use_cases.orders import backorders, endings, sales, store
from ordering.use_cases.orders import lines as of_lines
from ordering.use_cases.orders.store import Order

Body = Mapping[str, Any]

_EXPIRED = "expired"


def approved(session: Session, order_id: str, _flow: Any = None) -> None:
    """The company has approved: the order goes on to the provider's gate, held where the customer may no longer order
    or is archived, where something that it names was withdrawn, or where a limit was lowered meanwhile."""
    order = store.lock(session, order_id)
    order.row["status"] = after(order.status, "approve")
    _ask_anew(session, order)
    store.save(session, order, "approved")
    holds = _reasons_to_hold(session, order)
    if holds:
        order.row |= {"status": after(order.status, "hold"), "hold_reasons": holds}
        store.save(session, order, "held")
        return
    settle(session, order)


def rejected(session: Session, order_id: str, _flow: Any = None, reason: str = "") -> None:
    """The company has rejected: the order ends, and what was kept for it is free."""
    order = store.lock(session, order_id)
    order.row |= {"status": after(order.status, "reject"), "reason": reason or None}
    endings.end_pending(session, order, "rejected")


def confirm(session: Session, order_id: str, body: Body) -> None:
    """The provider confirms. Raises OnHold, SellerUndecided before the customers that sell something of it have said
    yes, AvailabilityUnknown before the warehouse has answered, and OutOfStock where something is missing that may not
    wait, unless `accept_shortage` gives up what is missing."""
    order = store.lock(session, order_id, revision=body.get("revision"))
    after(order.status, "confirm")
    if order.row["hold_reasons"]:
        raise OnHold(
            "The order is held; release it first (POST /orders/{id}/hold-release), or decline it.",
            facts={"hold_reasons": list(order.row["hold_reasons"])},
        )
    if sales.ask(session, order):
        if sales.are_withdrawn(session, order):
            hold(session, order, SELLER_HOLD)
            return
        raise SellerUndecided("Customers that sell something of this order decide first; see its sellers.")
    reserved = _reserved(session, order)
    if reserved is None:
        raise AvailabilityUnknown("The warehouse has not answered yet; try again in a moment.")
    missing = _short(session, order, reserved=reserved)
    if missing and not body.get("accept_shortage"):
        raise OutOfStock(
            "Some lines are not in stock and may not wait, or more is ordered ahead than is to come; decline the order,"
            " or confirm it with `accept_shortage` to deliver what there is.",
            errors=[_missing(line) for line in missing],
            facts={"lines": missing},
        )
    _confirm(session, order)


def decline(session: Session, order_id: str, body: Body) -> None:
    """The provider does not deliver this order, for a reason."""
    order = store.lock(session, order_id, revision=body.get("revision"))
    order.row |= {"status": after(order.status, "decline"), "reason": body["reason"]}
    endings.end_pending(session, order, "rejected")


def release_hold(session: Session, order_id: str) -> None:
    """The provider lets a held order go on; it confirms itself then, where the customer's setting says so."""
    order = store.lock(session, order_id)
    order.row["status"] = after(order.status, "release")
    if not order.row["hold_reasons"]:
        raise NotOnHold("The order is not held; confirm or decline it.")
    order.row["hold_reasons"] = []
    _ask_anew(session, order)
    store.save(session, order, "released")
    settle(session, order)


def hold(session: Session, order: Order, reason: str) -> None:
    """Holds a locked order that waits for confirmation, for one more reason; it says so once."""
    if reason not in order.row["hold_reasons"]:
        order.row["status"] = after(order.status, "hold")
        order.row["hold_reasons"] = [*order.row["hold_reasons"], reason]
        store.save(session, order, "held")


def provide(session: Session, order_id: str, body: Body) -> None:
    """What needs no stock was provided: services, and what another customer delivers itself. `quantity` is all that is
    open where it is left out."""
    order = store.lock(session, order_id)
    after(order.status, "provide")
    by_id = {line["id"]: line for line in order.lines}
    wrong = []
    for place, told in enumerate(body["lines"]):
        line = by_id.get(told["line_id"])
        if line is None or order_lines.needs_stock(line):
            wrong.append(FieldError(f"/lines/{place}/line_id", "Is no service of this order; goods are shipped."))
            continue
        quantity = told.get("quantity", order_lines.open_quantity(line))
        if not 0 < quantity <= order_lines.open_quantity(line):
            wrong.append(FieldError(f"/lines/{place}/quantity", f"{order_lines.open_quantity(line)} are open."))
            continue
        line["quantity_shipped"] += quantity
    if wrong:
        raise LineUnsuitable("Some lines cannot be provided; nothing was changed.", errors=wrong)
    endings.save_or_complete(session, order, changed=True)


def settle(session: Session, order: Order) -> bool:
    """Confirms an order that waits for the provider where it confirms itself or customers alone sell it, all of whom
    have said yes, and the warehouse has answered; or rejects it where something is missing that may not wait. Returns
    whether it did either."""
    if order.status != PENDING_CONFIRMATION or order.row["hold_reasons"] or sales.ask(session, order):
        return False
    if not confirms_itself(order.row) and not order_lines.sellers_decide(order.lines):
        return False
    reserved = _reserved(session, order)
    if reserved is None:
        return False
    with store.automatically(session, "auto-confirmation"):
        missing = _short(session, order, reserved=reserved)
        if missing:
            reason = SUPPLY_EXHAUSTED if all(line["ahead"] for line in missing) else OUT_OF_STOCK
            order.row |= {"status": after(order.status, "decline"), "reason": reason}
            endings.end_pending(session, order, "rejected")
        else:
            _confirm(session, order)
    return True


def _confirm(session: Session, order: Order) -> None:
    order.row |= {
        "status": after(order.status, "confirm"),
        "confirmed_at": store.moment(session),
        "asked_version": order.row["version"] + 1,
    }
    limits.commit(session, order.id)
    store.save(session, order, "confirmed")


def _ask_anew(session: Session, order: Order) -> None:
    """Lets the next event of a pending order ask the warehouse to reserve again, where its reservation has expired:
    what is missing is then known before the order is confirmed."""
    if endings.reservation_state(session, order.id)[0] == _EXPIRED:
        order.row["asked_version"] = order.row["version"] + 1


def _short(session: Session, order: Order, *, reserved: bool) -> list[dict[str, Any]]:
    """The lines that lack what may not wait. Where nothing is reserved any more that is not known yet; what is found
    missing then may not wait beyond the caps either."""
    backorders.keep_caps(session, order)
    return order_lines.short(order.lines) if reserved else []


def _missing(line: Mapping[str, Any]) -> FieldError:
    pointer, number = f"/lines/{line['position'] - 1}", line["missing"]
    if line["ahead"]:
        return FieldError(pointer, f"{number} are more than the supply to come has left.", SUPPLY_EXHAUSTED)
    return FieldError(pointer, f"{number} are missing.", OUT_OF_STOCK)


def _reserved(session: Session, order: Order) -> bool | None:
    """Whether stock is reserved as the lines say: None before the warehouse has answered what it was asked last, False
    where that is no longer or was never needed, so that what is missing is only known once it allocates."""
    if not any(map(order_lines.needs_stock, order.lines)):
        return False
    state, seen = endings.reservation_state(session, order.id)
    return None if state is None or seen < (order.row["asked_version"] or 0) else state == "active"


def _reasons_to_hold(session: Session, order: Order) -> list[str]:
    customer_id = order.row["customer_id"]
    switches = effective_switches(session, [customer_id]).get(customer_id)
    if switches is None or customer_line(session, customer_id)[0]["status"] == "archived":
        return [CUSTOMER_HOLD]
    holds = []
    if order.row["settings_snapshot"]["by_portal"] and not switches["order_authorization"].active:
        holds.append(AUTHORIZATION_HOLD)
    if not order.row["override_reason"] and _delisted(session, order):
        holds.append(DELISTED_HOLD)
    # Takes again, by the limits as they are now; where one blocks, what was taken before stays.
    verdicts = limits.reserve(session, *of_lines.standing(order.row, order.lines))
    if any(verdict.exceeded and verdict.action == "block" for verdict in verdicts):
        holds.append(LIMIT_HOLD)
    return holds


def _delisted(session: Session, order: Order) -> bool:
    wanted: Sequence[tuple[str, int]] = [(line["listing_id"], line["quantity"]) for line in order.lines]
    priced = price_lines(session, order.row["customer_id"], wanted, store.moment(session).date())
    visible = {line.listing_id for line in priced if line.visible}
    return any(listing_id not in visible for listing_id, _ in wanted)
