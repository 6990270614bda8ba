"""A few notes, one of them urgent, and two follow-ups."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.context import Context
from common.db import Database
from customer.domain.viewers import Viewer
from customer.use_cases import store
from customer.use_cases.notes import add_note

WRITER = Viewer(
    account_id="0195556a-0000-7000-8000-00000000005e",
    actor="system:seed",
    label="First data",
    portal=False,
    restricted=True,
    documents=True,
)

# number of the customer, what is written, days until it is due
_NOTES: tuple[tuple[str, Mapping[str, Any], int | None], ...] = (
    (
        "20100",
        {
            "body": "The loading bay's gate is broken: drivers ring +44 113 496 0112 before they turn into Tanner Row.",
            "urgency": {"reason": "Two lorries were turned away this week"},
        },
        None,
    ),
    ("20100", {"kind": "meeting", "body": "Yearly talk in March: they want one order day for all branches."}, None),
    ("20103", {"kind": "call", "body": "Cold store asks for deliveries before seven in summer."}, None),
    ("20110", {"body": "Prefers to be written to in German.", "visibility": "portal"}, None),
    ("20120", {"kind": "follow_up", "body": "Ask whether Burlington opens its second floor."}, 12),
    ("20150", {"kind": "follow_up", "body": "Send the new list of prices after the holidays."}, 30),
)


def seed_notes(database: Database, context: Context) -> None:
    """Adds what the customer has no note of yet, found by its text."""
    for number, body, due in _NOTES:
        database.run(partial(_note, number=number, body=body, due=due), context=context)


def _note(session: Session, number: str, body: Mapping[str, Any], due: int | None) -> None:
    customer_id = session.execute(_WITHOUT, {"number": number, "body": body["body"]}).scalar()
    if customer_id is None:
        return
    if due is not None:
        body = {**body, "due_on": store.today(session) + timedelta(days=due)}
    add_note(session, customer_id, body, WRITER)


_WITHOUT = text(
    """
    SELECT CAST(c.id AS text) FROM customers c
    WHERE c.number = :number AND NOT EXISTS (SELECT 1 FROM notes n WHERE n.customer_id = c.id AND n.body = :body)
    """
)
