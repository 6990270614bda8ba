"""How the rows of each table follow their customer into another one.

Every table with a reference to a customer is named here, in one of three ways: its rows move (PARTS), they go with the
customer's own row (WITH_CUSTOMER), or they stay where they are (STAYS, with the reason). A test compares this with the
database.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from sqlalchemy import Table, or_, select, update
from sqlalchemy.orm import Session

from common.outbox import Draft
from customer import events
from customer.domain.changes import ADDRESS_LABELS, CONTACT_LABELS, Change
from customer.domain.links import ends, overlap
from customer.domain.purposes import defaults, without_defaults
from customer.tables.customers import addresses, contacts
from customer.tables.deals import deals
from customer.tables.files import file_accesses, file_contents, files
from customer.tables.links import links
from customer.tables.notes import note_versions, notes
from customer.tables.properties import assignments, properties
from customer.tables.settings import setting_scopes
from customer.tables.systems import system_types, systems
from customer.tables.taxes import exemptions, tax_ids
from customer.use_cases import store
from customer.use_cases.addresses import with_purposes
from customer.use_cases.deals import announce_moved
from customer.use_cases.links import announce
from customer.use_cases.store import Record


@dataclass(frozen=True, slots=True)
class Fit:
    """A row among those of the survivor: as it will be there, or None where it cannot be there and stays with the
    customer that it came from; and what clashed, in words."""

    record: Record | None
    clash: str = ""


def as_it_is(moving: Record, _present: Sequence[Record]) -> Fit:
    """Nothing can clash."""
    return Fit(moving)


Moved = Sequence[tuple[Record, Sequence[Change]]]


def updated(build: Callable[..., Draft]) -> Callable[[Session, Moved], list[Draft]]:
    """What is published of rows whose event needs nothing but themselves."""
    return lambda _session, moved: [build("updated", record, changes=changes) for record, changes in moved]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The rows of one table. `fit` gets a row with its new customer and the rows that are there already; `announce`
    drafts what is published of rows and their changes; `labels` are those of the fields that `fit` may change.
    `columns` refer to the customer, and `along` are fields that must agree with them. `below` are tables whose rows
    repeat the customer of the row that their column names. `reader` and `writer` translate between rows and records
    where they differ."""

    name: str
    table: Table
    announce: Callable[[Session, Moved], list[Draft]]
    fit: Callable[[Record, Sequence[Record]], Fit] = as_it_is
    labels: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ("customer_id",)
    along: tuple[str, ...] = ()
    below: tuple[tuple[Table, str], ...] = ()
    reader: Callable[[Record], Record] = dict
    writer: Callable[[Session, Sequence[Record]], None] | None = None

    def read(self, session: Session, customer_ids: Sequence[str]) -> list[Record]:
        """The rows of these customers, in the order of their ids, locked: not all rows change under their customer's
        lock alone."""
        owned = or_(*(self.table.c[column].in_(customer_ids) for column in self.columns))
        wanted = select(self.table).where(owned).order_by(self.table.c.id).with_for_update(key_share=True)
        rows = session.execute(wanted).mappings()
        return [self.reader({str(name): value for name, value in row.items()}) for row in rows]

    def find(self, session: Session, ids: Sequence[str]) -> dict[str, Record]:
        """Rows by their ids, locked; those that are gone are left out."""
        wanted = select(self.table).where(self.table.c.id.in_(ids)).order_by(self.table.c.id)
        rows = session.execute(wanted.with_for_update(key_share=True)).mappings()
        return {row["id"]: self.reader({str(name): value for name, value in row.items()}) for row in rows}

    def write(self, session: Session, records: Sequence[Record]) -> None:
        """Writes rows that the transaction may change, because it holds their customers."""
        if self.writer is not None:
            self.writer(session, records)
        else:
            store.update(session, self.table, records)
        for table, column in self.below:
            owner = select(self.table.c.customer_id).where(self.table.c.id == table.c[column]).scalar_subquery()
            theirs = table.c[column].in_([record["id"] for record in records])
            session.execute(update(table).where(theirs).values(customer_id=owner))


def _fit_contact(moving: Record, present: Sequence[Record]) -> Fit:
    held = {role for contact in present for role in contact["default_for"]}
    lost = [role for role in moving["default_for"] if role in held]
    if not lost:
        return Fit(moving)
    kept = [role for role in moving["default_for"] if role not in held]
    return Fit(moving | {"default_for": kept}, f"{moving['name']} is no longer the default for {', '.join(lost)}.")


def _fit_address(moving: Record, present: Sequence[Record]) -> Fit:
    held = {purpose for address in present for purpose in defaults(address["purposes"])}
    lost = [purpose for purpose in defaults(moving["purposes"]) if purpose in held]
    if not lost:
        return Fit(moving)
    purposes = without_defaults(moving["purposes"], held)
    what = ", ".join(lost)
    return Fit(
        moving | {"purposes": purposes}, f"{moving['line1']}, {moving['city']} is no longer the default: {what}."
    )


def _fit_link(moving: Record, present: Sequence[Record]) -> Fit:
    if moving["from_id"] == moving["to_id"]:
        return Fit(None, "The link was between customers that are one now.")
    from_id, to_id = ends(moving["symmetric"], moving["from_id"], moving["to_id"], "forward")
    record = moving | {"from_id": from_id, "to_id": to_id}
    same = ("type_id", "from_id", "to_id")
    for other in present:
        if all(other[column] == record[column] for column in same) and overlap(record, other):
            return Fit(None, "The survivor has the same link.")
    return Fit(record)


def _fit_tax_id(moving: Record, present: Sequence[Record]) -> Fit:
    same = ("country", "scheme", "value")
    if any(all(other[column] == moving[column] for column in same) for other in present):
        return Fit(None, f"The survivor has the tax id {moving['value']} too.")
    return Fit(moving)


def _assignments_changed(session: Session, moved: Moved) -> list[Draft]:
    ids = {record["property_id"] for record, _changes in moved}
    rows = session.execute(select(properties).where(properties.c.id.in_(ids))).mappings()
    places = {row["id"]: {str(name): value for name, value in row.items()} for row in rows}
    return [
        events.assignment("changed", record, places[record["property_id"]], changes=changes)
        for record, changes in moved
    ]


def _fit_settings(moving: Record, present: Sequence[Record]) -> Fit:
    return Fit(None, "Another customer has settings of its own, which count.") if present else Fit(moving)


def _fit_scoped(moving: Record, _present: Sequence[Record]) -> Fit:
    """What is about the customer as a whole is about its new one."""
    return Fit(moving | {"scope_id": moving["customer_id"]} if moving["scope_type"] == "customer" else moving)


def _fit_file(moving: Record, present: Sequence[Record]) -> Fit:
    """A file whose name is taken there gets a number behind it."""
    record = _fit_scoped(moving, present).record or moving
    taken = {_place(each) for each in present if each["deleted_at"] is None}
    stem, dot, ending = record["name"].rpartition(".")
    for number in count(2):
        if record["deleted_at"] is not None or _place(record) not in taken:
            break
        suffix = f" ({number}){dot}{ending}" if stem else f" ({number})"
        record = record | {"name": (stem or ending)[: 200 - len(suffix)] + suffix}
    renamed = record["name"] != moving["name"]
    return Fit(record, f"{moving['name']} is there already; this one is kept as {record['name']}." if renamed else "")


def _place(file: Record) -> tuple[str, str, str]:
    return file["scope_type"], file["scope_id"], file["name"].lower()


def _settings_changed(_session: Session, moved: Moved) -> list[Draft]:
    return [events.settings_changed(record, changes=changes) for record, changes in moved]


def _systems_updated(session: Session, moved: Moved) -> list[Draft]:
    ids = {record["type_id"] for record, _changes in moved}
    rows = session.execute(select(system_types).where(system_types.c.id.in_(ids))).mappings()
    kinds = {row["id"]: {str(name): value for name, value in row.items()} for row in rows}
    return [events.system("updated", record, kinds[record["type_id"]], changes=changes) for record, changes in moved]


PARTS: Final[Sequence[Part]] = (
    Part(
        name="contacts",
        table=contacts,
        announce=updated(events.contact),
        fit=_fit_contact,
        labels=CONTACT_LABELS | {"default_for": "Default for"},
    ),
    Part(
        name="addresses",
        table=addresses,
        announce=updated(events.address),
        fit=_fit_address,
        labels=ADDRESS_LABELS,
        reader=with_purposes,
        writer=store.update_addresses,
    ),
    Part(name="assignments", table=assignments, announce=_assignments_changed),
    Part(
        name="notes",
        table=notes,
        announce=updated(events.note),
        fit=_fit_scoped,
        along=("scope_id",),
        below=((note_versions, "note_id"),),
    ),
    Part(
        name="files",
        table=files,
        announce=updated(events.file),
        fit=_fit_file,
        labels={"name": "Name"},
        along=("scope_id",),
        below=((file_contents, "file_id"), (file_accesses, "file_id")),
    ),
    Part(name="settings", table=setting_scopes, announce=_settings_changed, fit=_fit_settings),
    Part(name="systems", table=systems, announce=_systems_updated),
    Part(
        name="links",
        table=links,
        announce=lambda session, moved: announce(session, "updated", moved),
        fit=_fit_link,
        columns=("from_id", "to_id"),
    ),
    Part(name="deals", table=deals, announce=announce_moved),
    Part(name="tax_ids", table=tax_ids, announce=updated(events.tax_id), fit=_fit_tax_id),
    Part(name="exemptions", table=exemptions, announce=updated(events.exemption)),
)

# Moved by the merge itself: most are on the customer's event.
WITH_CUSTOMER: Final = frozenset(
    {
        ("external_ids", "customer_id"),
        ("customers", "parent_id"),
        ("customers", "merged_into"),
        # Sealed again for whoever has their system now.
        ("system_secrets", "customer_id"),
        ("contact_role_defaults", "customer_id"),  # a trigger of the contacts keeps them
    }
)

STAYS: Final[Mapping[tuple[str, str], str]] = {
    ("retired_numbers", "customer_id"): "a number leads to the record that had it",
    ("duplicate_keys", "customer_id"): "written anew for the survivor",
    ("duplicate_checks", "customer_id"): "only says whom to look at",
    ("duplicate_pairs", "first_id"): "a pair with a merged customer is answered",
    ("duplicate_pairs", "second_id"): "a pair with a merged customer is answered",
    ("segment_queue", "customer_id"): "only says whom to look at",
    ("segment_members", "customer_id"): "rules decide anew; what was decided by hand is decided for the survivor, too",
    ("replica_portal_access", "customer_id"): "told anew for both customers by whom it comes from",
    ("moves", "customer_id"): "a move tells who moved then; one that is still to come refuses the merge",
    ("custom_field_claims", "customer_id"): "given back, and taken anew by who is active then",
    ("customer_keys", "customer_id"): "each customer seals by its own key",
    ("secret_reveals", "customer_id"): "who looked at whose secret stays as it was",
    ("merges", "customer_id"): "an earlier merge tells of the survivor that it had",
    ("legal_holds", "customer_id"): "a hold refuses the merge; on an earlier loser it still holds what stayed there",
    ("privacy_requests", "customer_id"): "a receipt stays as it was given",
    ("reversion_skips", "customer_id"): "a report stays as it was written",
    ("outbox", "customer_id"): "the log stays as it was written",
}


def part_named(name: str) -> Part:
    """The part of this name."""
    return next(part for part in PARTS if part.name == name)
