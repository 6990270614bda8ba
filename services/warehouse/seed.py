"""A small believable data set; repeating it adds nothing."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.context import context_for
from common.db import Database
from customer_replica import replica_customers
from warehouse.tables.assets import assets
from warehouse.tables.stock import warehouses
from warehouse.use_cases.assets import store
from warehouse.use_cases.assets.keeping import new_record
from warehouse.use_cases.stock import receive
from warehouse.use_cases.supplies import expect
from warehouse.use_cases.warehouses import create_warehouse

# Of what ordering's first listings offer: article, quantity, what one cost.
OPENING = (
    ("CABLE-CAT6-5", 1_200, "1.90"),
    ("CABLE-HDMI-3", 300, "3.40"),
    ("LAPTOP-14", 25, "905.00"),
    ("DOCK-USBC", 60, "112.00"),
    ("MONITOR-27", 80, "205.00"),
    ("PHONE-DESK", 150, "71.00"),
    ("WIFI-AP", 40, "148.00"),
    ("SWITCH-24", 16, "266.00"),
)
# What can be ordered ahead is on its way, before the day from which it is offered.
COMING = {"sku": "HEADSET-BT", "quantity": 60, "preorder_quantity": 60, "expected_on": date(2031, 2, 20)}

# What the first customer has: name, article, serial number, whose it is, where it is.
ASSETS = (
    ("Laptop, 14 inches", "LAPTOP-14", "MRD14-20417", "Front office", None),
    ("Laptop, 14 inches", "LAPTOP-14", "MRD14-20418", None, "IT cupboard"),
    ("Laptop, 14 inches", "LAPTOP-14", "MRD14-20533", None, "IT cupboard"),
    ("Docking station", "DOCK-USBC", "DS-88120", "Front office", None),
    ("Label printer", None, "LP-3307-A", "Dispatch", "Loading bay 2"),
    ("Projector", None, None, None, "Meeting room 1"),
)


def seed(database: Database) -> None:
    """Makes the provider's first warehouse with opening stock and a supply on its way, where there is none yet; and,
    once customers have arrived and where there is no asset yet, what the first of them has."""
    context = context_for("system:seed", "First set-up")
    database.run(_first_warehouse, context=context)
    database.run(_first_assets, context=context)


def _first_warehouse(session: Session) -> None:
    if session.execute(select(func.count()).select_from(warehouses)).scalar_one():
        return
    address = {"street": "Harbour Road 4", "postal_code": "SE1 9GF", "city": "London", "country": "GB"}
    create_warehouse(session, {"code": "MAIN", "name": "Main warehouse", "address": address})
    lines = [
        {"sku": sku, "quantity": quantity, "unit_cost": {"amount": cost, "currency": "EUR"}}
        for sku, quantity, cost in OPENING
    ]
    receive(session, {"warehouse": "MAIN", "lines": lines, "reference": "Opening stock"})
    expect(session, COMING | {"warehouse": "MAIN", "reference": "First delivery"})


def _first_assets(session: Session) -> None:
    known = replica_customers.c
    first = select(known.id).where(known.status == "active", ~known.gone).order_by(known.id).limit(1)
    customer_id = session.execute(first).scalar_one_or_none()
    if customer_id is None or session.execute(select(func.count()).select_from(assets)).scalar_one():
        return
    tags = store.tags(session, customer_id, len(ASSETS))
    records = []
    for tag, (name, sku, serial, custodian, location) in zip(tags, ASSETS, strict=True):
        given = {"tag": tag, "name": name, "sku": sku, "serial": serial}
        records.append(new_record(session, customer_id, given | {"custodian_label": custodian, "location": location}))
    store.insert(session, records)
