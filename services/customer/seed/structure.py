"""Links between customers, deals of leads, prospects and customers, role defaults, tax ids and certificates."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.context import Context
from common.db import Database
from customer.domain.numbers import Numbering
from customer.use_cases import store
from customer.use_cases.contacts import change_contact
from customer.use_cases.customers import create_customer
from customer.use_cases.deals import add_deal
from customer.use_cases.exemptions import add_exemption
from customer.use_cases.links import add_link
from customer.use_cases.tax_ids import add_tax_id, record_check

# number, name, how far it has come, city, country
_NEWCOMERS = (
    ("20170", "Aurora Wellness Spa", "lead", "Tampere", "FI"),
    ("20171", "Bellweather Museums", "lead", "Bristol", "GB"),
    ("20172", "Cascade Outdoor Schools", "prospect", "Boulder", "US"),
)
# from, type, to, days since it began, note
_LINKS = (
    ("20120", "franchise", "20164", 900, "Brews the house ale"),
    ("20110", "supply", "20100", 1500, None),
    ("20150", "partner", "20120", 400, "Exchange of guests"),
    ("20160", "property_management", "20154", 700, None),
    ("20153", "employment", "30006", 1200, None),
)
# customer, name, stage, status, amount, currency, closes in days, reason for the loss
_DEALS = (
    ("20172", "Radios for twelve camps", "proposal", "open", "18400", "USD", 45, None),
    ("20171", "Ticketing terminals", "qualification", "open", "52000", "GBP", 90, None),
    ("20100", "Cold rooms for York", "negotiation", "open", "48000", "GBP", 30, None),
    ("20120", "Laundry contract", "negotiation", "won", "96000", "USD", -20, None),
    ("20153", "Paper store", "proposal", "lost", "7300", "EUR", -60, "Bought elsewhere, delivery was sooner"),
)
# customer, country, scheme, value, whether the register said that it is valid
_TAX_IDS = (
    ("20100", "GB", "vat", "GB 917 2640 27", True),
    ("20110", "DE", "vat", "DE 917264000", True),
    ("20120", "US", "ein", "01-5550136", False),
    ("20153", "FR", "vat", "FR 91 917264004", False),
)


def seed_structure(database: Database, numbering: Numbering, context: Context) -> None:
    """Adds what is not there yet: each customer that has any of it is left alone."""
    for newcomer in _NEWCOMERS:
        database.run(partial(_newcomer, numbering=numbering, row=newcomer), context=context)
    for table, row, add in _rows():
        database.run(partial(_once, table=table, row=row, add=add), context=context)
    database.run(_defaults, context=context)


def _rows() -> list[tuple[str, tuple[Any, ...], Callable[..., None]]]:
    return [
        *(("customer_links", row, _link) for row in _LINKS),
        *(("deals", row, _deal) for row in _DEALS),
        *(("tax_ids", row, _tax_id) for row in _TAX_IDS),
        ("exemptions", ("20120",), _certificate),
    ]


def _newcomer(session: Session, numbering: Numbering, row: tuple[str, ...]) -> None:
    number, name, lifecycle, city, country = row
    if _id_of(session, number) is None:
        address = {"line1": "Main Street 1", "city": city, "country": country}
        body = {"number": number, "name": name, "lifecycle": lifecycle, "addresses": [address]}
        create_customer(session, body, numbering)


def _once(session: Session, table: str, row: tuple[Any, ...], add: Callable[..., None]) -> None:
    column = "from_id" if table == "customer_links" else "customer_id"
    customer_id = _id_of(session, row[0])
    there = text(f"SELECT 1 FROM {table} WHERE {column} = CAST(:id AS uuid)")  # noqa: S608  # our own names
    if customer_id and not session.execute(there, {"id": customer_id}).first():
        add(session, customer_id, row)


def _link(session: Session, customer_id: str, row: tuple[Any, ...]) -> None:
    _, code, other, days, note = row
    began = store.moment(session).date() - timedelta(days=days)
    # A symmetric link stands under the smaller id, so that it is looked for from both sides.
    if not session.execute(_LINKED, {"id": customer_id, "other": _id_of(session, other)}).first():
        body = {"type": code, "customer_number": other, "valid_from": began, "note": note}
        add_link(session, customer_id, body)


def _deal(session: Session, customer_id: str, row: tuple[Any, ...]) -> None:
    _, name, stage, status, amount, currency, days, reason = row
    body = {"name": name, "stage": stage, "status": status, "value": {"amount": amount, "currency": currency}}
    body["expected_close_on"] = store.moment(session).date() + timedelta(days=days)
    add_deal(session, customer_id, body | ({"lost_reason": reason} if reason else {}))


def _tax_id(session: Session, customer_id: str, row: tuple[Any, ...]) -> None:
    _, country, scheme, value, valid = row
    made = add_tax_id(session, customer_id, {"country": country, "scheme": scheme, "value": value})
    if valid:
        record_check(session, customer_id, made["id"], {"state": "valid", "evidence": "Asked when the data was made"})


def _certificate(session: Session, customer_id: str, _row: tuple[Any, ...]) -> None:
    today = store.moment(session).date()
    body = {
        "kind": "resale",
        "reason": "Goods for resale",
        "number": "ME-7730112",
        "jurisdictions": ["US-ME", "US-MA"],
        "valid_from": today - timedelta(days=300),
        "valid_to": today + timedelta(days=50),
        "verified": True,
    }
    add_exemption(session, customer_id, body)


def _defaults(session: Session) -> None:
    for row in session.execute(_WITHOUT_DEFAULT).mappings().all():
        body = {"roles": [*row["roles"], "billing"], "default_for": ["billing"]}
        change_contact(session, row["customer_id"], row["id"], row["version"], body)


def _id_of(session: Session, number: str) -> str | None:
    return session.execute(_BY_NUMBER, {"number": number}).scalar()


_BY_NUMBER = text("SELECT CAST(id AS text) FROM customers WHERE number = :number")
_LINKED = text(
    "SELECT 1 FROM customer_links"
    " WHERE CAST(:id AS uuid) IN (from_id, to_id) AND CAST(:other AS uuid) IN (from_id, to_id)"
)
# The primary contacts of some head offices take the bills too.
_WITHOUT_DEFAULT = text(
    """
    SELECT CAST(c.id AS text) AS id, CAST(c.customer_id AS text) AS customer_id, c.roles, c.version
    FROM contacts c JOIN customers k ON k.primary_contact_id = c.id
    WHERE k.number IN ('20100', '20110', '20120') AND c.default_for = '{}' AND c.version = 1
      AND NOT 'billing' = ANY (c.roles)
    ORDER BY k.number
    """
)
