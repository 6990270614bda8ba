"""A small believable data set; repeating it adds nothing."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.context import context_for
from common.db import Database
from ordering.tables.listings import listings
from ordering.use_cases.listings import create_listings
from ordering.use_cases.prices import create_price_list, set_prices


def seed(database: Database) -> None:
    """Writes a dozen listings with a standard price list, where there is no listing yet."""
    database.run(_offer, context=context_for("system:seed", "First set-up"))


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
