"""Erasing a person from this service: rows by their declaration, then the log and what else quotes them."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, or_, select, text, update
from sqlalchemy.orm import Session

from common import erasure, outbox
from common.erasure import Erasure
from customer import events
from customer.domain.personal import PERSONAL, Personal
from customer.tables.customers import customers
from customer.tables.metadata import metadata
from customer.use_cases import contacts, duplicates, store
from customer.use_cases.links import links_of
from customer.use_cases.locking import lock_customers
from customer.use_cases.store import Record

Counts = dict[str, int]


def erase_contact(session: Session, customer: Record, contact: Record, request_id: str) -> Counts:
    """Ends a contact of a locked customer and blanks what else is about it; returns how many rows and events changed,
    by table and `events`, `held`, `answers`."""
    if customer["primary_contact_id"] == contact["id"]:
        contacts.clear_primary(session, customer)
    counts: Counts = {}
    erased = [contact["id"]]
    for name, personal in PERSONAL.items():
        if personal.contact is not None:
            table = metadata.tables[name]
            ids = _erase_rows(session, table, personal, table.c[personal.contact] == contact["id"])
            counts[name] = len(ids)
            erased += [id_ for id_ in ids if id_ != contact["id"]]
    counts |= _erase_records(session, erased)
    duplicates.mark_all(session, [customer["id"]])
    # Where it was a contact before its customers became one, its events are in their partitions.
    places = [*_merged_into(session, customer["id"]), customer["id"]]
    for version, place in enumerate(places, contact["version"] + 1):
        request = request_id if place == customer["id"] else None
        ended = contact | {"version": version, "customer_id": place}
        outbox.add(session, events.contact_erased(ended, request, erased))
    return _total(counts, (erasure.erase(session, Erasure(place, frozenset(erased))) for place in places))


def erase_customer(session: Session, customer: Record, request_id: str) -> Counts:
    """Blanks a locked customer that is a person, those that were merged into it, and everything that belongs to them;
    counts as above. Numbers and ids stay, because documents are kept under them."""
    counts: Counts = {}
    merged = lock_customers(session, _merged_into(session, customer["id"]))
    places = [*merged, customer["id"]]
    _total(counts, _erase_links(session, places))
    for one in (*merged.values(), customer):
        _total(counts, [_blank(session, one, request_id if one is customer else None)])
    duplicates.mark_all(session, places)
    session.execute(_SHRED, {"ids": places})
    return _total(counts, (erasure.erase(session, Erasure(id_, frozenset([id_]), everything=True)) for id_ in places))


def _erase_links(session: Session, customer_ids: Sequence[str]) -> list[Counts]:
    """Erases from the log of those that were linked to these customers what names them there, and tells readers."""
    counts: list[Counts] = []
    for link in links_of(session, customer_ids):
        for left_id in {link["from_id"], link["to_id"]}.difference(customer_ids):
            outbox.add(session, events.link_erased(link | {"version": link["version"] + 1}, left_id))
            counts.append(erasure.erase(session, Erasure(left_id, frozenset([link["id"]]))))
    return counts


def _blank(session: Session, customer: Record, request_id: str | None) -> Counts:
    counts: Counts = {}
    erased = [customer["id"]]
    for name, personal in PERSONAL.items():
        if personal.customers:
            table = metadata.tables[name]
            theirs = or_(*(table.c[column] == customer["id"] for column in personal.customers))
            ids = _erase_rows(session, table, personal, theirs)
            counts[name] = len(ids)
            erased += ids
    counts |= _erase_records(session, erased)
    version = {"version": customer["version"] + 1, "updated_at": store.moment(session)}
    session.execute(update(customers).where(customers.c.id == customer["id"]).values(version))
    after = customer | dict(PERSONAL["customers"].columns) | version | {"external_ids": []}
    outbox.add(session, events.customer_erased(after, request_id))
    return counts


def _erase_rows(session: Session, table: Table, personal: Personal, theirs: ColumnElement[bool]) -> list[str]:
    """The ids of the rows that changed; a table without ids is counted by its customers."""
    named: Any = table.c.id if "id" in table.c else table.c.customer_id
    if personal.ends:
        return list(session.scalars(delete(table).where(theirs).returning(named)))
    found = list(session.scalars(select(named).where(theirs)))
    if found:
        session.execute(update(table).where(theirs).values(dict(personal.columns)))
    return found


def _erase_records(session: Session, ids: Sequence[str]) -> Counts:
    """Ends what quotes erased records, by table."""
    counts: Counts = {}
    for name, personal in PERSONAL.items():
        if personal.record is not None:
            table = metadata.tables[name]
            ended = delete(table).where(table.c[personal.record].in_(ids)).returning(table.c[personal.record])
            counts[name] = len(session.scalars(ended).all())
    return counts


def _merged_into(session: Session, customer_id: str) -> list[str]:
    return list(session.scalars(_MERGED, {"id": customer_id}))


def _total(counts: Counts, more: Iterable[Counts]) -> Counts:
    for some in more:
        for name, count in some.items():
            counts[name] = counts.get(name, 0) + count
    return counts


# What was sealed with the key is gone with it, also in copies of the database.
_SHRED = text("DELETE FROM customer_keys WHERE customer_id = ANY (CAST(:ids AS uuid[]))")
_MERGED = text(
    """
    WITH RECURSIVE merged (id) AS (
        SELECT id FROM customers WHERE merged_into = CAST(:id AS uuid)
        UNION
        SELECT c.id FROM customers c JOIN merged ON c.merged_into = merged.id
    )
    SELECT CAST(id AS text) FROM merged ORDER BY id
    """
)
