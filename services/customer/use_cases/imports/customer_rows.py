"""Rows of customers: each becomes a new customer, or changes the one that it names."""

from common.importing.rows import RowRefused
from customer.domain.changes import CUSTOMER_LABELS, Change, changes, reference_change
from customer.domain.hierarchy import check_parent
from customer.domain.limits import LIFECYCLES, MAX_TAGS
from customer.domain.tags import tags_change
from customer.use_cases.imports import merging
from customer.use_cases.imports.custom import CustomFields
from customer.use_cases.imports.fields import ADDRESS_FIELDS, CONTACT_FIELDS_ALL
from customer.use_cases.imports.present import Present
from customer.use_cases.imports.rows import Row
from customer.use_cases.imports.writes import Writes, named
from customer.use_cases.store import Record


class CustomerRows:
    """Decides rows of customers; all of a row is worked out before anything is collected: a refused one leaves no
    trace."""

    def __init__(self, present: Present, writes: Writes, custom: CustomFields, numbers: list[str]) -> None:
        self._present = present
        self._writes = writes
        self._custom = custom
        self._numbers = numbers

    def create(self, row: Row) -> None:
        """A new customer; raises RowRefused."""
        values, now = row.values, self._writes.now
        number = values.get("number")
        if number in self._present.retired:
            raise RowRefused("number_retired", f"The number {number} belonged to a customer that is gone.")
        customer = merging.new_customer(values, number or (self._numbers[-1] if self._numbers else ""), now)
        contact = merging.merged_contact(row, None, customer, now) if row.has_contact else None
        address = merging.merged_address(row, None, (), customer, now) if row.has_address else None
        self._place(row, customer)
        self._custom.start(row, customer)
        if number is None and self._numbers:
            self._numbers.pop()
        if row.external_id:
            self._writes.add_external_id(customer, row.external_id)
        if contact and customer["kind"] == "business":
            customer["primary_contact_id"] = contact["id"]
        if customer["kind"] == "business":
            self._present.parents.setdefault(customer["number"], customer)
        self._writes.create(customer, contact, address)

    def update(self, row: Row, before: Record) -> bool:
        """Whether anything of the customer changed; raises RowRefused."""
        values, cleared, now = row.values, row.cleared, self._writes.now
        after = before | {name: values[name] for name in ("name", "dba_name", "kind", "lifecycle") if name in values}
        if "dba_name" in cleared:
            after["dba_name"] = None
        if after["kind"] != before["kind"] and after["kind"] == "person":
            raise RowRefused("kind_fixed", "A business becomes a person only in its own record, not by an import.")
        if LIFECYCLES.index(after["lifecycle"]) < LIFECYCLES.index(before["lifecycle"]):
            raise RowRefused("lifecycle", f"A {before['lifecycle']} goes back in its own record, not by an import.")
        contacts, addresses = self._present.contacts[before["id"]], self._present.addresses[before["id"]]
        old_contact = merging.matching_contact(values, before, contacts)
        old_address = merging.matching_address(values, addresses)
        contact = address = None
        if row.has_contact or (old_contact and not cleared.isdisjoint(CONTACT_FIELDS_ALL)):
            contact = merging.merged_contact(row, old_contact, before, now)
        if row.has_address or (old_address and not cleared.isdisjoint(ADDRESS_FIELDS)):
            address = merging.merged_address(row, old_address, addresses, before, now)
        references = self._place(row, after) + self._custom.merge(row, before, after)
        if row.external_id and row.external_id not in self._present.by_external:
            self._writes.add_external_id(after, row.external_id)
        if contact and not contacts and after["kind"] == "business":
            after["primary_contact_id"] = contact["id"]
            new = (contact["id"], contact["name"])
            references.append(reference_change("primary_contact", "Primary contact", (None, None), new))
        changed = [
            self._writes.keep("contacts", old_contact, contact),
            self._writes.keep("addresses", old_address, address),
        ]
        differing = changes(before, after, CUSTOMER_LABELS) + references
        self._writes.change_customer(before, after, differing)
        return bool(differing) or any(changed)

    def _place(self, row: Row, customer: Record) -> list[Change]:
        """Sets the group and the head office that the row names or clears; returns what that changes."""
        return self._group(row, customer) + self._tags(row, customer) + self._parent(row, customer)

    def _group(self, row: Row, customer: Record) -> list[Change]:
        name, group = row.values.get("group"), None
        if name:
            group = self._present.groups.get(name.lower())
            if group is None:
                raise RowRefused("group_unknown", f"There is no customer group named {name}; create it first.")
        elif "group" not in row.cleared:
            return []
        new = (group["id"], group["name"]) if group else (None, None)
        old = named(self._present.names, customer["group_id"])
        customer["group_id"] = new[0]
        return [reference_change("group", "Customer group", old, new)] if old[0] != new[0] else []

    def _tags(self, row: Row, customer: Record) -> list[Change]:
        """Adds the tags of the row to those that the customer has."""
        before: list[str] = customer["tag_ids"]
        if "tags" in row.cleared:
            customer["tag_ids"] = []
        for name in row.tags:
            if name not in self._present.tags:
                raise RowRefused("tag_unknown", f"There is no tag named {name} that can be used; define it first.")
            tag_id, self._present.names[tag_id] = self._present.tags[name]
            if tag_id not in customer["tag_ids"]:
                customer["tag_ids"] = [*customer["tag_ids"], tag_id]
        if len(customer["tag_ids"]) > MAX_TAGS:
            raise RowRefused("too_many", f"A customer has at most {MAX_TAGS} tags.")
        after = customer["tag_ids"]
        return [] if before == after else [tags_change(before, after, self._present.names)]

    def _parent(self, row: Row, customer: Record) -> list[Change]:
        number, parent = row.values.get("parent_number"), None
        if number:
            parent = self._present.parents.get(number)
            if parent is None:
                detail = f"There is no head office with the number {number}; a head office comes before its branches."
                raise RowRefused("parent_unknown", detail)
        elif "parent_number" not in row.cleared:
            return []
        old = named(self._present.names, customer["parent_id"])
        new = (parent["id"], parent["name"]) if parent else (None, None)
        if old[0] == new[0]:
            return []
        if parent:
            check_parent(parent["kind"], parent["status"], parent["number"])
            self._present.tree.move(customer["id"], parent["id"])
        customer["parent_id"] = new[0]
        customer["path_ids"] = self._present.tree.path(customer["id"]) if parent else [customer["id"]]
        return [reference_change("parent", "Head office", old, new)]
