"""A row of a file put onto what is stored: an empty cell keeps, a filled one replaces, `@clear` erases. Pure: writes
nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from common.ids import new_id
from common.importing.rows import RowRefused
from customer.domain import records
from customer.domain.channels import with_channel, without_channel
from customer.domain.purposes import USUAL, names, settle
from customer.use_cases.imports.fields import ADDRESS_FIELDS, CONTACT_PHONES
from customer.use_cases.imports.rows import Row
from customer.use_cases.store import Record

Values = Mapping[str, str]

_REQUIRED_OF_ADDRESS = ("line1", "city", "country")


def new_customer(values: Values, number: str, now: datetime) -> Record:
    """A customer from a row; raises RowRefused without a name."""
    if "name" not in values:
        raise RowRefused("missing", "The name of the customer is missing.")
    record = records.new_customer(values["name"], values.get("kind", "business"), number, now)
    return record | {name: values[name] for name in ("dba_name", "lifecycle") if name in values}


def matching_contact(values: Values, customer: Record, contacts: Sequence[Record]) -> Record | None:
    """The stored contact that a row speaks of: the one of that name, else of that e-mail address; without a name the
    primary one, else the only one."""
    found = named_contact(values, contacts)
    if found or "contact_name" in values:
        return found
    for contact in contacts:
        if contact["id"] == customer["primary_contact_id"]:
            return contact
    return contacts[0] if len(contacts) == 1 else None


def named_contact(values: Values, contacts: Sequence[Record]) -> Record | None:
    """The stored contact of the name in the row, else of the e-mail address in it."""
    name, email = values.get("contact_name", "").casefold(), values.get("contact_email", "").casefold()
    if name:
        for contact in contacts:
            if contact["name"].casefold() == name:
                return contact
    if email:
        for contact in contacts:
            if any(entry["address"].casefold() == email for entry in contact["emails"]):
                return contact
    return None


def merged_contact(row: Row, before: Record | None, customer: Record, now: datetime) -> Record:
    """The contact after the row; raises RowRefused where a new one has no name."""
    values, cleared = row.values, row.cleared
    if before is None and "contact_name" not in values:
        raise RowRefused("missing", "The name of the contact is missing.")
    after = dict(before) if before else records.new_contact(customer["id"], now)
    if "contact_name" in values:
        after["name"] = values["contact_name"]
    for field, name in (("contact_title", "title"), ("contact_department", "department")):
        if field in values or field in cleared:
            after[name] = values.get(field)
    if "contact_email" in values:
        after["emails"] = with_channel(after["emails"], "address", "work", values["contact_email"])
    elif "contact_email" in cleared:
        after["emails"] = without_channel(after["emails"], "work")
    for field, label in CONTACT_PHONES.items():
        if field in values:
            after["phones"] = with_channel(after["phones"], "number", label, values[field])
        elif field in cleared:
            after["phones"] = without_channel(after["phones"], label)
    return after


def matching_address(values: Values, addresses: Sequence[Record]) -> Record | None:
    """The stored address that a row speaks of: one that agrees in all filled cells, else the default for billing, else
    the only one."""
    for address in addresses:
        if all(address[field] == values[field] for field in ADDRESS_FIELDS if field in values):
            return address
    for address in addresses:
        if any(entry["purpose"] == "billing" and entry["default"] for entry in address["purposes"]):
            return address
    return addresses[0] if len(addresses) == 1 else None


def merged_address(
    row: Row, before: Record | None, others: Sequence[Record], customer: Record, now: datetime
) -> Record:
    """The address after the row; raises RowRefused where a new one is incomplete."""
    values = row.values
    given: dict[str, Any] = {field: values[field] for field in ADDRESS_FIELDS if field in values}
    if before is not None:
        return before | given | {field: None for field in ADDRESS_FIELDS if field in row.cleared}
    missing = [field for field in _REQUIRED_OF_ADDRESS if field not in given]
    if missing:
        raise RowRefused("missing", f"The address is incomplete: {', '.join(missing)} missing.")
    taken = {purpose for other in others for purpose in names(other["purposes"])}
    return {
        "id": new_id(),
        "customer_id": customer["id"],
        "purposes": settle(USUAL, taken),
        **{field: given.get(field) for field in ADDRESS_FIELDS},
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
