"""Lists that an administrator keeps, whose entries other records name by code: link types, stages of deals, roles.

A code is fixed for good, since records and programs hold it; an entry goes only when nothing names it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, TextClause, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError, Refusal
from common.ids import new_id
from common.outbox import Draft
from customer.domain.changes import changes
from customer.use_cases import store
from customer.use_cases.locking import check_version
from customer.use_cases.store import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """One list: its table, what its entries are called, its events and refusals, and the statement that counts by
    `:code` and `:id` what names an entry."""

    table: Table
    noun: str
    users: str
    labels: Mapping[str, str]
    count_users: TextClause
    event: Callable[..., Draft]
    not_found: type[Refusal]
    unknown: type[Refusal]
    taken: type[Refusal]
    in_use: type[Refusal]


def create(session: Session, catalogue: Catalogue, fields: Mapping[str, Any]) -> Record:
    """Adds an entry with these fields, its code among them; returns its state."""
    now = store.moment(session)
    record = {"id": new_id(), **fields, "version": 1, "created_at": now, "updated_at": now}
    statement = insert(catalogue.table).values(record).on_conflict_do_nothing(index_elements=["code"])
    if session.execute(statement.returning(catalogue.table.c.id)).first() is None:
        raise catalogue.taken(
            f"There is a {catalogue.noun} with the code {fields['code']} already; choose another code.",
            errors=[FieldError("/code", "Is taken.")],
        )
    outbox.add(session, catalogue.event("created", record))
    return record


def change(session: Session, catalogue: Catalogue, before: Record, fields: Mapping[str, Any]) -> Record:
    """Writes these fields of a locked entry; nothing where nothing differs. Returns its state."""
    after = before | dict(fields)
    differing = changes(before, after, catalogue.labels)
    if not differing:
        return before
    after |= {"version": before["version"] + 1, "updated_at": store.moment(session)}
    store.update(session, catalogue.table, [after])
    outbox.add(session, catalogue.event("updated", after, changes=differing))
    return after


def remove(session: Session, catalogue: Catalogue, entry_id: str, version: int) -> None:
    """Takes an entry out of the list; refuses while anything names it."""
    record = lock(session, catalogue, entry_id, version)
    used = users_of(session, catalogue, record)
    if used:
        raise catalogue.in_use(
            f"{used} {catalogue.users} this {catalogue.noun}; change them first.", facts={"count": used}
        )
    store.remove(session, catalogue.table, entry_id)
    outbox.add(session, catalogue.event("deleted", record | {"version": record["version"] + 1}))


def lock(session: Session, catalogue: Catalogue, entry_id: str, version: int) -> Record:
    """An entry at this version, kept from others until the transaction ends, also from those that would name it."""
    table = catalogue.table
    session.execute(select(table.c.id).where(table.c.id == entry_id).with_for_update())
    record = store.find(session, table, entry_id)
    if record is None:
        raise catalogue.not_found(f"There is no such {catalogue.noun}.")
    check_version(record, version)
    return record


def users_of(session: Session, catalogue: Catalogue, record: Record) -> int:
    """How many records name an entry."""
    return int(session.execute(catalogue.count_users, {"id": record["id"], "code": record["code"]}).scalar_one())


def named(session: Session, catalogue: Catalogue, code: str, pointer: str) -> Record:
    """The entry of a code, kept from being removed until the transaction ends. Where there is none, the refusal says
    which codes there are; `pointer` names the field."""
    table = catalogue.table
    row = session.execute(select(table).where(table.c.code == code).with_for_update(key_share=True, read=True))
    record = row.mappings().one_or_none()
    if record is None:
        raise unknown(session, catalogue, [(pointer, code)])
    return {str(name): value for name, value in record.items()}


def unknown(session: Session, catalogue: Catalogue, wrong: list[tuple[str, str]]) -> Refusal:
    """The refusal of codes that are not in the list; takes pairs of a pointer and a code."""
    known = list(session.execute(select(catalogue.table.c.code).order_by(catalogue.table.c.code).limit(50)).scalars())
    what = ", ".join(code for _, code in wrong)
    return catalogue.unknown(
        f"There is no {catalogue.noun} {what}; choose one of: {', '.join(known)}.",
        errors=[FieldError(pointer, f"There is no {catalogue.noun} {code}.") for pointer, code in wrong],
        facts={"known": known},
    )


def next_position(session: Session, catalogue: Catalogue) -> int:
    """The place after the last entry of a list that has an order."""
    last = session.execute(select(func.coalesce(func.max(catalogue.table.c.position), 0))).scalar_one()
    return int(last) + 1


def count(statement: str) -> TextClause:
    """The statement that counts the users of an entry, by `:id` and `:code`."""
    return text(f"SELECT count(*) FROM {statement}")  # noqa: S608  # our own words
