"""What the rows of one chunk write, collected and then written with one statement per table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from common import outbox
from common.importing.kinds import Interfered
from common.outbox import Draft
from customer import events
from customer.domain.changes import ADDRESS_LABELS, CONTACT_LABELS, Change, changes
from customer.domain.duplicates import Key, keys_of
from customer.use_cases import duplicates, store
from customer.use_cases.store import Record

_PARTS = {"contacts": (events.contact, CONTACT_LABELS), "addresses": (events.address, ADDRESS_LABELS)}


@dataclass(slots=True)
class Writes:
    """New and changed records, and the events of both, under the id of their import."""

    import_id: str
    now: datetime
    dry_run: bool
    customers: list[Record] = field(default_factory=list)
    external_ids: list[Record] = field(default_factory=list)
    new: dict[str, list[Record]] = field(default_factory=lambda: {"contacts": [], "addresses": []})
    changed_customers: dict[str, Record] = field(default_factory=dict)
    changed: dict[str, dict[str, Record]] = field(default_factory=lambda: {"contacts": {}, "addresses": {}})
    drafts: list[Draft] = field(default_factory=list)
    keys: dict[str, set[Key]] = field(default_factory=dict)
    recognised_anew: set[str] = field(default_factory=set)

    def create(self, customer: Record, contact: Record | None, address: Record | None) -> None:
        """A new customer with what its row brings."""
        customer["import_id"] = self.import_id
        self.customers.append(customer)
        self.drafts.append(events.customer("created", customer, batch_id=self.import_id))
        for table, record in (("contacts", contact), ("addresses", address)):
            if record:
                self._add(table, record)
        if self.dry_run:
            self.keys[customer["id"]] = keys_of(customer, [contact] if contact else (), [address] if address else ())

    def change_customer(self, before: Record, after: Record, differing: Sequence[Change]) -> Record:
        """The next version of a customer, where something differs."""
        if not differing:
            return before
        after = after | {"version": before["version"] + 1, "updated_at": self.now}
        self.changed_customers[after["id"]] = after
        self.recognised_anew.add(after["id"])
        self.drafts.append(events.customer("updated", after, changes=differing, batch_id=self.import_id))
        return after

    def keep(self, table: str, before: Record | None, after: Record | None) -> bool:
        """A part of a stored customer: new without `before`, else changed where something differs."""
        if after is None:
            return False
        if before is None:
            self._add(table, after)
            self.recognised_anew.add(after["customer_id"])
            return True
        build, labels = _PARTS[table]
        differing = changes(before, after, labels)
        if differing:
            after = after | {"version": before["version"] + 1, "updated_at": self.now}
            self.changed[table][after["id"]] = after
            self.recognised_anew.add(after["customer_id"])
            self.drafts.append(build("updated", after, changes=differing, batch_id=self.import_id))
        return bool(differing)

    def add_external_id(self, customer: Record, external_id: tuple[str, str]) -> None:
        """One more external id of a customer."""
        system, value = external_id
        entries = [*customer["external_ids"], {"system": system, "id": value}]
        customer["external_ids"] = sorted(entries, key=lambda entry: (entry["system"], entry["id"]))
        self.external_ids.append({"customer_id": customer["id"], "system": system, "external_id": value})

    def store(self, session: Session) -> None:
        """Writes everything; raises Interfered."""
        # External ids go by their own list, which also holds those of changed customers.
        plain = [customer | {"external_ids": []} for customer in self.customers]
        if len(store.insert_customers(session, plain)) != len(plain):
            raise Interfered
        if store.add_external_ids(session, self.external_ids) != len(self.external_ids):
            raise Interfered
        store.update_customers(session, list(self.changed_customers.values()))
        store.insert_contacts(session, self.new["contacts"])
        store.update_contacts(session, list(self.changed["contacts"].values()))
        store.insert_addresses(session, self.new["addresses"])
        store.update_addresses(session, list(self.changed["addresses"].values()))
        for draft in self.drafts:
            outbox.add(session, draft)
        duplicates.mark_all(session, sorted(self.recognised_anew))

    def possible_duplicates(self, session: Session) -> int:
        """How many pairs the new customers would form with stored ones."""
        return len(duplicates.pairs_of(session, self.keys))

    def _add(self, table: str, record: Record) -> None:
        build, _labels = _PARTS[table]
        self.new[table].append(record)
        self.drafts.append(build("added", record, batch_id=self.import_id))


def named(names: Mapping[str, str], reference: str | None) -> tuple[str | None, str | None]:
    """A reference with its name."""
    return reference, names.get(reference) if reference else None
