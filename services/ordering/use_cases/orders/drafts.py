"""Drafts: begun, changed, and made anew from an old order."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.context import Context
from common.ids import is_id, new_id
from common.money import to_money
from customer_replica import customer_line
from ordering.domain.orders import DRAFT, after
from ordering.errors import CustomerUnknown
from ordering.errors.orders import CustomerArchived, ExternalNumberTaken, StaffFields
from ordering.queries.viewpoint import viewpoint
from ordering.use_cases.carts import take_lines
from ordering.use_cases.orders import lines as of_lines
from ordering.use_cases.orders import store
from ordering.use_cases.orders.store import Order, Row

Body = Mapping[str, Any]

_HEADER = {
    "po_number": "Purchase order number",
    "cost_centre": "Cost centre",
    "external_number": "External number",
    "ship_to": "Ship to",
    "requested_on": "Wanted on",
    "ship_policy": "Delivery",
    "note": "Note",
}
_STAFF_FIELDS = ("unit_price", "discount")


def create(session: Session, body: Body) -> str:
    """Begins an order of a customer and returns its id. Prices are those of today, for each line where staff gives
    none. Raises CustomerUnknown, CustomerArchived, StaffFields, ExternalNumberTaken, LinesUnavailable."""
    customer = ordering_customer(session, body["customer_id"])[0]
    _only_staff_sets(session, body)
    now = store.moment(session)
    row: Row = {
        "id": new_id(),
        "number": next_number(session),
        "customer_id": customer["id"],
        "company_path": [],
        **_requester(session, body.get("source")),
        "status": DRAFT,
        "hold_reasons": [],
        "revision": 1,
        "currency": body.get("currency"),
        "ship_policy": "ship_partial",
        "assignment": body.get("assignment"),
        **dict.fromkeys(("po_number", "cost_centre", "external_number", "ship_to", "requested_on", "note", "reason")),
        **dict.fromkeys(("override_reason", "settings_snapshot", "asked_version")),
        **dict.fromkeys(("ordered_on", "placed_at", "confirmed_at", "ended_at")),
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    row |= {name: body[name] for name in _HEADER if name in body}
    _check_external_number(session, row)
    wanted = take_lines(session, body["cart_id"], customer["id"]) if "cart_id" in body else body["lines"]
    lines = of_lines.draft_lines(session, row, wanted, now.date(), staff=not store.is_portal(session))
    store.insert(session, Order(row | of_lines.totalled(lines), lines))
    return str(row["id"])


def change(session: Session, order_id: str, version: int, body: Body) -> None:
    """Changes a draft; `lines`, where given, are all of its lines from now on, at the prices of today."""
    order = store.lock(session, order_id, version=version)
    order.row["status"] = after(order.status, "revise")
    _only_staff_sets(session, body)
    before = dict(order.row)
    order.row |= {name: body[name] for name in _HEADER if name in body}
    _check_external_number(session, order.row)
    changes = [
        {"path": name, "label": label, "before": before[name], "after": order.row[name]}
        for name, label in _HEADER.items()
        if before[name] != order.row[name]
    ]
    if "lines" in body:
        changes += _change_lines(session, order, body["lines"])
    if changes:
        order.row["revision"] += 1
        store.save(session, order, "updated", changes=changes)


def reorder(session: Session, order_id: str) -> tuple[str, list[Row]]:
    """Begins a new draft with what an order held, and returns its id and what differs: `{position, sku, name, what,
    before, after}`, where `what` is `unavailable` (the line is left out) or `unit_price`."""
    old = store.lock(session, order_id)
    now = store.moment(session)
    ordering_customer(session, old.row["customer_id"])
    seen_from = viewpoint(session, old.row["customer_id"])
    found = of_lines.priced(session, seen_from, old.lines, now.date(), currency=old.row["currency"])
    staff = not store.is_portal(session)
    kept: list[Row] = []
    differences: list[Row] = []
    for line, listing in zip(old.lines, found, strict=True):
        named = {"position": line["position"], "sku": line["sku"], "name": line["name"]}
        if listing is None or not listing.visible:
            why = listing.why if listing is not None and staff else None
            differences.append({**named, "what": "unavailable", "before": None, "after": why})
            continue
        kept.append({name: line[name] for name in ("listing_id", "quantity", "cost_centre")})
        was = to_money(line["unit_price_minor"], old.row["currency"])
        costs = to_money(listing.unit_price_minor, listing.currency)
        if was != costs:
            differences.append({**named, "what": "unit_price", "before": was, "after": costs})
    body = {name: old.row[name] for name in ("customer_id", "currency", "cost_centre", "ship_to", "ship_policy")}
    return create(session, {**body, "lines": kept}), differences


def ordering_customer(session: Session, customer_id: str) -> list[Mapping[str, Any]]:
    """A customer that may order, and its ancestors, nearest first; raises CustomerUnknown, CustomerArchived."""
    line = customer_line(session, customer_id)
    if not line:
        raise CustomerUnknown("There is no such customer.")
    if line[0]["status"] == "archived":
        raise CustomerArchived(f"Customer {line[0]['number']} is archived and orders nothing; restore it first.")
    return line


def next_number(session: Session) -> str:
    """The number of a new order."""
    return f"O-{session.execute(_NEXT_NUMBER).scalar_one():06d}"


def _change_lines(session: Session, order: Order, wanted: Sequence[Body]) -> list[Row]:
    before = [{"sku": line["sku"], "quantity": line["quantity"]} for line in order.lines]
    today = store.moment(session).date()
    lines = of_lines.draft_lines(session, order.row, wanted, today, staff=not store.is_portal(session))
    store.replace_lines(session, order, lines)
    order.row |= of_lines.totalled(lines)
    now = [{"sku": line["sku"], "quantity": line["quantity"]} for line in lines]
    return [{"path": "lines", "label": "Lines", "before": before, "after": now}]


def _only_staff_sets(session: Session, body: Body) -> None:
    if not store.is_portal(session):
        return
    given = {name for line in body.get("lines", ()) for name in _STAFF_FIELDS if name in line}
    if "external_number" in body:
        given.add("external_number")
    if given:
        raise StaffFields(f"Only the provider sets {', '.join(sorted(given))}; leave them out.")


def _check_external_number(session: Session, row: Row) -> None:
    if row["external_number"] is None:
        return
    # Of two at once, the second waits here and then finds the first.
    session.execute(_ONE_AT_A_TIME, row)
    taken = session.execute(_TAKEN, row).scalar_one_or_none()
    if taken is not None:
        raise ExternalNumberTaken(
            f"The customer's order {row['external_number']} is there already.", facts={"order_id": str(taken)}
        )


def _requester(session: Session, made_by: str | None) -> Row:
    context: Context = session.info["context"]
    kind, _, account = context.actor.partition(":")
    source = "portal" if store.is_portal(session) else kind
    return {
        "source": made_by or (source if source in {"portal", "staff", "api", "import"} else "system"),
        "requester_id": account if is_id(account) else None,
        "requester_label": context.actor_label or None,
    }


_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:customer_id || ' ' || :external_number, 4))")
_NEXT_NUMBER = text("SELECT nextval('order_numbers')")
_TAKEN = text(
    "SELECT id FROM orders WHERE customer_id = CAST(:customer_id AS uuid) AND external_number = :external_number"
    " AND id <> CAST(:id AS uuid)"
)
