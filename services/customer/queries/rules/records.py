"""Customers as plain records, as rules are asked of them one by one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select, text
from sqlalchemy.orm import Session

from customer.domain.rule_fields import main_address
from customer.tables.customers import addresses, contacts, customers
from customer.tables.rules import segment_members
from customer.tables.systems import systems

Record = dict[str, Any]


def records(session: Session, ids: Sequence[str]) -> dict[str, Record]:
    """The customers with what belongs to them, by id; unknown ids are left out."""
    found = {row["id"]: dict(row) for row in _rows(session, customers, "id", ids)}
    of_contacts, of_addresses, of_systems = (
        _by_customer(session, table, ids) for table in (contacts, addresses, systems)
    )
    members = defaultdict(list)
    stays = select(segment_members.c.customer_id, segment_members.c.segment_id).where(
        segment_members.c.customer_id.in_(ids), segment_members.c.source != "manual_out"
    )
    for row in session.execute(stays):
        members[row.customer_id].append(row.segment_id)
    held = _properties(session, ids)
    for customer_id, record in found.items():
        record["contacts"] = [_with_channels(contact) for contact in of_contacts[customer_id]]
        record["systems"] = of_systems[customer_id]
        record["addresses"] = of_addresses[customer_id]
        record["main_address"] = main_address(of_addresses[customer_id])
        record["properties"] = held[customer_id]
        record["location_group"] = sorted({each for one in held[customer_id] for each in one["location_groups"]})
        record["segments"] = members[customer_id]
        record["in_segment"] = dict.fromkeys(members[customer_id], True)
    return found


def _by_customer(session: Session, table: Table, ids: Sequence[str]) -> Mapping[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for row in _rows(session, table, "customer_id", ids):
        found[row["customer_id"]].append(dict(row))
    return found


def _properties(session: Session, ids: Sequence[str]) -> Mapping[str, list[Record]]:
    """The properties that the customers have now, each with the location groups that it lies in."""
    found: dict[str, list[Record]] = defaultdict(list)
    for row in session.execute(_HELD, {"ids": list(ids)}).mappings():
        found[row["customer_id"]].append(dict(row))
    return found


def _rows(session: Session, table: Table, column: str, ids: Sequence[str]) -> Sequence[Mapping[Any, Any]]:
    return session.execute(select(table).where(table.c[column].in_(ids))).mappings().all()


def _with_channels(contact: Record) -> Record:
    emails = [entry["address"] for entry in contact["emails"]]
    return contact | {"emails": emails, "phones": [entry["number"] for entry in contact["phones"]]}


_HELD = text(
    """
    SELECT CAST(a.customer_id AS text) AS customer_id, a.role, p.number, p.name, p.kind, p.city, p.country,
           ARRAY(
               WITH RECURSIVE above (id, parent_id) AS (
                   SELECT id, parent_id FROM location_groups WHERE id = p.location_group_id
                   UNION
                   SELECT g.id, g.parent_id FROM above JOIN location_groups g ON g.id = above.parent_id
               ) SELECT CAST(id AS text) FROM above
           ) AS location_groups
    FROM assignments a JOIN properties p ON p.id = a.property_id
    WHERE a.customer_id = ANY (CAST(:ids AS uuid[])) AND a.state = 'current' ORDER BY a.id
    """
)
