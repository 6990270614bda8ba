"""The fields that rules may speak of in this installation, with its tags, groups, places and segments by name."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import Session

from customer.domain import rule_fields
from customer.domain.rule_fields import CustomField, Offered
from customer.queries.custom_fields import fields_of
from customer.tables.customers import customer_groups
from customer.tables.location_groups import location_groups
from customer.tables.rules import segments, tags
from customer.tables.systems import system_types
from customer_rules import Fields


def offered(session: Session) -> Fields:
    """What a rule that somebody writes now may speak of."""
    return rule_fields.fields(
        Offered(
            tags=_names(session, tags, tags.c.merged_into.is_(None)),
            groups=_names(session, customer_groups),
            segments=_names(session, segments, segments.c.deleted_at.is_(None)),
            location_groups=_names(session, location_groups),
            system_types=_names(session, system_types, system_types.c.archived_at.is_(None)),
            custom_fields=_custom(session, "customer"),
            contact_fields=_custom(session, "contact"),
        )
    )


def stored(session: Session) -> Fields:
    """What rules that were accepted earlier may speak of: ids are taken as they are, also of what has gone since."""
    return rule_fields.fields(
        Offered(
            segments=_names(session, segments),
            custom_fields=_custom(session, "customer", archived=True),
            contact_fields=_custom(session, "contact", archived=True),
        )
    )


def _custom(session: Session, applies_to: str, *, archived: bool = False) -> list[CustomField]:
    """The custom fields of customers or contacts. Of stored rules the options are taken as they are."""
    return [
        CustomField(key, field["label"], field["type"], None if archived else _options(field))
        for key, field in fields_of(session, applies_to, archived=archived).items()
    ]


def _options(field: Mapping[str, Any]) -> dict[str, str] | None:
    if not field.get("options"):
        return None
    return {option["id"]: option["label"] for option in field["options"] if not option.get("archived")}


def _names(session: Session, table: Table, where: ColumnElement[Any] | None = None) -> dict[str, str]:
    statement = select(table.c.id, table.c.name).order_by(table.c.name)
    rows = session.execute(statement if where is None else statement.where(where))
    return {row.id: row.name for row in rows}
