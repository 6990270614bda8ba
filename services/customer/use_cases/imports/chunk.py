"""One chunk of rows, decided row by row in memory and written with one statement per table."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.errors import Refusal
from common.outbox import Draft
from customer import events
from customer.domain.changes import ADDRESS_LABELS, CONTACT_LABELS, CUSTOMER_LABELS, Change, changes, reference_change
from customer.domain.hierarchy import check_parent
from customer.domain.numbers import Numbering
from customer.use_cases import store
from customer.use_cases.imports import merging
from customer.use_cases.imports.merging import RowRefused
from customer.use_cases.imports.present import Present, read
from customer.use_cases.imports.rows import Problem, Row
from customer.use_cases.numbering import automatic_numbers
from customer.use_cases.store import Record

_MATCH = {"number": "number", "external_id": "external id"}
DUPLICATES = frozenset({"duplicate_in_file", "exists"})


class Interfered(Exception):
    """Somebody gave a number away between the look and the write; the chunk is done again."""


@dataclass(frozen=True, slots=True)
class Options:
    """How an import treats its rows."""

    import_id: str
    mode: str
    match: str
    dry_run: bool


@dataclass(slots=True)
class Outcome:
    """What became of the rows of a chunk."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[tuple[Row, list[Problem]]] = field(default_factory=list)


class Chunk:
    """Collects what the rows of one chunk write."""

    def __init__(self, session: Session, options: Options, numbering: Numbering) -> None:
        self._session = session
        self._options = options
        self._numbering = numbering
        self._now = store.moment(session)
        self._present = Present()
        self._numbers: list[str] = []
        self._new: dict[str, list[Record]] = {"customers": [], "contacts": [], "addresses": [], "external_ids": []}
        self._changed: dict[str, list[Record]] = {"customers": [], "contacts": [], "addresses": []}
        self._drafts: list[Draft] = []
        self._done: set[str] = set()

    def write(self, rows: Sequence[Row]) -> Outcome:
        """Decides and, unless the run is dry, writes the rows; raises Interfered."""
        outcome = Outcome()
        rows = self._claim(rows, outcome)
        if not rows:
            return outcome
        self._present = read(self._session, rows)
        self._prepare(rows)
        for row in rows:
            try:
                self._decide(row, outcome)
            except RowRefused as refused:
                outcome.refused.append((row, [refused.problem]))
            except Refusal as refusal:
                outcome.refused.append((row, [(refusal.code.removeprefix("customer."), refusal.detail)]))
        if not self._options.dry_run:
            self._store()
        return outcome

    def _claim(self, rows: Sequence[Row], outcome: Outcome) -> list[Row]:
        """Keeps the first row of each key in the file; the keys of earlier chunks are in the database."""
        lines: dict[str, int] = {}
        for row in rows:
            for key in row.keys:
                lines.setdefault(key, row.raw.line)
        parameters = {"id": self._options.import_id, "keys": list(lines), "lines": list(lines.values())}
        if lines:
            taken = set(lines) - set(self._session.execute(_CLAIM, parameters).scalars())
            if taken:
                found = self._session.execute(_LINES, parameters | {"keys": list(taken)})
                lines |= {known.key: known.line for known in found}
        first: list[Row] = []
        for row in rows:
            earlier = next((lines[key] for key in row.keys if lines[key] != row.raw.line), None)
            if earlier is None:
                first.append(row)
            else:
                detail = f"Line {earlier} of the file has the same number or external id."
                outcome.refused.append((row, [("duplicate_in_file", detail)]))
        return first

    def _prepare(self, rows: Sequence[Row]) -> None:
        found = self._present.by_external
        without = sum("number" not in row.values and row.external_id not in found for row in rows)
        if without and self._options.mode != "update" and not self._options.dry_run:
            self._numbers = automatic_numbers(self._session, self._numbering, without)
        if self._options.dry_run:
            parents = {row.values["parent_number"] for row in rows if "parent_number" in row.values}
            unknown = parents - self._present.parents.keys()
            if unknown:
                # In a dry run the head offices of earlier chunks are not stored, but their keys are.
                keys = [f"number:{number}" for number in unknown]
                known = self._session.execute(_LINES, {"id": self._options.import_id, "keys": keys})
                for row in known:
                    number = row.key.removeprefix("number:")
                    self._present.parents[number] = _provisional(number)

    def _decide(self, row: Row, outcome: Outcome) -> None:
        customer_id = self._find(row)
        if customer_id is None:
            if self._options.mode == "update":
                raise RowRefused("not_found", "There is no customer with this key to update.")
            self._create(row)
            outcome.created += 1
            return
        customer = self._present.customers[customer_id]
        if self._options.mode == "create":
            raise RowRefused("exists", f"Customer {customer['number']} is there already.")
        if customer["status"] == "archived":
            raise RowRefused("archived", f"Customer {customer['number']} is archived; restore it first.")
        if customer_id in self._done:
            raise RowRefused("duplicate_in_file", f"An earlier row is for customer {customer['number']} too.")
        self._done.add(customer_id)
        if self._update(row, customer):
            outcome.updated += 1
        else:
            outcome.unchanged += 1

    def _find(self, row: Row) -> str | None:
        number, external = row.values.get("number"), row.external_id
        by_number = self._present.by_number.get(number) if number else None
        by_external = self._present.by_external.get(external) if external else None
        if self._options.mode == "create":
            return by_number or by_external
        found, other = (by_number, by_external) if self._options.match == "number" else (by_external, by_number)
        if (number if self._options.match == "number" else external) is None:
            raise RowRefused("missing", f"The {_MATCH[self._options.match]} is missing, by which customers are found.")
        if other is not None and other != found:
            raise RowRefused("key_taken", "The number and the external id do not belong to the same customer.")
        if found is not None and number is not None and self._present.customers[found]["number"] != number:
            detail = f"The customer has the number {self._present.customers[found]['number']}, not {number}."
            raise RowRefused("number_differs", detail)
        return found

    def _create(self, row: Row) -> None:
        values = row.values
        number = values.get("number")
        if number in self._present.retired:
            raise RowRefused("number_retired", f"The number {number} belonged to a customer that is gone.")
        customer = merging.new_customer(values, number or (self._numbers[-1] if self._numbers else ""), self._now)
        contact = merging.merged_contact(values, None, customer, self._now) if row.has_contact else None
        address = merging.merged_address(values, None, (), customer, self._now) if row.has_address else None
        self._place(row, customer)
        if number is None and self._numbers:
            self._numbers.pop()
        if row.external_id:
            self._add_external_id(customer, row.external_id)
        if contact and customer["kind"] == "business":
            customer["primary_contact_id"] = contact["id"]
        self._new["customers"].append(customer)
        if customer["kind"] == "business":
            self._present.parents.setdefault(customer["number"], customer)
        batch_id = self._options.import_id
        self._drafts.append(events.customer("created", customer, batch_id=batch_id))
        if contact:
            self._new["contacts"].append(contact)
            self._drafts.append(events.contact("added", contact, batch_id=batch_id))
        if address:
            self._new["addresses"].append(address)
            self._drafts.append(events.address("added", address, batch_id=batch_id))

    def _update(self, row: Row, before: Record) -> bool:
        """Whether anything changed. All is merged before anything is collected: a refused row leaves no trace."""
        values = row.values
        after = before | {name: values[name] for name in ("name", "dba_name", "kind") if name in values}
        if after["kind"] != before["kind"] and after["kind"] == "person":
            raise RowRefused("kind_fixed", "A business becomes a person only in its own record, not by an import.")
        contacts, addresses = self._present.contacts[before["id"]], self._present.addresses[before["id"]]
        old_contact = merging.matching_contact(values, before, contacts)
        old_address = merging.matching_address(values, addresses)
        contact = merging.merged_contact(values, old_contact, before, self._now) if row.has_contact else None
        address = merging.merged_address(values, old_address, addresses, before, self._now) if row.has_address else None
        references = self._place(row, after)
        if row.external_id and row.external_id not in self._present.by_external:
            self._add_external_id(after, row.external_id)
        if contact and not contacts and after["kind"] == "business":
            after["primary_contact_id"] = contact["id"]
            new = (contact["id"], contact["name"])
            references.append(reference_change("primary_contact", "Primary contact", (None, None), new))
        differing = changes(before, after, CUSTOMER_LABELS) + references
        changed = [
            self._keep("contacts", old_contact, contact, CONTACT_LABELS),
            self._keep("addresses", old_address, address, ADDRESS_LABELS),
        ]
        if differing:
            after |= {"version": before["version"] + 1, "updated_at": self._now}
            self._changed["customers"].append(after)
            self._drafts.append(events.customer("updated", after, changes=differing, batch_id=self._options.import_id))
        return bool(differing) or any(changed)

    def _keep(self, table: str, before: Record | None, after: Record | None, labels: dict[str, str]) -> bool:
        if after is None:
            return False
        build = events.contact if table == "contacts" else events.address
        if before is None:
            self._new[table].append(after)
            self._drafts.append(build("added", after, batch_id=self._options.import_id))
            return True
        differing = changes(before, after, labels)
        if differing:
            after = after | {"version": before["version"] + 1, "updated_at": self._now}
            self._changed[table].append(after)
            self._drafts.append(build("updated", after, changes=differing, batch_id=self._options.import_id))
        return bool(differing)

    def _place(self, row: Row, customer: Record) -> list[Change]:
        """Sets the group and the head office that the row names; returns what that changes."""
        found: list[Change] = []
        name = row.values.get("group")
        if name:
            group = self._present.groups.get(name.lower())
            if group is None:
                raise RowRefused("group_unknown", f"There is no customer group named {name}; create it first.")
            if group["id"] != customer["group_id"]:
                found.append(
                    reference_change(
                        "group", "Customer group", self._named(customer["group_id"]), (group["id"], group["name"])
                    )
                )
                customer["group_id"] = group["id"]
        number = row.values.get("parent_number")
        if number:
            parent = self._present.parents.get(number)
            if parent is None:
                detail = f"There is no head office with the number {number}; a head office comes before its branches."
                raise RowRefused("parent_unknown", detail)
            if parent["id"] != customer["parent_id"]:
                check_parent(parent["kind"], parent["status"], parent["number"])
                self._present.tree.move(customer["id"], parent["id"])
                new = (parent["id"], parent["name"])
                found.append(reference_change("parent", "Head office", self._named(customer["parent_id"]), new))
                customer["parent_id"] = parent["id"]
        return found

    def _named(self, reference: str | None) -> tuple[str | None, str | None]:
        return reference, self._present.names.get(reference)

    def _add_external_id(self, customer: Record, external_id: tuple[str, str]) -> None:
        system, value = external_id
        entries = [*customer["external_ids"], {"system": system, "id": value}]
        customer["external_ids"] = sorted(entries, key=lambda entry: (entry["system"], entry["id"]))
        self._new["external_ids"].append({"customer_id": customer["id"], "system": system, "external_id": value})

    def _store(self) -> None:
        session, new = self._session, self._new
        # External ids go by their own list, which also holds those of changed customers.
        plain = [customer | {"external_ids": []} for customer in new["customers"]]
        if len(store.insert_customers(session, plain)) != len(plain):
            raise Interfered
        if store.add_external_ids(session, new["external_ids"]) != len(new["external_ids"]):
            raise Interfered
        store.update_customers(session, self._changed["customers"])
        store.insert_contacts(session, new["contacts"])
        store.update_contacts(session, self._changed["contacts"])
        store.insert_addresses(session, new["addresses"])
        store.update_addresses(session, self._changed["addresses"])
        for draft in self._drafts:
            outbox.add(session, draft)


def _provisional(number: str) -> Record:
    return {"id": f"number:{number}", "number": number, "name": number, "kind": "business", "status": "active"}


_CLAIM = text(
    """
    INSERT INTO import_keys (import_id, key, line)
    SELECT CAST(:id AS uuid), key, line FROM unnest(CAST(:keys AS text[]), CAST(:lines AS integer[])) AS k(key, line)
    ON CONFLICT DO NOTHING RETURNING key
    """
)
_LINES = text("SELECT key, line FROM import_keys WHERE import_id = CAST(:id AS uuid) AND key = ANY (:keys)")
