"""Who has a property: its assignments with the names of their customers, read under the property's lock.

The rows are locked, too: a merge takes them to another customer under its customers' locks alone.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from customer.tables.customers import customers
from customer.tables.properties import assignments
from customer.use_cases.store import Record

LIVE = ("planned", "current")


def holders(session: Session, property_id: str, since: date) -> Sequence[Record]:
    """The assignments of a property that reach beyond `since` or are not over yet, the earliest first, each with
    `customer_number`, `customer_name` and `customer_status`."""
    statement = _HOLDERS.where(
        and_(
            assignments.c.property_id == property_id,
            or_(assignments.c.until.is_(None), assignments.c.until > since, assignments.c.state.in_(LIVE)),
        )
    )
    return [{str(name): value for name, value in row.items()} for row in session.execute(statement).mappings()]


_HOLDERS = (
    select(
        assignments,
        customers.c.number.label("customer_number"),
        customers.c.name.label("customer_name"),
        customers.c.status.label("customer_status"),
    )
    .join(customers, customers.c.id == assignments.c.customer_id)
    .order_by(assignments.c.starts_on, assignments.c.id)
    .with_for_update(key_share=True, of=assignments)
)
