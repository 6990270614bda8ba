"""Events of custom fields: the whole definition."""

from typing import Any, Final, Literal

from common.outbox import Draft
from customer.events.drafts import Changes, Record, moment, types_of

CustomFieldVerb = Literal["created", "updated", "archived", "restored"]

PUBLISHES = types_of("custom_field", ("created", "updated", "archived", "restored"))

# What a definition says, whatever its type; settings that its type does not have are left out.
DEFINITION: Final = (
    *("key", "label", "help", "type", "section", "order", "required", "personal", "portal", "condition"),
    *("unique", "facet", "default", "min", "max", "min_length", "max_length", "pattern", "pattern_message"),
    *("decimals", "options", "to", "prefix", "digits"),
)


def definition(record: Record) -> dict[str, Any]:
    """A field's definition as events hold it."""
    return {name: record[name] for name in DEFINITION if name in record}


def custom_field(verb: CustomFieldVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A custom field of customers, contacts or properties."""
    data = {
        "id": record["id"],
        "applies_to": record["applies_to"],
        **definition(record),
        "archived_at": moment(record["archived_at"]) if record["archived_at"] else None,
        "changes": list(changes),
    }
    return Draft(f"customer.custom_field.{verb}.v1", record["id"], record["version"], data)
