"""A small believable data set; repeating it adds nothing."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.context import context_for
from common.db import Database
from warehouse.tables.stock import warehouses
from warehouse.use_cases.stock import receive
from warehouse.use_cases.warehouses import create_warehouse

# Article, quantity, what one cost. Where nothing of this name is offered, the goods simply lie there.
OPENING = (
    ("TEA-10", 400, "9.50"),
    ("COFFEE-1KG", 250, "7.20"),
    ("MUG-WHITE", 120, "2.10"),
    ("PRINTER-A4", 12, "148.00"),
    ("TONER-A4", 60, "31.50"),
)


def seed(database: Database) -> None:
    """Makes the provider's first warehouse with opening stock, where there is none yet."""
    database.run(_first_warehouse, context=context_for("system:seed", "First set-up"))


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
