"""Events of settings: which ones there are, and what a group or customer has decided. Readers resolve what counts."""

from common.outbox import Draft
from customer.events.drafts import Changes, Record, draft, types_of

PUBLISHES = types_of("setting", ("registered",)).union(
    types_of("group_settings", ("changed",)), types_of("customer_settings", ("changed",))
)

_DEFINITION = (
    *("id", "key", "service", "label", "type", "choices", "minimum", "maximum"),
    *("default_value", "tree_inheritable"),
)


def setting_registered(record: Record) -> Draft:
    """A setting that groups and customers can carry."""
    return draft("setting", "registered", record, _DEFINITION)


def settings_changed(record: Record, *, changes: Changes) -> Draft:
    """All that one group or customer has decided itself, and what of it is new."""
    entity, owner = ("group_settings", "group_id") if record["group_id"] else ("customer_settings", "customer_id")
    return draft(entity, "changed", {**record, "values": record["own"]}, ("id", owner, "values"), changes=changes)
