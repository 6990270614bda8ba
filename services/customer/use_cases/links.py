"""Links between customers: one row each, changed under the locks of both customers."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from common.outbox import Draft
from customer import events
from customer.domain.changes import Change, changes
from customer.domain.links import LINK_LABELS, check_kinds, check_period, ends, overlap
from customer.domain.merging import refuse_merged
from customer.errors import Archived, CustomerNotFound, Unsuitable
from customer.errors.links import LinkExists, LinkNotFound
from customer.tables.links import link_types, links
from customer.use_cases import catalogue, store
from customer.use_cases.link_types import LINK_TYPES
from customer.use_cases.locking import check_version, lock_customers
from customer.use_cases.store import Record

Body = Mapping[str, Any]

_PLAIN = ("valid_from", "valid_to", "note")


def add_link(session: Session, customer_id: str, body: Body) -> Record:
    """Links a customer to another active one; returns the row. Raises LinkExists where the two are linked by this type
    on any day that the new link would hold."""
    other_id = _other(session, body)
    customers = lock_customers(session, [customer_id, other_id])
    acting, other = _usable(customers, customer_id), customers.get(other_id)
    if other is None:
        raise _no_such_other(body)
    refuse_merged(other)
    if other["status"] == "archived":
        raise Archived(
            f"Customer {other['number']} is archived; restore it before you link it.",
            facts={"archive_id": other["archive_id"], "customer_id": other_id},
        )
    link_type = catalogue.named(session, LINK_TYPES, body["type"], "/type")
    from_id, to_id = ends(link_type["symmetric"], customer_id, other_id, body.get("direction", "forward"))
    first, second = (acting, other) if from_id == customer_id else (other, acting)
    check_kinds(link_type, first, second)
    now = store.moment(session)
    record = {
        "id": new_id(),
        "type_id": link_type["id"],
        "symmetric": link_type["symmetric"],
        "from_id": from_id,
        "to_id": to_id,
        **{name: body.get(name) for name in _PLAIN},
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    check_period(link_type["dated"], record["valid_from"], record["valid_to"])
    _refuse_overlap(session, record, link_type)
    _write(session, record, link_type, new=True)
    outbox.add(session, events.link("added", record, link_type, first, second))
    return record


def change_link(session: Session, customer_id: str, link_id: str, version: int, body: Body) -> Record:
    """Changes the days or the note of a link; an archived counterpart stays linked and hinders nothing. Returns the
    row."""
    before, customers = _lock(session, customer_id, link_id, version)
    link_type = _type_of(session, before)
    after = before | {name: body[name] for name in _PLAIN if name in body}
    differing = changes(before, after, LINK_LABELS)
    if not differing:
        return before
    check_period(link_type["dated"], after["valid_from"], after["valid_to"])
    _refuse_overlap(session, after, link_type)
    after |= {"version": before["version"] + 1, "updated_at": store.moment(session)}
    _write(session, after, link_type, new=False)
    first, second = customers[after["from_id"]], customers[after["to_id"]]
    outbox.add(session, events.link("updated", after, link_type, first, second, changes=differing))
    return after


def remove_link(session: Session, customer_id: str, link_id: str, version: int) -> None:
    """Removes a link, as one that was a mistake; a link that has ended gets its last day instead."""
    record, customers = _lock(session, customer_id, link_id, version)
    store.remove(session, links, link_id)
    first, second = customers[record["from_id"]], customers[record["to_id"]]
    gone = record | {"version": record["version"] + 1}
    outbox.add(session, events.link("removed", gone, _type_of(session, record), first, second))


def remove_links_of(session: Session, customer_ids: Sequence[str]) -> None:
    """Removes every link of locked customers that are about to be deleted, so that the other sides learn of it."""
    gone = links_of(session, customer_ids)
    if not gone:
        return
    drafts = announce(session, "removed", [(record | {"version": record["version"] + 1}, ()) for record in gone])
    session.execute(links.delete().where(links.c.id.in_([record["id"] for record in gone])))
    for draft in drafts:
        outbox.add(session, draft)


def links_of(session: Session, customer_ids: Sequence[str]) -> Sequence[Record]:
    """Every link of these customers, from either side."""
    either = or_(links.c.from_id.in_(customer_ids), links.c.to_id.in_(customer_ids))
    return _rows(session, select(links).where(either).order_by(links.c.id))


def announce(session: Session, verb: events.PartVerb, told: Sequence[tuple[Record, Sequence[Change]]]) -> list[Draft]:
    """What is published of links and their changes, with the names that both sides have now."""
    sides = {record[side] for record, _ in told for side in ("from_id", "to_id")}
    named = {row["id"]: dict(row) for row in session.execute(_NAMES, {"ids": sorted(sides)}).mappings()}
    types = {row["id"]: row for row in _rows(session, select(link_types))}
    return [
        events.link(
            verb,
            record,
            types[record["type_id"]],
            named[record["from_id"]],
            named[record["to_id"]],
            changes=differing,
        )
        for record, differing in told
    ]


def _lock(session: Session, customer_id: str, link_id: str, version: int) -> tuple[Record, dict[str, Record]]:
    found = store.find(session, links, link_id)
    if found is None or customer_id not in (found["from_id"], found["to_id"]):
        # Of an unknown customer that is said first.
        _usable(lock_customers(session, [customer_id]), customer_id)
        raise LinkNotFound("This customer has no such link.")
    customers = lock_customers(session, [found["from_id"], found["to_id"]])
    _usable(customers, customer_id)
    record = store.find(session, links, link_id)
    if record is None:
        raise LinkNotFound("This customer has no such link any more.")
    check_version(record, version)
    return record, customers


def _usable(customers: Mapping[str, Record], customer_id: str) -> Record:
    record = customers.get(customer_id)
    if record is None:
        raise CustomerNotFound("There is no such customer.")
    refuse_merged(record)
    if record["status"] == "archived":
        raise Archived(
            f"Customer {record['number']} is archived and read-only; restore it first.",
            facts={"archive_id": record["archive_id"]},
        )
    return record


def _other(session: Session, body: Body) -> str:
    if body.get("customer_id"):
        return str(body["customer_id"])
    found = session.execute(_BY_NUMBER, {"number": body["customer_number"]}).scalar()
    if found is None:
        raise _no_such_other(body)
    return str(found)


def _no_such_other(body: Body) -> Unsuitable:
    field = "customer_id" if body.get("customer_id") else "customer_number"
    return Unsuitable(
        "The customer to link to does not exist; check its number.",
        errors=[FieldError(f"/{field}", "No such customer.")],
    )


def _type_of(session: Session, record: Record) -> Record:
    found = store.find(session, link_types, record["type_id"])
    assert found is not None, "the foreign key holds the type of a link"
    return found


def _refuse_overlap(session: Session, record: Record, link_type: Record) -> None:
    statement = select(links).where(
        links.c.type_id == record["type_id"],
        links.c.from_id == record["from_id"],
        links.c.to_id == record["to_id"],
        links.c.id != record["id"],
    )
    for other in _rows(session, statement):
        if overlap(record, other):
            raise _exists(link_type, other["id"])


def _write(session: Session, record: Record, link_type: Record, *, new: bool) -> None:
    try:
        (store.insert if new else store.update)(session, links, [record])
    except IntegrityError as error:
        if "one_open_link" not in str(error.orig):
            raise
        raise _exists(link_type, None) from error


def _exists(link_type: Record, link_id: str | None) -> LinkExists:
    return LinkExists(
        f"The two are linked as “{link_type['forward_label']}” already at that time; change or end that link.",
        facts={"link_id": link_id} if link_id else {},
    )


def _rows(session: Session, statement: Any) -> Sequence[Record]:
    return [{str(name): value for name, value in row.items()} for row in session.execute(statement).mappings()]


_BY_NUMBER = text("SELECT CAST(id AS text) FROM customers WHERE number = :number")
_NAMES = text("SELECT CAST(id AS text) AS id, number, name FROM customers WHERE id = ANY (CAST(:ids AS uuid[]))")
