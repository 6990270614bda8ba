"""Rows of contacts: each names a customer, and one of its people by name or by e-mail address."""

from common.importing.rows import RowRefused
from customer.domain.changes import reference_change
from customer.domain.limits import MAX_CONTACTS
from customer.use_cases.imports import merging
from customer.use_cases.imports.present import Present
from customer.use_cases.imports.rows import Row
from customer.use_cases.imports.writes import Writes
from customer.use_cases.store import Record


class ContactRows:
    """Decides rows of contacts. Several rows may speak of one customer, each of another person."""

    def __init__(self, present: Present, writes: Writes) -> None:
        self._present = present
        self._writes = writes
        self._done: set[str] = set()

    def find(self, row: Row, customer: Record) -> Record | None:
        """The contact that a row speaks of; raises RowRefused where it says too little, or where an earlier row was
        the same person."""
        if "contact_name" not in row.values and "contact_email" not in row.values:
            raise RowRefused("missing", "The row names nobody: write the name or the e-mail address of the contact.")
        found = merging.named_contact(row.values, self._present.contacts[customer["id"]])
        if found and found["id"] in self._done:
            raise RowRefused("duplicate_in_file", f"An earlier row is for {found['name']} of this customer too.")
        return found

    def add(self, row: Row, customer: Record) -> None:
        """A new contact; the first one of a business becomes its primary contact. Raises RowRefused."""
        contacts = self._present.contacts[customer["id"]]
        if len(contacts) >= MAX_CONTACTS:
            raise RowRefused("too_many", f"A customer has at most {MAX_CONTACTS} contacts.")
        contact = merging.merged_contact(row, None, customer, self._writes.now)
        self._writes.keep("contacts", None, contact)
        if not contacts and customer["kind"] == "business":
            new = (contact["id"], contact["name"])
            change = reference_change("primary_contact", "Primary contact", (None, None), new)
            after = customer | {"primary_contact_id": contact["id"]}
            self._present.customers[customer["id"]] = self._writes.change_customer(customer, after, [change])
        contacts.append(contact)
        self._done.add(contact["id"])

    def update(self, row: Row, customer: Record, before: Record) -> bool:
        """Whether anything of the contact changed."""
        self._done.add(before["id"])
        return self._writes.keep("contacts", before, merging.merged_contact(row, before, customer, self._writes.now))
