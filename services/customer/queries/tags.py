"""Tags with how many customers carry them, and the tags of a customer."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import cast, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.errors import CustomerNotFound
from customer.errors.rules import TagNotFound
from customer.tables.customers import customers
from customer.tables.metadata import ID
from customer.tables.rules import tags

_CARRIERS = (
    select(func.count())
    .select_from(customers)
    .where(
        # Named again because the index holds only those who carry any.
        customers.c.tag_ids != literal_column("'{}'"),
        customers.c.tag_ids.op("@>")(cast(array([tags.c.id]), ARRAY(ID))),
    )
    .correlate(tags)
    .scalar_subquery()
)
_SHOWN = select(tags, _CARRIERS.label("customers")).where(tags.c.merged_into.is_(None))


def tag_page(session: Session, limit: int, cursor: str | None, scope: str) -> Page:
    """All tags, by name."""
    rows = keyset(session, _SHOWN, [Key(tags.c.name), Key(tags.c.id)], cursor=cursor, limit=limit, scope=scope)
    return Page(rows.rows, rows.next_cursor)


def tag(session: Session, tag_id: str) -> Mapping[str, Any]:
    """One tag; raises TagNotFound, with the tag that it was merged into."""
    row = session.execute(_SHOWN.where(tags.c.id == tag_id)).mappings().one_or_none()
    if row is not None:
        return dict(row)
    into = session.execute(select(tags.c.merged_into).where(tags.c.id == tag_id)).scalar()
    raise TagNotFound("There is no such tag.", facts={"merged_into": into} if into else None)


def tags_of(session: Session, customer_id: str) -> Mapping[str, Any]:
    """The tags of a customer by name, and the customer's version; raises CustomerNotFound."""
    version = session.execute(select(customers.c.version).where(customers.c.id == customer_id)).scalar()
    if version is None:
        raise CustomerNotFound("There is no such customer.")
    rows = session.execute(_OF, {"id": customer_id}).mappings().all()
    return {"items": rows, "version": version}


_OF = text(
    """
    SELECT CAST(t.id AS text) AS id, t.name, t.colour, t.archived
    FROM customers c JOIN tags t ON t.id = ANY (c.tag_ids)
    WHERE c.id = CAST(:id AS uuid) ORDER BY t.name, t.id
    """
)
