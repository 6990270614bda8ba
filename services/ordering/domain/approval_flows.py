"""The life of an approval: what it was asked for, when a tier is decided, and which edits an approval still covers."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from ordering.domain.approval_rules import Requirement
from ordering.domain.approvers import Candidate

Record = Mapping[str, Any]
Verdict = Literal["approve", "reject"]
Outcome = Literal["pending", "satisfied", "rejected"]

STATUSES: Final = ("pending", "approved", "rejected", "cancelled", "expired", "superseded")
DECISIONS: Final = ("approve", "reject")
DUE_AFTER: Final = timedelta(hours=48)  # then those who may decide are reminded, later others asked


@dataclass(frozen=True, slots=True)
class Flow:
    """An approval as the rest of the service sees it."""

    id: str
    order_id: str
    customer_id: str
    status: str
    version: int
    tier: int
    tier_count: int
    total_minor: int
    currency: str
    revision: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Said:
    """The newest decision of an approver: `account_id` in whose place, `actor_id` who decided."""

    account_id: str
    actor_id: str
    decision: str


def outcome(tier: Sequence[Requirement], people: Sequence[Candidate], said: Iterable[Said]) -> Outcome:
    """Where a tier stands after these decisions. One rejection by anybody who may decide rejects the whole."""
    by_account = {one.account_id: one for one in said}
    deciding = {candidate.account_id for candidate in people}
    if any(one.decision == "reject" for account, one in by_account.items() if account in deciding):
        return "rejected"
    approved = {account: one for account, one in by_account.items() if one.decision == "approve"}
    met = all(
        _is_met(requirement, [candidate for candidate in people if candidate.requirement == place], approved)
        for place, requirement in enumerate(tier)
    )
    return "satisfied" if met else "pending"


def _is_met(requirement: Requirement, people: Sequence[Candidate], approved: Mapping[str, Said]) -> bool:
    given = [candidate for candidate in people if candidate.account_id in approved]
    if not any(candidate.complete for candidate in given):
        return False
    if requirement.mode == "n_of_m":
        # A person who also decides in place of another is still one person.
        return len({approved[candidate.account_id].actor_id for candidate in given}) >= requirement.n
    if requirement.mode == "all" and not any(candidate.substitute for candidate in given):
        return all(candidate.account_id in approved for candidate in people if not candidate.substitute)
    return True


def content_of(order: Record, lines: Sequence[Record]) -> Record:
    """What an approval is given for, besides its total: what may be edited afterwards without asking again."""
    quantities: dict[str, int] = {}
    for line in lines:
        quantities[line["sku"]] = quantities.get(line["sku"], 0) + line["quantity"]
    return {
        "ship_to": order.get("ship_to"),
        "currency": order["currency"],
        "quantities": dict(sorted(quantities.items())),
    }


def hash_of(content: Record) -> str:
    """A fingerprint of the content, the same for the same content."""
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def covers(approved: Record, approved_minor: int, now: Record, now_minor: int) -> bool:
    """Whether an approval given for one content and total still counts for an edited order: nothing was added, nothing
    goes elsewhere, and the total is not above the approved one."""
    if now_minor > approved_minor or now["currency"] != approved["currency"]:
        return False
    if _canonical(now["ship_to"]) != _canonical(approved["ship_to"]):
        return False
    had = approved["quantities"]
    return all(quantity <= had.get(sku, 0) for sku, quantity in now["quantities"].items())


def is_self(behind: Collection[str], *deciding: str | None) -> bool:
    """Whether anybody behind the order is among those who decide, in whatever guise."""
    return not set(behind).isdisjoint(one for one in deciding if one)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
