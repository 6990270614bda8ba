"""Why custom fields are refused."""

from common.errors import Conflict, Invalid, NotFound


class CustomFieldNotFound(NotFound):
    """There is no such custom field."""

    code = "customer.custom_field_not_found"
    title = "No such custom field"


class KeyTaken(Conflict):
    """Another field of the same object has this key, perhaps an archived one."""

    code = "customer.custom_field_key_taken"
    title = "The key is taken"


class TooManyFields(Conflict):
    """The object has as many fields as it may have."""

    code = "customer.custom_field_limit"
    title = "Too many custom fields"


class DefinitionInvalid(Invalid):
    """The definition of a field contradicts itself or its type."""

    code = "customer.custom_field_definition_invalid"
    title = "The definition is not right"


class ValuesInvalid(Invalid):
    """Values of fields that an administrator defined do not fit their definitions."""

    code = "customer.custom_fields_invalid"
    title = "Some custom fields are not right"


class ValueTaken(Conflict):
    """Another active record has the value of a field that must be unique."""

    code = "customer.custom_field_value_taken"
    title = "The value is taken"
