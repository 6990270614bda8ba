"""Location groups, a dozen properties, who has them, and a move that is planned."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.context import Context
from common.db import Database
from customer.domain.numbers import Numbering
from customer.use_cases import store
from customer.use_cases.assignments import assign
from customer.use_cases.location_groups import create_location_group
from customer.use_cases.moves import move
from customer.use_cases.properties import create_property

# name, the group above it
_LOCATIONS = (
    ("British Isles", None),
    ("Yorkshire", "British Isles"),
    ("Leeds", "Yorkshire"),
    ("York", "Yorkshire"),
    ("Severn Valley", "British Isles"),
    ("New England", None),
    ("Maine Coast", "New England"),
    ("Rhine-Neckar", None),
)

# number, name, kind, location group, street, city, region, postal code, country
_PROPERTIES = """
P20001|Tanner Row 14|office|Leeds|14 Tanner Row|Leeds||LS1 4AP|GB
P20002|Foss Islands, unit 9|warehouse|York|Unit 9, Foss Islands|York||YO31 7UL|GB
P20003|Foss Islands, unit 11|warehouse|York|Unit 11, Foss Islands|York||YO31 7UL|GB
P20004|Micklegate 27|shop|York|27 Micklegate|York||YO1 6JH|GB
P20005|Station Parade 3|shop|Yorkshire|3 Station Parade|Harrogate||HG1 1TT|GB
P20006|Old Dairy Yard|building|Severn Valley|Old Dairy Yard|Shrewsbury||SY1 2HJ|GB
P20007|Corve Street 6|shop|Severn Valley|6 Corve Street|Ludlow||SY8 1DA|GB
P20008|The Cardinal|building|Maine Coast|200 Harbor Walk|Portland|ME|04101|US
P20009|Cardinal laundry|plant|Maine Coast|31 Mill Road|Westbrook|ME|04092|US
P20010|Wharf Street 55|building|New England|55 Wharf Street|Boston|MA|02110|US
P20011|Hafenstraße 41|warehouse|Rhine-Neckar|Hafenstraße 41|Mannheim||68159|DE
P20012|Rheinwiese|land||Rheinwiese 1|Worms||67547|DE
"""

# property, customer, role, days since it began
_ASSIGNMENTS = (
    ("P20001", "20100", "occupant", 1400),
    ("P20001", "20160", "owner", 2600),
    ("P20002", "20103", "occupant", 800),
    ("P20002", "20100", "payer", 800),
    ("P20004", "20102", "occupant", 1100),
    ("P20005", "20101", "occupant", 950),
    ("P20006", "20160", "occupant", 2100),
    ("P20007", "20161", "occupant", 640),
    ("P20008", "20120", "owner", 3000),
    ("P20008", "20120", "occupant", 3000),
    ("P20009", "20123", "occupant", 500),
    ("P20011", "20110", "occupant", 1750),
    ("P20011", "30002", "manager", 320),
)

# Who will take whose place, and in how many days.
_MOVE = ("P20004", "20155", 30)


def seed_places(database: Database, context: Context) -> None:
    """Adds what is not there yet, found by name and number; a property that is there keeps whoever has it."""
    for name, above in _LOCATIONS:
        database.run(partial(_location, name=name, above=above), context=context)
    for line in _PROPERTIES.strip().splitlines():
        row = [cell or None for cell in line.split("|")]
        database.run(partial(_property, row=row), context=context)


def _location(session: Session, name: str, above: str | None) -> None:
    if _id(session, "location_groups", "name", name) is None:
        parent_id = _id(session, "location_groups", "name", above)
        create_location_group(session, {"name": name, "parent_id": parent_id})


def _property(session: Session, row: Sequence[str | None]) -> None:
    number, name, kind, location, street, city, region, postal_code, country = row
    if _id(session, "properties", "number", number) is not None:
        return
    body = {
        "number": number,
        "name": name,
        "kind": kind,
        "location_group_id": _id(session, "location_groups", "name", location),
        "line1": street,
        "city": city,
        "region": region,
        "postal_code": postal_code,
        "country": country,
    }
    record = create_property(session, body, Numbering())
    today = store.today(session)
    for place, customer, role, days in _ASSIGNMENTS:
        if place == number:
            _assign(session, record["id"], customer, {"role": role, "starts_on": today - timedelta(days=days)})
    if _MOVE[0] == number:
        _plan(session, record["id"], today)


def _assign(session: Session, property_id: str, number: str, body: Mapping[str, object]) -> None:
    customer_id = _id(session, "customers", "number", number)
    if customer_id is not None:
        assign(session, customer_id, {"property_id": property_id, **body})


def _plan(session: Session, property_id: str, today: date) -> None:
    _number, customer, days = _MOVE
    customer_id = _id(session, "customers", "number", customer)
    if customer_id is not None:
        body = {
            "property_id": property_id,
            "customer_id": customer_id,
            "role": "occupant",
            "day": today + timedelta(days=days),
            "services": [{"service": "Fibre 500", "quantity": 1, "note": "before opening time"}],
            "dry_run": False,
        }
        move(session, "in", body)


def _id(session: Session, table: str, column: str, value: str | None) -> str | None:
    found = session.execute(_FIND[table, column], {"value": value}).scalar()
    return None if found is None else str(found)


_FIND = {
    ("location_groups", "name"): text("SELECT id FROM location_groups WHERE name = :value"),
    ("properties", "number"): text("SELECT id FROM properties WHERE number = :value"),
    ("customers", "number"): text("SELECT id FROM customers WHERE number = :value"),
}
