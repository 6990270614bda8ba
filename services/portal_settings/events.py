"""What this service publishes: the whole of what a scope has decided, one event per scope that changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from common.clock import rfc3339
from common.ids import new_id
from common.outbox import Draft
from portal_settings.domain import Decided, ScopeRef
from portal_switches import KEYS, SWITCHES, Change

SCOPE_CHANGED = "portal-settings.scope.changed.v1"
ERASURE_COMPLETED = "portal-settings.erasure.completed.v1"
PUBLISHES = frozenset([SCOPE_CHANGED, ERASURE_COMPLETED])

_PATHS = {"value": "{key}", "lock": "locks.{key}", "licence": "licence"}
_LABELS = {"value": "{label}", "lock": "{label}: lock", "licence": "{label}: licence fee"}


def scope_changed(
    ref: ScopeRef, version: int, own: Decided, changes: Sequence[Change], *, reason: str | None = None
) -> Draft:
    """What the scope has decided now, and what of it is new."""
    licence = own.licence and {
        "acknowledged_by": own.licence.acknowledged_by,
        "acknowledged_at": rfc3339(own.licence.acknowledged_at),
        "fee_note": own.licence.fee_note,
    }
    data = {
        "scope": ref.kind,
        "scope_id": ref.id,
        "values": {key: own.switches[key] for key in KEYS if key in own.switches},
        "locks": [key for key in KEYS if key in own.locks],
        "licence": licence,
        "reason": reason,
        "changes": [change_document(change) for change in changes],
    }
    customer_id = ref.subject if ref.kind == "customer" else ""
    return Draft(SCOPE_CHANGED, ref.subject, version, data, customer_id)


def erasure_completed(request_id: str, customer_id: str, counts: Mapping[str, int]) -> Draft:
    """What this service has erased for a privacy request."""
    data = {"request_id": request_id, "customer_id": customer_id, "counts": dict(counts)}
    return Draft(ERASURE_COMPLETED, new_id(), 1, data, customer_id)


def change_document(change: Change) -> Mapping[str, Any]:
    """One difference as people and programs read it. `cause` names the switch that brought it along, or is null."""
    return {
        "path": _PATHS[change.aspect].format(key=change.key),
        "label": _LABELS[change.aspect].format(label=SWITCHES[change.key].label),
        "before": change.before,
        "after": change.after,
        "cause": change.cause,
    }
