"""Privacy requests, legal holds, and everything that this service knows of a person."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.domain.personal import PERSONAL
from customer.errors.privacy import LegalHoldNotFound, PrivacyRequestNotFound
from customer.queries.customers import customer_exists
from customer.tables.metadata import metadata
from customer.tables.privacy import legal_holds, privacy_requests

# Of a person's events the newest so many are given out.
MOST_EVENTS = 10_000


def request_page(session: Session, filters: Mapping[str, Any], limit: int, cursor: str | None, scope: str) -> Page:
    """Privacy requests, the newest first. Filters: `customer_id`, `subject_id`, `kind`, `state`."""
    statement = select(privacy_requests)
    for name in ("customer_id", "subject_id", "kind", "state"):
        if filters.get(name):
            statement = statement.where(privacy_requests.c[name] == filters[name])
    keys = [Key(privacy_requests.c.created_at, "desc"), Key(privacy_requests.c.id, "desc")]
    rows = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page(rows.rows, rows.next_cursor)


def request(session: Session, request_id: str) -> Mapping[str, Any]:
    """One request with its receipt; raises PrivacyRequestNotFound."""
    row = session.execute(select(privacy_requests).where(privacy_requests.c.id == request_id)).mappings().one_or_none()
    if row is None:
        raise PrivacyRequestNotFound("There is no such privacy request.")
    return _plain(row)


def export(session: Session, request_id: str) -> dict[str, Any]:
    """Everything of the subject of an export: `{request, records: {table: rows}, events}`, as it is at this moment.
    Raises PrivacyRequestNotFound, also where the request is no export."""
    asked = request(session, request_id)
    if asked["kind"] != "export":
        raise PrivacyRequestNotFound("This request asks to erase; only an export has something to give out.")
    of_contact = asked["subject_type"] == "contact"
    records: dict[str, list[dict[str, Any]]] = {}
    for name, personal in PERSONAL.items():
        columns = (personal.contact,) if of_contact else personal.customers
        named = [metadata.tables[name].c[column] == asked["subject_id"] for column in columns if column is not None]
        if named:
            rows = session.execute(select(metadata.tables[name]).where(or_(*named))).mappings()
            records[name] = [_plain(row) for row in rows]
    ids = sorted({asked["subject_id"], *(row["id"] for rows in records.values() for row in rows if "id" in row)})
    names = {"key": asked["customer_id"], "ids": ids, "all": not of_contact, "most": MOST_EVENTS}
    events = [orjson.loads(body) for body in session.scalars(_EVENTS, names)]
    return {"request": asked, "records": records, "events": events}


def hold_page(session: Session, customer_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """The legal holds of a customer, the oldest first."""
    customer_exists(session, customer_id)
    statement = select(legal_holds).where(legal_holds.c.customer_id == customer_id)
    rows = keyset(session, statement, [Key(legal_holds.c.id)], cursor=cursor, limit=limit, scope=scope)
    return Page(rows.rows, rows.next_cursor)


def hold(session: Session, customer_id: str, hold_id: str) -> Mapping[str, Any]:
    """One legal hold; raises LegalHoldNotFound."""
    statement = select(legal_holds).where(legal_holds.c.customer_id == customer_id, legal_holds.c.id == hold_id)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise LegalHoldNotFound("This customer has no such legal hold.")
    return _plain(row)


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    # SQLAlchemy's names are texts of a class of their own, which JSON does not take.
    return {str(name): value for name, value in row.items()}


_EVENTS = text(
    """
    SELECT body FROM (
        SELECT seq, body FROM outbox WHERE partition_key = :key AND (:all OR subject = ANY (:ids))
        ORDER BY seq + 0 DESC LIMIT :most -- so that only the index by key can serve
    ) AS newest ORDER BY seq
    """
)
