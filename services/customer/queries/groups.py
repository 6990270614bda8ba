"""Customer groups with how many customers they have."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.errors import GroupNotFound
from customer.tables.customers import customer_groups, customers

_MEMBERS = (
    select(func.count())
    .select_from(customers)
    .where(customers.c.group_id == customer_groups.c.id)
    .correlate(customer_groups)
    .scalar_subquery()
)
_SHOWN = select(customer_groups, _MEMBERS.label("members"))


def group_page(session: Session, limit: int, cursor: str | None, scope: str) -> Page:
    """All groups, by name."""
    keys = [Key(customer_groups.c.name), Key(customer_groups.c.id)]
    rows = keyset(session, _SHOWN, keys, cursor=cursor, limit=limit, scope=scope)
    return Page(rows.rows, rows.next_cursor)


def group(session: Session, group_id: str) -> Mapping[str, Any]:
    """One group; raises GroupNotFound."""
    row = session.execute(_SHOWN.where(customer_groups.c.id == group_id)).mappings().one_or_none()
    if row is None:
        raise GroupNotFound("There is no such customer group.")
    return dict(row)
