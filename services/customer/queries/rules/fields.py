"""The fields that rules may speak of in this installation, with its tags, groups, places and segments by name."""

from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import Session

from customer.domain import rule_fields
from customer.domain.rule_fields import Offered
from customer.tables.customers import customer_groups
from customer.tables.location_groups import location_groups
from customer.tables.rules import segments, tags
from customer_rules import Fields


def offered(session: Session) -> Fields:
    """What a rule that somebody writes now may speak of."""
    return rule_fields.fields(
        Offered(
            tags=_names(session, tags, tags.c.merged_into.is_(None)),
            groups=_names(session, customer_groups),
            segments=_names(session, segments, segments.c.deleted_at.is_(None)),
            location_groups=_names(session, location_groups),
        )
    )


def stored(session: Session) -> Fields:
    """What rules that were accepted earlier may speak of: ids are taken as they are, also of what has gone since."""
    return rule_fields.fields(Offered(segments=_names(session, segments)))


def _names(session: Session, table: Table, where: ColumnElement[Any] | None = None) -> dict[str, str]:
    statement = select(table.c.id, table.c.name).order_by(table.c.name)
    rows = session.execute(statement if where is None else statement.where(where))
    return {row.id: row.name for row in rows}
