"""A small believable data set; repeating it adds nothing."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.context import context_for
from common.db import Database
from customer_replica import effective_switches, replica_customers
from ordering.domain.orders import PENDING_APPROVAL, PENDING_CONFIRMATION
from ordering.tables.contracts import contracts
from ordering.tables.listings import listings
from ordering.tables.orders import orders
from ordering.use_cases import contracts as of_contracts
from ordering.use_cases import quotes, standing_orders, store
from ordering.use_cases.bundles import create_bundle
from ordering.use_cases.listings import create_listings
from ordering.use_cases.orders import decisions, drafts, submission
from ordering.use_cases.orders import store as of_orders
from ordering.use_cases.prices import create_price_list, set_prices
from ordering.use_cases.purchase_orders import create_purchase_order


def seed(database: Database) -> None:
    """Writes a dozen listings with a standard price list and a bundle of some, where there is no listing yet; where
    there is no order yet, two orders of the first two customers that have arrived and see the marketplace, one of which
    draws a purchase order down; and, where there is no contract yet and three of them have arrived, a contract, a quote
    and a standing order of the first two, and what the third uses."""
    context = context_for("system:seed", "First set-up")
    database.run(_offer, context=context)
    database.run(_order, context=context)
    database.run(_agree, context=context)


def _offer(session: Session) -> None:
    if session.execute(select(func.count()).select_from(listings)).scalar_one():
        return
    create_listings(session, [_LISTING | listing for listing, _ in _OFFERED])
    list_id = create_price_list(
        session, {"code": "STANDARD", "name": "Standard prices", "kind": "standard", "currency": "EUR"}
    )
    prices = [
        {"sku": listing["sku"], "min_quantity": least, "amount": amount}
        for listing, breaks in _OFFERED
        for least, amount in breaks.items()
    ]
    set_prices(session, list_id, prices)
    ids = {row.sku: row.id for row in session.execute(select(listings.c.sku, listings.c.id))}
    create_bundle(session, _BUNDLE | {"lines": [{"listing_id": ids[sku], "quantity": 1} for sku in _BUNDLED]})


def _order(session: Session) -> None:
    if session.execute(select(func.count()).select_from(orders)).scalar_one():
        return
    ids = {row.sku: row.id for row in session.execute(select(listings.c.sku, listings.c.id))}
    for place, (customer_id, (skus, header)) in enumerate(zip(_customers(session), _ORDERED, strict=False)):
        lines = [{"listing_id": ids[sku], "quantity": quantity} for sku, quantity in skus.items() if sku in ids]
        order_id = drafts.create(session, {"customer_id": customer_id, "lines": lines} | header)
        if place == 0:
            create_purchase_order(session, _PURCHASE_ORDER | {"customer_id": customer_id})
            submission.submit(session, order_id, {}, {})


def _agree(session: Session) -> None:
    there = session.execute(select(func.count()).select_from(contracts)).scalar_one()
    customers = _customers(session)[:3]
    if there or len(customers) < 3:
        return
    first, second, third = customers
    ids = {row.sku: row.id for row in session.execute(select(listings.c.sku, listings.c.id))}
    if not ids.keys() >= _AGREED:
        return
    today = store.today(session)
    _contract(session, first, ids, today)
    wanted = [{"listing_id": ids["LAPTOP-14"], "quantity": 25}, {"listing_id": ids["DOCK-USBC"], "quantity": 25}]
    note = "For the new office; please offer both together."
    quote_id = quotes.request_quote(session, {"customer_id": second, "lines": wanted, "note": note})
    offered = [line | {"discount": Decimal("0.05")} for line in wanted]
    until = today + timedelta(days=45)
    quotes.revise_quote(session, quote_id, {"lines": offered, "valid_until": until, "note": "Within three weeks."})
    quotes.send_quote(session, quote_id)
    rhythm = {"every": 1, "unit": "months", "next_on": today + timedelta(days=20)}
    again = [{"listing_id": ids["CABLE-CAT6-5"], "quantity": 50}]
    body = {"customer_id": first, "name": "Cables for the workshop", "lines": again}
    standing_orders.create_standing_order(session, body | rhythm)
    _use(session, third, ids["SVC-PHONE"])


def _contract(session: Session, customer_id: str, ids: Mapping[str, str], today: date) -> None:
    body = {"code": "CONTRACT-TELEPHONY", "name": "Telephony, as agreed", "kind": "contract", "currency": "EUR"}
    list_id = create_price_list(session, body | {"target_id": customer_id})
    set_prices(session, list_id, [{"sku": "SVC-PHONE", "min_quantity": 1, "amount": "139.00"}])
    agreed = {"name": "Telephony", "valid_from": date(today.year, 1, 1), "valid_to": date(today.year, 12, 31)}
    goes_on = {"renewal": "automatic", "renewal_months": 12, "notice_days": 90, "terms": _TERMS}
    what = {"price_list_id": list_id, "listing_ids": [ids["SVC-PHONE"]], "categories": ["Telephony"]}
    contract_id = of_contracts.create_contract(session, {"customer_id": customer_id} | agreed | goes_on | what)
    of_contracts.activate_contract(session, contract_id, 1)


def _use(session: Session, customer_id: str, listing_id: str) -> None:
    """Six telephones that were ordered and installed, and two that are still to be."""
    lines = [{"listing_id": listing_id, "quantity": 8}]
    order_id = drafts.create(session, {"customer_id": customer_id, "lines": lines, "note": "Front desk and sales."})
    submission.submit(session, order_id, {}, {})
    order = of_orders.lock(session, order_id)
    if order.status == PENDING_APPROVAL:
        return
    if order.status == PENDING_CONFIRMATION:
        decisions.confirm(session, order_id, {})
    decisions.provide(session, order_id, {"lines": [{"line_id": order.lines[0]["id"], "quantity": 6}]})


_BUNDLE = {"name": "Desk of a new colleague", "description": "What everybody in the office begins with."}
_BUNDLED = ("LAPTOP-14", "DOCK-USBC", "SVC-PHONE")
_AGREED = {"SVC-PHONE", "LAPTOP-14", "DOCK-USBC", "CABLE-CAT6-5"}
_TERMS = "Repairs within two working days. Moves inside a building are included."


def _customers(session: Session) -> list[str]:
    of = replica_customers.c
    known = select(of.id).where(of.status == "active", ~of.gone).order_by(of.number).limit(50)
    ids = session.execute(known).scalars().all()
    switches = effective_switches(session, ids)
    return [one for one in ids if one in switches and switches[one]["inherit_global_marketplace"].active]


# What is ordered; the first order is submitted, the second is still a draft.
_ORDERED: tuple[tuple[dict[str, int], dict[str, Any]], ...] = (
    (
        {"DOCK-USBC": 4, "CABLE-HDMI-3": 8, "SVC-SUPPORT-H": 6},
        {"po_number": "PO-2031-17", "note": "For the new meeting rooms.", "ship_policy": "ship_complete"},
    ),
    ({"SVC-PHONE": 12, "CABLE-CAT6-5": 40}, {"note": "Offer to the office manager first."}),
)

_PURCHASE_ORDER = {"number": "PO-2031-17", "amount": {"amount": "5000.00", "currency": "EUR"}}

_LISTING: dict[str, Any] = {"kind": "stock", "unit": "piece", "status": "published", "return_days": 30}
_TELEPHONE = [
    {"kind": "goods", "sku": "PHONE-DESK", "name": "Desk telephone", "quantity": 1},
    {"kind": "work", "name": "Installation at the desk", "quantity": 1},
    {"kind": "recurring", "name": "Line with a number", "quantity": 1, "period": "month"},
]
_WORKPLACE = [
    {"kind": "goods", "sku": "LAPTOP-14", "name": "Laptop, 14 inches", "quantity": 1},
    {"kind": "goods", "sku": "DOCK-USBC", "name": "Docking station", "quantity": 1},
    {"kind": "work", "name": "Setting up", "quantity": 1},
]

# Each listing with what a unit costs, by the quantity from which that holds.
_OFFERED: tuple[tuple[dict[str, Any], dict[int, str]], ...] = (
    (
        {"sku": "CABLE-CAT6-5", "name": "Patch cable, 5 m", "category": "Cables", "backorder_policy": "unlimited"},
        {1: "4.90", 10: "4.20", 100: "3.60"},
    ),
    (
        {"sku": "CABLE-HDMI-3", "name": "HDMI cable, 3 m", "category": "Cables", "backorder_policy": "unlimited"},
        {1: "9.50", 20: "7.90"},
    ),
    (
        {
            "sku": "LAPTOP-14",
            "name": "Laptop, 14 inches",
            "category": "Computers",
            "lead_days": 14,
            "backorder_policy": "limited",
            "backorder_cap": 40,
            "description": "16 GB of memory, 512 GB of storage; the usual one for an office workplace.",
        },
        {1: "1190.00", 10: "1120.00"},
    ),
    ({"sku": "DOCK-USBC", "name": "Docking station", "category": "Computers"}, {1: "169.00", 10: "155.00"}),
    ({"sku": "MONITOR-27", "name": "Monitor, 27 inches", "category": "Computers"}, {1: "289.00", 5: "269.00"}),
    ({"sku": "PHONE-DESK", "name": "Desk telephone", "category": "Telephony"}, {1: "119.00", 25: "99.00"}),
    (
        {
            "sku": "HEADSET-BT",
            "name": "Wireless headset",
            "category": "Telephony",
            "preorderable": True,
            "available_from": "2031-03-01",
            "preorder_from": "2026-01-01",
            "description": "The next model; orders are taken before it arrives.",
        },
        {1: "149.00"},
    ),
    (
        {
            "sku": "WIFI-AP",
            "name": "Wireless access point",
            "category": "Network",
            "lead_days": 10,
            "backorder_policy": "limited",
            "backorder_cap": 100,
        },
        {1: "219.00", 10: "198.00"},
    ),
    ({"sku": "SWITCH-24", "name": "Switch, 24 ports", "category": "Network"}, {1: "389.00"}),
    (
        {
            "sku": "SVC-PHONE",
            "name": "Desk telephone, installed",
            "kind": "service",
            "unit": "seat",
            "category": "Services",
            "components": _TELEPHONE,
            "return_days": None,
        },
        {1: "165.00", 10: "149.00"},
    ),
    (
        {
            "sku": "SVC-WORKPLACE",
            "name": "Workplace, ready to use",
            "kind": "service",
            "unit": "seat",
            "category": "Services",
            "components": _WORKPLACE,
            "return_days": None,
        },
        {1: "1420.00"},
    ),
    (
        {
            "sku": "SVC-SUPPORT-H",
            "name": "Technician on site",
            "kind": "service",
            "unit": "hour",
            "category": "Services",
            "return_days": None,
            "components": [{"kind": "work", "name": "Hour of a technician", "quantity": 1}],
        },
        {1: "95.00", 8: "88.00"},
    ),
)
