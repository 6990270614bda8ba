"""What is required of a customer and how far it is met; which documents end soon."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.domain.endings import soon
from customer.domain.files import document_state
from customer.domain.viewers import Viewer
from customer.errors import CustomerNotFound
from customer.errors.files import RequirementNotFound
from customer.queries.files import seen_by_staff
from customer.tables.customers import customer_groups, customers
from customer.tables.files import document_requirements, files

_REQUIREMENTS: Select[Any] = select(document_requirements, customer_groups.c.name.label("group_name")).outerjoin(
    customer_groups, customer_groups.c.id == document_requirements.c.group_id
)


def requirement_page(session: Session, limit: int, cursor: str | None, scope: str) -> Page:
    """All requirements, by type."""
    keys = [Key(document_requirements.c.document_type), Key(document_requirements.c.id)]
    rows = keyset(session, _REQUIREMENTS, keys, cursor=cursor, limit=limit, scope=scope)
    return Page(rows.rows, rows.next_cursor)


def requirement(session: Session, requirement_id: str) -> Mapping[str, Any]:
    """One requirement; raises RequirementNotFound."""
    statement = _REQUIREMENTS.where(document_requirements.c.id == requirement_id)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise RequirementNotFound("There is no such requirement.")
    return dict(row)


def completeness(session: Session, customer_id: str, viewer: Viewer, today: date) -> Mapping[str, Any]:
    """`{required, met, items: [{document_type, label, state, file_id, expires_on}]}` of one customer. A requirement
    may be met by a restricted document that the viewer does not see; then it names no file."""
    record = session.execute(select(customers).where(customers.c.id == customer_id)).mappings().one_or_none()
    if record is None:
        raise CustomerNotFound("There is no such customer.")
    required = session.execute(_applying(record)).mappings().all()
    types = {one["document_type"] for one in required}
    found: dict[str, list[Mapping[Any, Any]]] = defaultdict(list)
    statement = select(files).where(
        files.c.customer_id == customer_id, files.c.deleted_at.is_(None), files.c.document_type.in_(types)
    )
    for row in session.execute(statement.order_by(files.c.expires_on.desc().nulls_first())).mappings():
        found[row["document_type"]].append(row)
    items = [_item(one, found[one["document_type"]], viewer, today) for one in required]
    return {"required": len(items), "met": sum(item["state"] == "met" for item in items), "items": items}


def expiring_page(
    session: Session, viewer: Viewer, within: int, today: date, limit: int, cursor: str | None, scope: str
) -> Page:
    """The documents of all customers that end within so many days, or have ended: the earliest first."""
    statement = (
        select(files, customers.c.number.label("customer_number"), customers.c.name.label("customer_name"))
        .join(customers, customers.c.id == files.c.customer_id)
        .where(
            files.c.expires_on <= soon(today, within),
            files.c.deleted_at.is_(None),
            customers.c.status == "active",
            seen_by_staff(viewer),
        )
    )
    rows = keyset(
        session, statement, [Key(files.c.expires_on), Key(files.c.id)], cursor=cursor, limit=limit, scope=scope
    )
    return Page([dict(row) | {"days_left": (row["expires_on"] - today).days} for row in rows.rows], rows.next_cursor)


def _applying(record: Mapping[Any, Any]) -> Select[Any]:
    of = document_requirements.c
    return (
        select(document_requirements)
        .where(
            or_(of.kind.is_(None), of.kind == record["kind"]),
            or_(of.group_id.is_(None), of.group_id == record["group_id"]),
        )
        .order_by(of.document_type, of.id)
    )


def _item(
    required: Mapping[Any, Any], documents: list[Mapping[Any, Any]], viewer: Viewer, today: date
) -> Mapping[str, Any]:
    state = document_state(required, documents, today)
    best = next((one for one in documents if document_state(required, [one], today) == state), None)
    if best is not None and best["audience"] == "restricted" and not viewer.restricted:
        best = None
    return {
        "document_type": required["document_type"],
        "label": required["label"],
        "signed": required["signed"],
        "state": state,
        "file_id": best and best["id"],
        "expires_on": best and best["expires_on"],
    }
