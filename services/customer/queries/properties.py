"""Properties as they are shown, with the filters of their list."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.domain.assignments import OCCUPANT
from customer.domain.properties import words
from customer.errors.properties import PropertyNotFound
from customer.queries.custom_fields import with_values
from customer.tables.location_groups import location_groups
from customer.tables.properties import assignments, properties

# A portal user sees no location group: row-level security leaves it out of the join.
SHOWN: Select[Any] = select(
    *(column for column in properties.columns if column.name not in {"words", "location_group_id"}),
    location_groups.c.id.label("location_group_id"),
    location_groups.c.name.label("location_group_name"),
).outerjoin(location_groups, location_groups.c.id == properties.c.location_group_id)


def property_page(session: Session, query: Mapping[str, Any], scope: str) -> Page:
    """Properties by number, of those that every given filter lets through."""
    statement = SHOWN.where(*_filters(query))
    keys = [Key(properties.c.number), Key(properties.c.id)]
    rows = keyset(session, statement, keys, cursor=query.get("cursor"), limit=query["limit"], scope=scope)
    return Page([shown(row) for row in with_values(session, "property", rows.rows)], rows.next_cursor)


def property_(session: Session, property_id: str) -> Mapping[str, Any]:
    """One property; raises PropertyNotFound."""
    row = session.execute(SHOWN.where(properties.c.id == property_id)).mappings().one_or_none()
    if row is None:
        raise PropertyNotFound("There is no such property.")
    return shown(with_values(session, "property", [row])[0])


def property_exists(session: Session, property_id: str) -> None:
    """Raises PropertyNotFound."""
    if session.execute(select(properties.c.id).where(properties.c.id == property_id)).first() is None:
        raise PropertyNotFound("There is no such property.")


def shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row of SHOWN with its location group as one value."""
    group_id, name = row["location_group_id"], row["location_group_name"]
    return dict(row) | {"location_group": {"id": group_id, "name": name} if group_id else None}


def _filters(query: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    wanted = words(query.get("q") or "")
    if wanted:
        # Folded words hold no quotation mark, so that nothing in them is an operator.
        terms = " & ".join(f"'{word}':*" for word in wanted)
        found.append(func.array_to_tsvector(properties.c.words).op("@@")(cast(literal(terms, String), TSQUERY)))
    elif query.get("q"):
        found.append(literal(False))
    found += [properties.c[name] == query[name] for name in ("status", "kind") if query.get(name)]
    if query.get("location_group"):
        found.append(properties.c.location_group_id.in_(_subtree(query["location_group"])))
    if query.get("customer"):
        found.append(_has(assignments.c.customer_id == query["customer"], assignments.c.state == "current"))
    if query.get("vacant_on"):
        found += [properties.c.status == "active", ~_has(_occupied(query["vacant_on"]))]
    return found


def _has(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(1).where(assignments.c.property_id == properties.c.id, *conditions))


def _occupied(day: date) -> ColumnElement[bool]:
    return and_(
        assignments.c.role == OCCUPANT,
        assignments.c.starts_on <= day,
        or_(assignments.c.until.is_(None), assignments.c.until > day),
    )


def _subtree(group_id: str) -> Select[Any]:
    below = select(location_groups.c.id).where(location_groups.c.id == group_id).cte("below", recursive=True)
    below = below.union(select(location_groups.c.id).join(below, location_groups.c.parent_id == below.c.id))
    return select(below.c.id)
