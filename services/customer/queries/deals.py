"""Deals of one customer and of all, and the stages that they go through."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.domain.deals import value_of
from customer.errors.deals import DealNotFound, DealStageNotFound
from customer.queries.customers import customer_exists
from customer.tables.customers import customers
from customer.tables.deals import deal_stages, deals

_SHOWN = (
    select(
        deals,
        deal_stages.c.label.label("stage_label"),
        customers.c.number.label("customer_number"),
        customers.c.name.label("customer_name"),
    )
    .join(deal_stages, deal_stages.c.code == deals.c.stage)
    .join(customers, customers.c.id == deals.c.customer_id)
)
_FILTERS = {"status": deals.c.status, "stage": deals.c.stage, "owner_id": deals.c.owner_id}


def deal_page(
    session: Session, customer_id: str, filters: Mapping[str, Any], limit: int, cursor: str | None, scope: str
) -> Page:
    """The deals of a customer, newest first."""
    customer_exists(session, customer_id)
    return _page(session, _SHOWN.where(deals.c.customer_id == customer_id), filters, limit, cursor, scope)


def all_deals(session: Session, filters: Mapping[str, Any], limit: int, cursor: str | None, scope: str) -> Page:
    """The deals of all active customers, newest first."""
    return _page(session, _SHOWN.where(customers.c.status == "active"), filters, limit, cursor, scope)


def deal(session: Session, customer_id: str, deal_id: str) -> Mapping[str, Any]:
    """One deal; raises DealNotFound."""
    statement = _SHOWN.where(deals.c.customer_id == customer_id, deals.c.id == deal_id)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise DealNotFound("This customer has no such deal.")
    return _deal(row)


def deal_stage_page(session: Session, limit: int, cursor: str | None, scope: str) -> Page:
    """All stages, in their order."""
    keys = [Key(deal_stages.c.position), Key(deal_stages.c.code)]
    rows = keyset(session, select(deal_stages), keys, cursor=cursor, limit=limit, scope=scope)
    return Page(rows.rows, rows.next_cursor)


def deal_stage(session: Session, stage_id: str) -> Mapping[str, Any]:
    """One stage; raises DealStageNotFound."""
    row = session.execute(select(deal_stages).where(deal_stages.c.id == stage_id)).mappings().one_or_none()
    if row is None:
        raise DealStageNotFound("There is no such stage.")
    return dict(row)


def _page(
    session: Session,
    statement: Select[Any],
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
    scope: str,
) -> Page:
    for name, column in _FILTERS.items():
        if name in filters:
            statement = statement.where(column == filters[name])
    rows = keyset(session, statement, [Key(deals.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([_deal(row) for row in rows.rows], rows.next_cursor)


def _deal(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    return dict(row) | {
        "value": value_of(row),
        "stage": {"code": row["stage"], "label": row["stage_label"]},
        "customer": {"id": row["customer_id"], "number": row["customer_number"], "name": row["customer_name"]},
        "owner": {"id": row["owner_id"], "label": row["owner_label"]} if row["owner_id"] else None,
    }
