"""Submitting a draft: the customer's switches, what it sees and pays, its limits, and the first gate."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.errors import FieldError
from common.money import to_money
from ordering.domain.limits import Verdict
from ordering.domain.order_lines import MAX_LINES
from ordering.domain.orders import PENDING_APPROVAL, PENDING_CONFIRMATION, after
from ordering.domain.pricing import PricedLine
from ordering.errors.orders import (
    InternalInventoryDisabled,
    LimitExceeded,
    LinesUnavailable,
    NoLines,
    OrderAuthorizationDisabled,
    PreordersDisabled,
    PriceChanged,
    StaffFields,
)
from ordering.queries.viewpoint import Viewpoint, viewpoint
from ordering.use_cases import approvals, cost_centres, limits
from ordering.use_cases.acting import as_service
from ordering.use_cases.orders import decisions, po_numbers, store
from ordering.use_cases.orders import lines as of_lines
from ordering.use_cases.orders.drafts import ordering_customer
from ordering.use_cases.orders.store import Order, Row
from portal_switches import Resolved

Body = Mapping[str, Any]
Switches = Mapping[str, Resolved]


def submit(session: Session, order_id: str, body: Body, ceilings: Mapping[str, int]) -> list[str]:
    """Places an order. What governs it is frozen on it: switches, prices, the line of its company. Returns codes of
    what is only told.

    `ceilings`: up to how many minor units by currency an order confirms itself; none for any amount. Raises what the
    errors of orders name, and keeps nothing then."""
    order = store.lock(session, order_id, revision=body.get("revision"))
    after(order.status, "submit")
    company = ordering_customer(session, order.row["customer_id"])
    seen_from = viewpoint(session, order.row["customer_id"])
    switches = seen_from.switches
    override = _override(session, body)
    if store.is_portal(session) and not switches["order_authorization"].active:
        raise OrderAuthorizationDisabled(
            "The provider has not switched on ordering for this customer; the draft is kept. Ask your contact there to"
            " submit it."
        )
    _take_lines(session, order, seen_from, override=override, accept_prices=bool(body.get("accept_prices")))
    cost_centres.name_on(session, order.row, order.lines)
    order.row |= {
        "company_path": [{name: one[name] for name in ("id", "number", "name")} for one in reversed(company)],
        "override_reason": override,
        "settings_snapshot": _snapshot(switches, ceilings, by_portal=store.is_portal(session)),
        "placed_at": store.moment(session),
        "asked_version": order.row["version"] + 1,
    }
    with as_service(session):
        told = po_numbers.take(session, order.row)
        asking = limits.asking(reserve_limits(session, order))
        flow = approvals.open_flow(session, order.row, order.lines, asking)
    order.row["status"] = after(order.status, "submit", PENDING_CONFIRMATION if flow is None else PENDING_APPROVAL)
    store.save(session, order, "placed")
    decisions.settle(session, order)
    return told


def check_more(session: Session, order: Order, lines: Sequence[Row], switches: Switches) -> None:
    """Whether a submitted order may have more of these lines of it: what it was sold stays sold, while it is offered at
    all. Raises InternalInventoryDisabled, LinesUnavailable, PreordersDisabled."""
    _check_internal(lines, switches)
    if order.row["override_reason"]:
        return
    with as_service(session):
        offered = set(session.execute(_OFFERED, {"ids": [line["listing_id"] for line in lines]}).scalars())
    gone = [line for line in lines if line["listing_id"] not in offered]
    if gone:
        raise LinesUnavailable("There is no more of these; leave them as they are.", errors=_named(gone, "unavailable"))
    _check_preorders(session, lines, switches)


def added_lines(session: Session, order: Order, wanted: of_lines.Wanted, switches: Switches) -> list[Row]:
    """New lines of a submitted order, at the prices of today; raises what a submission raises."""
    today = store.moment(session).date()
    if len(order.lines) + len(wanted) > MAX_LINES:
        raise LinesUnavailable(f"An order has at most {MAX_LINES} lines; make another one for the rest.")
    drafts = of_lines.draft_lines(session, order.row, wanted, today, staff=not store.is_portal(session))
    seen_from = viewpoint(session, order.row["customer_id"])
    found = of_lines.priced(session, seen_from, drafts, today, currency=order.row["currency"])
    _check_available(drafts, found, override=None)
    last = max(line["position"] for line in order.lines)
    lines = [
        _placed(line, listing, today) | {"position": last + line["position"]}
        for line, listing in zip(drafts, found, strict=True)
        if listing is not None
    ]
    cost_centres.name_on_added(session, order.row, lines)
    _check_internal(lines, switches)
    _check_preorders(session, lines, switches)
    return lines


def _override(session: Session, body: Body) -> str | None:
    reason = body.get("override_reason")
    if reason and store.is_portal(session):
        raise StaffFields("Only the provider sets override_reason; leave it out.")
    return reason


def _take_lines(
    session: Session, order: Order, seen_from: Viewpoint, *, override: str | None, accept_prices: bool
) -> None:
    if not order.lines:
        raise NoLines("The order has no lines; add what you want to order.")
    today = store.moment(session).date()
    currency = order.row["currency"]
    found = of_lines.priced(session, seen_from, order.lines, today, currency=currency)
    _check_internal(order.lines, seen_from.switches)
    _check_available(order.lines, found, override=override)
    before = order.lines
    order.lines = [
        _placed(of_lines.take_listing(line | {"currency": currency}, listing), listing, today)
        for line, listing in zip(before, found, strict=True)
        if listing is not None
    ]
    if not override:
        _check_preorders(session, order.lines, seen_from.switches)
    if not accept_prices:
        _check_prices(currency, before, order.lines)
    order.row |= of_lines.totalled(order.lines)


def _check_available(lines: Sequence[Row], found: Sequence[PricedLine | None], *, override: str | None) -> None:
    wrong = []
    for place, (line, listing) in enumerate(zip(lines, found, strict=True)):
        if listing is None or not (listing.visible or override or of_lines.is_quoted(line)):
            why = (listing.why if listing is not None else None) or "unavailable"
            wrong.append(FieldError(f"/lines/{place}", f"{line['name']} cannot be ordered any more.", why))
        elif listing.unit_price_minor is None and line["unit_price_minor"] is None:
            wrong.append(FieldError(f"/lines/{place}", f"{line['name']} has no price for this customer.", "no_price"))
    if wrong:
        raise LinesUnavailable(
            "Take these lines out of the draft, or ask for them; then submit it again.", errors=wrong
        )


def _placed(line: Row, listing: PricedLine, today: Any) -> Row:
    ahead = listing.preorderable and (listing.available_from is None or listing.available_from > today)
    return line | {
        "supply_mode": "preorder" if ahead else "in_stock",
        "promised_on": listing.available_from if ahead else None,
        # What is ordered ahead waits for a supply that the warehouse names for it, and for nothing else.
        "backorder_allowed": not ahead and listing.backorder_policy != "none",
        "backorder_cap": None if ahead else listing.backorder_cap,
    }


def _check_internal(lines: Sequence[Row], switches: Switches) -> None:
    internal = [line for line in lines if line["kind"] == "internal"]
    if internal and not switches["internal_inventory_enabled"].active:
        raise InternalInventoryDisabled(
            "This customer does not use internal inventory; leave these lines out.", errors=_named(internal)
        )


def _check_preorders(session: Session, lines: Sequence[Row], switches: Switches) -> None:
    ahead = [line for line in lines if line["supply_mode"] == "preorder"]
    if not ahead:
        return
    if not switches["allow_preorders"].active:
        raise PreordersDisabled(
            "This customer takes no pre-orders; leave these lines out until the goods are there.", errors=_named(ahead)
        )
    values = {"ids": [line["listing_id"] for line in ahead], "today": store.moment(session).date()}
    closed = set(session.execute(_CLOSED, values).scalars())
    late = [line for line in ahead if line["listing_id"] in closed]
    if late:
        raise LinesUnavailable(
            "Pre-orders of these are not taken today; leave these lines out.", errors=_named(late, "preorders_closed")
        )


def _named(lines: Sequence[Row], code: str = "invalid") -> list[FieldError]:
    return [FieldError(f"/lines/{line['position'] - 1}", f"{line['name']}.", code) for line in lines]


def _check_prices(currency: str | None, before: Sequence[Row], now: Sequence[Row]) -> None:
    risen = [
        {
            "position": line["position"],
            "sku": line["sku"],
            "before": to_money(old["unit_price_minor"], currency),
            "after": to_money(line["unit_price_minor"], line["currency"]),
        }
        for old, line in zip(before, now, strict=True)
        if old["unit_price_minor"] is not None
        and (line["currency"] != currency or line["unit_price_minor"] > old["unit_price_minor"])
    ]
    if risen:
        raise PriceChanged(
            "Prices rose since this draft was made; submit it with `accept_prices`, or change it.",
            errors=[FieldError(f"/lines/{one['position'] - 1}/unit_price", "Rose.") for one in risen],
            facts={"lines": risen},
        )


def _snapshot(switches: Switches, ceilings: Mapping[str, int], *, by_portal: bool) -> Row:
    return {
        "switches": {key: resolved.effective for key, resolved in sorted(switches.items())},
        # Where ordering is off the setting does nothing for the customer's people, who cannot submit; it still counts
        # for what staff enters.
        "auto_confirm": switches["auto_confirm_orders"].effective == "on",
        "auto_confirm_ceilings": dict(ceilings),
        "by_portal": by_portal,
    }


def reserve_limits(session: Session, order: Order) -> list[Verdict]:
    """Takes of every limit what the order is now, in place of what it took; raises LimitExceeded."""
    verdicts = limits.reserve(session, order.row, order.lines)
    blocking = [verdict for verdict in verdicts if verdict.exceeded and verdict.action == "block"]
    if blocking:
        names = ", ".join(verdict.name for verdict in blocking)
        raise LimitExceeded(
            f"This is more than the company allows ({names}); order less, or ask for a higher limit.",
            facts={
                "limits": [
                    {"id": one.limit_id, "name": one.name, "remaining_minor": one.remaining_minor} for one in blocking
                ]
            },
        )
    return verdicts


_OFFERED = text("SELECT id::text FROM listings WHERE id = ANY (CAST(:ids AS uuid[])) AND status = 'published'")
_CLOSED = text(
    """
    SELECT id::text FROM listings
    WHERE id = ANY (CAST(:ids AS uuid[])) AND (preorder_from > :today OR preorder_until < :today)
    """
)
