"""Moves in and out as they are shown."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.errors.properties import MoveNotFound
from customer.queries.customers import customer_exists
from customer.queries.properties import property_exists
from customer.tables.customers import customers
from customer.tables.properties import assignments, moves, properties

_SHOWN: Select[Any] = (
    select(
        moves,
        properties.c.number.label("property_number"),
        properties.c.name.label("property_name"),
        customers.c.number.label("customer_number"),
        customers.c.name.label("customer_name"),
    )
    .join(properties, properties.c.id == moves.c.property_id)
    .join(customers, customers.c.id == moves.c.customer_id)
)


def move(session: Session, kind: str, move_id: str) -> Mapping[str, Any]:
    """One move; raises MoveNotFound."""
    rows = session.execute(_SHOWN.where(moves.c.kind == kind, moves.c.id == move_id)).mappings().all()
    if not rows:
        raise MoveNotFound("There is no such move.")
    return _complete(session, rows)[0]


def of_kind(session: Session, kind: str, query: Mapping[str, Any], scope: str) -> Page:
    """All moves in, or all moves out, by day."""
    return _page(session, _SHOWN.where(moves.c.kind == kind), query, scope)


def of_customer(session: Session, customer_id: str, query: Mapping[str, Any], scope: str) -> Page:
    """The moves of a customer, by day."""
    customer_exists(session, customer_id)
    return _page(session, _SHOWN.where(moves.c.customer_id == customer_id), query, scope)


def of_property(session: Session, property_id: str, query: Mapping[str, Any], scope: str) -> Page:
    """The moves at a property, by day."""
    property_exists(session, property_id)
    return _page(session, _SHOWN.where(moves.c.property_id == property_id), query, scope)


def planned(record: Mapping[str, Any]) -> dict[str, Any]:
    """A move that was just made, or only tried (then it has no id and no version), with what it does."""
    place, customer = record["place"], record["customer"]
    tried = {"id": None, "version": None} if record["dry_run"] else {}
    return (
        _move(record, place["number"], place["name"], customer["number"], customer["name"])
        | tried
        | {
            "ends": [_held(each) for each in record["leaving"]],
            "stays": [_held(each) for each in record["staying"]],
            "warnings": record["warnings"],
        }
    )


def _page(session: Session, statement: Select[Any], query: Mapping[str, Any], scope: str) -> Page:
    if query.get("state"):
        statement = statement.where(moves.c.state == query["state"])
    keys = [Key(moves.c.day), Key(moves.c.id)]
    rows = keyset(session, statement, keys, cursor=query.get("cursor"), limit=query["limit"], scope=scope)
    return Page(_complete(session, rows.rows), rows.next_cursor)


def _complete(session: Session, rows: Sequence[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    ids = {each["assignment_id"] for row in rows for each in row["ends"]}
    held = {row["id"]: dict(row) for row in session.execute(_LEAVING.where(assignments.c.id.in_(ids))).mappings()}
    return [
        _move(row, row["property_number"], row["property_name"], row["customer_number"], row["customer_name"])
        | {
            "ends": [
                _held(
                    held[each["assignment_id"]]
                    | {"until": date.fromisoformat(each["until"]) if each["until"] else None}
                )
                for each in row["ends"]
                if each["assignment_id"] in held
            ]
        }
        for row in rows
    ]


def _move(row: Mapping[Any, Any], number: str, name: str, customer_number: str, customer_name: str) -> dict[str, Any]:
    kept = {str(key): value for key, value in row.items()}
    services = "services_to_start" if row["kind"] == "in" else "services_to_end"
    return kept | {
        "property": {"id": row["property_id"], "number": number, "name": name},
        "customer": {"id": row["customer_id"], "number": customer_number, "name": customer_name},
        "begins": {"role": row["role"], "starts_on": row["day"]} if row["kind"] == "in" else None,
        services: row["services"],
    }


def _held(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "assignment_id": row["id"],
        "customer": {"id": row["customer_id"], "number": row["customer_number"], "name": row["customer_name"]},
        "role": row["role"],
        "starts_on": row["starts_on"],
        "until": row["until"],
    }


_LEAVING = select(
    assignments, customers.c.number.label("customer_number"), customers.c.name.label("customer_name")
).join(customers, customers.c.id == assignments.c.customer_id)
