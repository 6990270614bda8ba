"""Customers as they are shown: with their head office, group and external ids by name."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, bindparam, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.domain.merging import refuse_merged
from customer.errors import CustomerNotFound
from customer.queries.channels import contact_shown, country_of
from customer.queries.custom_fields import with_values
from customer.tables.customers import customer_groups, customers, external_ids

_parents = customers.alias("parents")
_EMPTY = literal_column("'[]'::jsonb", JSONB)
_EXTERNAL_IDS = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_object("system", external_ids.c.system, "id", external_ids.c.external_id),
                external_ids.c.system,
                external_ids.c.external_id,
            )
        )
    )
    .where(external_ids.c.customer_id == customers.c.id)
    .correlate(customers)
    .scalar_subquery()
)
# A head office or group outside of the caller's scope is not joined: row-level security leaves it out.
_SHOWN: Select[Any] = (
    select(
        customers,
        func.coalesce(_EXTERNAL_IDS, _EMPTY, type_=JSONB).label("external_ids"),
        _parents.c.number.label("parent_number"),
        _parents.c.name.label("parent_name"),
        customer_groups.c.name.label("group_name"),
    )
    .outerjoin(_parents, _parents.c.id == customers.c.parent_id)
    .outerjoin(customer_groups, customer_groups.c.id == customers.c.group_id)
)
_PATH = text(
    """
    WITH RECURSIVE up (id, parent_id, number, name, level) AS (
        SELECT id, parent_id, number, name, 1 FROM customers WHERE id = CAST(:id AS uuid)
        UNION ALL
        SELECT c.id, c.parent_id, c.number, c.name, up.level + 1
        FROM up JOIN customers c ON c.id = up.parent_id WHERE up.level < 64
    ) SELECT CAST(id AS text) AS id, number, name FROM up ORDER BY level DESC
    """
)
# What the provider thinks of a customer; its own people are not shown it.
_INTERNAL = ("lifecycle",)
# Built once: building it, and the key of its cached form, costs a quarter of reading one customer.
_ONE = _SHOWN.where(customers.c.id == bindparam("customer_id"))


def customer(session: Session, customer_id: str) -> Mapping[str, Any]:
    """One customer; one that was merged answers with its survivor. Raises CustomerNotFound."""
    row = session.execute(_ONE, {"customer_id": customer_id}).mappings().one_or_none()
    if row is None:
        raise CustomerNotFound("There is no such customer.")
    if row["merged_into"]:
        merged_from = {name: row[name] for name in ("id", "number", "name")}
        return {**customer(session, row["merged_into"]), "merged_from": merged_from}
    [found] = with_values(session, "customer", [row])
    return _shown(session, found)


def created(session: Session, record: dict[str, Any]) -> Mapping[str, Any]:
    """A customer that was created in this transaction, with its contacts and addresses."""
    shown: Mapping[str, Any] = record | {"parent": None, "group": None, "archive": None, "merged_from": None}
    if record["parent_id"] or record["group_id"]:
        shown = customer(session, record["id"])
    primary = record["primary_contact_id"]
    country = country_of(record["addresses"])
    contacts = [
        contact_shown(contact, country) | {"primary": contact["id"] == primary} for contact in record["contacts"]
    ]
    return {**shown, **{name: record[name] for name in ("addresses", "duplicates")}, "contacts": contacts}


def branches(session: Session, customer_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """The customers directly below a head office, by number."""
    customer_exists(session, customer_id)
    return _page(session, _SHOWN.where(customers.c.parent_id == customer_id), limit, cursor, scope)


def path(session: Session, customer_id: str) -> Mapping[str, Any]:
    """The line of head offices from the root down to a customer: `nodes` with id, number and name, and each of these as
    a list of its own. A portal user's begins with the highest one that it may see."""
    customer_exists(session, customer_id)
    nodes = [dict(row) for row in session.execute(_PATH, {"id": customer_id}).mappings()]
    return {
        "nodes": nodes,
        "depth": len(nodes),
        "ids": [node["id"] for node in nodes],
        "numbers": [node["number"] for node in nodes],
        "names": [node["name"] for node in nodes],
    }


def members(session: Session, group_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """The customers of a group, by number."""
    return _page(session, _SHOWN.where(customers.c.group_id == group_id), limit, cursor, scope)


def customer_exists(session: Session, customer_id: str) -> None:
    """Raises CustomerNotFound, and Merged for one whose parts are with its survivor."""
    wanted = select(customers.c.number, customers.c.merged_into).where(customers.c.id == customer_id)
    row = session.execute(wanted).mappings().one_or_none()
    if row is None:
        raise CustomerNotFound("There is no such customer.")
    refuse_merged(dict(row))


def _page(session: Session, statement: Select[Any], limit: int, cursor: str | None, scope: str) -> Page:
    rows = keyset(
        session, statement, [Key(customers.c.number), Key(customers.c.id)], cursor=cursor, limit=limit, scope=scope
    )
    return Page([_shown(session, row) for row in with_values(session, "customer", rows.rows)], rows.next_cursor)


def _shown(session: Session, row: Mapping[Any, Any]) -> Mapping[str, Any]:
    shown = dict(row)
    if session.info["scope"].is_portal:
        for field in _INTERNAL:
            del shown[field]
    shown["archive"] = None
    shown["merged_from"] = None
    if row["archive_id"]:
        shown["archive"] = {"id": row["archive_id"], "reason": row["archive_reason"], "at": row["archived_at"]}
    shown["parent"] = None
    if row["parent_number"]:
        shown["parent"] = {"id": row["parent_id"], "number": row["parent_number"], "name": row["parent_name"]}
    shown["group"] = {"id": row["group_id"], "name": row["group_name"]} if row["group_name"] else None
    return shown
