"""Events of rules, and of runs that did not go as their rule meant."""

from automation.events.drafts import Changes, Record, draft, types_of
from common.outbox import Draft

PUBLISHES = types_of("rule", ("created", "updated", "paused", "deleted")) | types_of("run", ("stopped", "failed"))

_RULE_FIELDS = (
    *("id", "customer_id", "name", "event_type", "condition", "currency", "actions", "enabled", "paused_reason"),
    "most_per_hour",
)
_RUN_FIELDS = (
    *("id", "rule_id", "rule_name", "customer_id", "event_customer_id", "event_id", "event_type", "subject", "status"),
    *("reason", "detail", "chain_id", "chain", "chain_depth", "created_at"),
)


def rule(verb: str, record: Record, changes: Changes = ()) -> Draft:
    """A rule, and what changed of it."""
    return draft("rule", verb, record, _RULE_FIELDS, record["customer_id"], changes=[dict(one) for one in changes])


def run(verb: str, record: Record) -> Draft:
    """A run that was stopped or failed, with the runs that led to it and a sentence that says why and what to do."""
    return draft("run", verb, record, _RUN_FIELDS, record["event_customer_id"])
