"""Three custom fields, and their values at some customers."""

from functools import partial
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.context import Context
from common.db import Database
from customer.domain.numbers import Numbering
from customer.use_cases.custom_fields import create_custom_field
from customer.use_cases.customers import change_customer

_FIELDS: Final[tuple[dict[str, Any], ...]] = (
    {
        "key": "service_tier",
        "label": "Service tier",
        "type": "select",
        "section": "Service",
        "order": 10,
        "facet": True,
        "portal": "view",
        "options": [
            {"id": "gold", "label": "Gold", "colour": "#b8860b"},
            {"id": "silver", "label": "Silver", "colour": "#708090"},
            {"id": "basic", "label": "Basic"},
        ],
    },
    {
        "key": "delivery_route",
        "label": "Delivery route",
        "help": "As on the drivers' plan: a direction and the stop's number",
        "type": "text",
        "section": "Delivery",
        "order": 20,
        "pattern": r"(?:North|East|South|West) \d{1,3}",
        "pattern_message": "Write a direction and a number, as in North 4.",
    },
    {
        "key": "framework_until",
        "label": "Framework agreement until",
        "type": "date",
        "section": "Service",
        "order": 30,
        "condition": {"kinds": ["business"]},
    },
)
# number, service tier, delivery route, framework agreement until
_VALUES = """
20100|gold|North 4|2028-12-31
20110|silver|South 12|2027-06-30
20120|gold|East 1|2029-03-31
20130|basic||
20140|silver|North 9|2027-12-31
20155|basic|North 11|
20164|gold|West 3|2028-05-31
30002|basic|South 2|
"""


def seed_custom_fields(database: Database, numbering: Numbering, context: Context) -> None:
    """Defines the fields, found by their keys, and fills them where they are empty."""
    database.run(_define, context=context)
    for line in _VALUES.strip().splitlines():
        database.run(partial(_fill, numbering=numbering, cells=line.split("|")), context=context)


def _define(session: Session) -> None:
    there = set(session.execute(text("SELECT key FROM custom_fields WHERE applies_to = 'customer'")).scalars())
    for field in _FIELDS:
        if field["key"] not in there:
            create_custom_field(session, {"applies_to": "customer"} | field)


def _fill(session: Session, numbering: Numbering, cells: list[str]) -> None:
    number, *values = cells
    customer_id = session.execute(_EMPTY, {"number": number}).scalar()
    if customer_id is None:
        return
    given = {field["key"]: value for field, value in zip(_FIELDS, values, strict=True) if value}
    change_customer(session, customer_id, None, {"custom_fields": given}, numbering)


_EMPTY = text(
    "SELECT CAST(id AS text) FROM customers WHERE number = :number AND custom_fields = '{}' AND status = 'active'"
)
