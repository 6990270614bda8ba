"""First tags on customers, segments with their rules, and what groups decide."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.context import Context
from common.db import Database
from customer.use_cases.segments.definitions import create_segment
from customer.use_cases.settings import change_group_settings, register_own
from customer.use_cases.tags import add_tag, create_tag

# name, colour, what it means, the numbers of those who carry it
_TAGS: Final = (
    ("Key account", "#1f6feb", "Looked after by a named person", ("20100", "20110", "20120", "20140")),
    ("Seasonal", "#b7791f", "Orders in part of the year only", ("20123", "20158", "20164", "20167")),
    ("Payment watch", "#c0392b", "Agree terms with finance before a large order", ("20152", "20159")),
)
_SEGMENTS: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "name": "Key accounts abroad",
        "description": "Key accounts whose place is outside of the United Kingdom",
        "text": 'tag:"Key account" -country:GB',
    },
    {
        "name": "New without a buyer",
        "description": "Businesses of the last 90 days that name nobody who buys",
        "rule": {
            "all": [
                {"field": "kind", "op": "eq", "value": "business"},
                {"field": "created_at", "op": "within_last", "value": {"n": 90, "unit": "day"}},
                {"field": "contact.role", "op": "any_of", "value": ["buyer"], "quantifier": "none"},
            ]
        },
    },
)
_SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Wholesale": {"payment_terms_days": 60, "price_list": "wholesale"},
    "Public sector": {"delivery_preference": "e_invoice", "reminders": False},
    "Households": {"payment_method": "direct_debit", "payment_terms_days": 0},
}


def seed_rules(database: Database, context: Context) -> None:
    """Adds what is not there yet, found by name."""
    database.run(register_own, context=context)
    database.run(_tags, context=context)
    database.run(_segments, context=context)
    database.run(_settings, context=context)


def _tags(session: Session) -> None:
    there = set(session.execute(text("SELECT name FROM tags")).scalars())
    for name, colour, description, numbers in _TAGS:
        if name in there:
            continue
        tag = create_tag(session, {"name": name, "colour": colour, "description": description})
        found = text("SELECT CAST(id AS text) FROM customers WHERE number = ANY (:numbers) ORDER BY number")
        for customer_id in session.execute(found, {"numbers": list(numbers)}).scalars().all():
            add_tag(session, customer_id, tag["id"])


def _segments(session: Session) -> None:
    there = set(session.execute(text("SELECT name FROM segments")).scalars())
    for body in _SEGMENTS:
        if body["name"] not in there:
            create_segment(session, body)


def _settings(session: Session) -> None:
    undecided = text(
        "SELECT CAST(g.id AS text) AS id, g.name FROM customer_groups g"
        " WHERE NOT EXISTS (SELECT 1 FROM setting_scopes s WHERE s.group_id = g.id)"
    )
    for row in session.execute(undecided).all():
        if row.name in _SETTINGS:
            change_group_settings(session, row.id, 0, {"values": _SETTINGS[row.name]})
