"""Events of approval rules, of approvals, and of delegations."""

from collections.abc import Mapping, Sequence
from typing import Any

from common.money import to_money
from common.outbox import Draft
from ordering.events.drafts import Changes, draft, plain, plain_changes, types_of

Record = Mapping[str, Any]

PUBLISHES = (
    types_of("approval", ("requested", "decided", "approved", "rejected", "escalated", "cancelled"))
    | types_of("approval_rule", ("created", "updated", "deleted"))
    | types_of("approval_delegation", ("created", "revoked"))
)

_RULE_FIELDS = (
    *("id", "customer_id", "name", "priority", "status", "predicate", "currency", "roles", "account_ids", "tiers"),
    *("inheritance", "valid_from", "valid_to"),
)
_FLOW_FIELDS = (
    *("id", "order_id", "order_number", "customer_id", "order_revision", "requester_id", "requester_label", "status"),
    *("rules", "tier", "reason", "due_at", "escalation_level", "ended_at"),
)
_DELEGATION_FIELDS = (
    *("id", "customer_id", "delegator_id", "delegator_label", "delegate_id", "delegate_label", "starts_at", "ends_at"),
    *("reason", "revoked_at"),
)


def approval_rule(verb: str, record: Record, *, changes: Changes = ()) -> Draft:
    """A rule by which orders need an approval."""
    more = {"changes": plain_changes(changes)}
    return draft("approval_rule", verb, record, _RULE_FIELDS, customer_id=record["customer_id"], more=more)


def approval(verb: str, flow: Record, people: Sequence[Record], decision: Record | None = None) -> Draft:
    """An approval with those who may decide now, and the decision that the event tells of."""
    more = {
        "total": to_money(flow["total_minor"], flow["currency"]),
        "tier_count": len(flow["tiers"]),
        "approvers": [{"account_id": one["account_id"], "via": one["via"]} for one in people],
        "with_staff": bool(flow["staff_for"]),
        "requested_at": plain(flow["created_at"]),
        "decision": None if decision is None else _decision(decision),
    }
    return draft("approval", verb, flow, _FLOW_FIELDS, customer_id=flow["customer_id"], more=more)


def approval_delegation(verb: str, record: Record) -> Draft:
    """A delegation, with the names of both as they were."""
    return draft("approval_delegation", verb, record, _DELEGATION_FIELDS, customer_id=record["customer_id"])


def _decision(record: Record) -> dict[str, Any]:
    delegated = record["account_id"] != record["actor_id"]
    return {
        "account_id": record["actor_id"],
        "label": record["actor_label"],
        "on_behalf_of": record["account_id"] if delegated else None,
        "on_behalf_of_label": record["on_behalf_of_label"],
        "decision": record["decision"],
        "comment": record["comment"],
        "self_approval": record["self_approval"],
        "decided_at": plain(record["decided_at"]),
    }
