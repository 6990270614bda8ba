"""Which columns a file may have, and how they are recognised by their headings."""

import re
from collections.abc import Mapping
from typing import Final

from common.importing.headings import key_of
from customer.domain.fields.values import MAX_LONG_TEXT
from customer.domain.limits import LENGTHS

CUSTOMER_FIELDS: Final = (
    "number",
    "name",
    "dba_name",
    "kind",
    "lifecycle",
    "parent_number",
    "group",
    "tags",
    "external_system",
    "external_id",
)
ADDRESS_FIELDS: Final = ("line1", "line2", "city", "region", "postal_code", "country")
CONTACT_FIELDS: Final = ("contact_name", "contact_title", "contact_department")
CONTACT_PHONES: Final = {"contact_phone": "work", "contact_mobile": "mobile", "contact_fax": "fax"}
CONTACT_FIELDS_ALL: Final = (*CONTACT_FIELDS, "contact_email", *CONTACT_PHONES)
FIELDS: Final = (*CUSTOMER_FIELDS, *ADDRESS_FIELDS, *CONTACT_FIELDS_ALL)
# What each type of import reads: a row of a file of contacts names its customer and one contact.
FIELDS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "customers": FIELDS,
    "contacts": ("number", "external_system", "external_id", *CONTACT_FIELDS_ALL),
}
# What can be erased by writing `@clear` into the cell; an empty cell keeps what is stored.
CLEARABLE: Final = frozenset(
    {
        *("dba_name", "parent_number", "group", "tags", "line2", "region", "postal_code"),
        *("contact_title", "contact_department", "contact_email", *CONTACT_PHONES),
    }
)

# A custom field of customers: `cf.delivery_route`.
CUSTOM: Final = "cf."
_CUSTOM = re.compile(r"cf\.[a-z][a-z0-9_]{1,62}")

_LENGTHS_OF = {
    "parent_number": "number",
    "contact_mobile": "contact_phone",
    "contact_fax": "contact_phone",
    "kind": "role",
    "lifecycle": "role",
}

_HEADINGS: Final = {
    "number": "customer_id customer_number customer_no customer_code customer_nr cust_id cust_no account_number"
    " account_no account_id number no id code kundennummer",
    "name": "company_name company customer_name customer name account_name organisation organization"
    " organisation_name organization_name legal_name firma firmenname",
    "dba_name": "dba dba_name trading_name trade_name doing_business_as nickname",
    "kind": "kind customer_kind customer_type type",
    "lifecycle": "lifecycle life_cycle lifecycle_stage",
    "parent_number": "parent_number parent_id parent_site_id parent_customer_id parent parent_customer head_office"
    " parent_account",
    "group": "group customer_group group_name",
    "tags": "tags tag labels",
    "external_system": "external_system source_system system",
    "external_id": "external_id external_number foreign_id",
    "line1": "address address1 address_1 address_line_1 address_line1 line1 street street_address strasse",
    "line2": "address2 address_2 address_line_2 address_line2 line2 suite",
    "city": "city town locality ort stadt",
    "region": "region state province county state_province bundesland",
    "postal_code": "postal_code postalcode post_code postcode zip zip_code zipcode plz",
    "country": "country country_code land",
    "contact_name": "contact_name contact contact_person primary_contact ansprechpartner",
    "contact_title": "contact_title contact_job_title job_title title",
    "contact_department": "contact_department department",
    "contact_email": "contact_email email e_mail email_address mail",
    "contact_phone": "contact_phone phone telephone tel phone_number telephone_number telefon",
    "contact_mobile": "contact_mobile mobile mobile_phone cell cell_phone",
    "contact_fax": "contact_fax fax fax_number telefax",
}
_BY_HEADING: Final = {heading: field for field, names in _HEADINGS.items() for heading in names.split()}
_OF_CONTACTS: Final = {"name": "contact_name", "full_name": "contact_name", "person": "contact_name"}


def length_of(field: str) -> int:
    """How many characters a field may have."""
    if field.startswith(CUSTOM):
        return MAX_LONG_TEXT
    return LENGTHS[_LENGTHS_OF.get(field, field)]


def is_custom(field: str) -> bool:
    """Whether a field is a custom field of customers, by its form."""
    return _CUSTOM.fullmatch(field) is not None


def clearable(field: str) -> bool:
    """Whether a cell may erase a field."""
    return field in CLEARABLE or is_custom(field)


def field_of(heading: str, of: str = "customers") -> str | None:
    """The field that a heading names by itself in an import of this type, or None."""
    if of == "customers" and is_custom(heading.strip().lower()):
        return heading.strip().lower()
    key = key_of(heading)
    # In a file of contacts, `name` and `title` are the contact's.
    field = _OF_CONTACTS.get(key) if of == "contacts" else None
    field = field or _BY_HEADING.get(key)
    return field if field in FIELDS_OF[of] else None
