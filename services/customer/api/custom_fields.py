"""Operations on the definitions of custom fields; their values travel with the records."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import custom_fields as queries
from customer.schemas.custom_fields import CustomFieldChanges, CustomFieldFilter, CustomFieldOut, NewCustomField
from customer.schemas.customers import Nothing
from customer.use_cases import custom_fields

routes = Routes("Custom fields", "Fields that an administrator adds to customers, contacts and properties.")

_LIST = "/custom-fields"
_ONE = f"{_LIST}/<uuid:field_id>"


@routes.list(_LIST, permission="customers.view", query=CustomFieldFilter, out=CustomFieldOut)
def list_custom_fields(call: Call) -> Page:
    """The fields, by what they apply to and in their order."""
    return queries.custom_field_page(
        call.session,
        call.limit,
        call.cursor,
        call.cursor_scope,
        applies_to=call.query.get("applies_to"),
        archived=call.query["archived"],
    )


@routes.post(_LIST, permission="schema.manage", body=NewCustomField, out=CustomFieldOut)
def create_custom_field(call: Call) -> Mapping[str, Any]:
    """Defines a field. Records that are there begin without a value, also where the field is required."""
    return custom_fields.create_custom_field(call.session, call.body)


@routes.get(_ONE, permission="customers.view", out=CustomFieldOut)
def show_custom_field(call: Call, field_id: str) -> Mapping[str, Any]:
    """One field."""
    return queries.custom_field(call.session, field_id)


@routes.patch(_ONE, permission="schema.manage", body=CustomFieldChanges, out=CustomFieldOut)
def change_custom_field(call: Call, field_id: str) -> Mapping[str, Any]:
    """Changes a definition.

    The key stays. A type becomes only a wider one: integer decimal, text long_text, select multi_select, date
    datetime. Options that are left out are archived.
    """
    return custom_fields.change_custom_field(call.session, field_id, call.version, call.body)


@routes.delete(_ONE, permission="schema.manage", versioned=True)
def archive_custom_field(call: Call, field_id: str) -> None:
    """Archives a field: its values are kept and no longer shown."""
    custom_fields.archive_custom_field(call.session, field_id, call.version)


@routes.post(f"{_ONE}/restoration", permission="schema.manage", body=Nothing, out=CustomFieldOut, status=200)
def restore_custom_field(call: Call, field_id: str) -> Mapping[str, Any]:
    """Restores an archived field with its values."""
    return custom_fields.restore_custom_field(call.session, field_id)
