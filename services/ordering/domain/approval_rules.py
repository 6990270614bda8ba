"""Which rules of a company and of those above it count, and how those that ask are merged into tiers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from common.errors import FieldError
from ordering.errors.approvals import RuleUnsuitable

Record = Mapping[str, Any]
Mode = Literal["any", "all", "n_of_m"]

MODES: Final = ("any", "all", "n_of_m")
APPROVER_KINDS: Final = ("role", "user", "manager_of_requester", "cost_centre_owner")
INHERITANCES: Final = ("inherit_and_add", "replace", "lock")
RULE_STATUSES: Final = ("active", "inactive")
# The portal roles of identity that hold `orders.approve`.
APPROVING_ROLES: Final = ("approver", "admin")
MAX_TIERS: Final = 5
RULE_LABELS: Final = {
    "name": "Name",
    "priority": "Priority",
    "status": "Status",
    "predicate": "Asks for an approval where",
    "currency": "Currency of its amounts",
    "roles": "For the roles",
    "account_ids": "For the people",
    "tiers": "Who decides",
    "inheritance": "Inheritance",
    "valid_from": "Valid from",
    "valid_to": "Valid to",
}
MAX_APPROVERS: Final = 20


@dataclass(frozen=True, slots=True, order=True)
class Approver:
    """Who may decide: the holders of a `role`, one `user`, or without a value the `manager_of_requester` and the
    `cost_centre_owner`, who owns one of the cost centres of the order."""

    kind: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One group of approvers in a tier, of whom any, all, or `n` must approve; `rules` names the rules that ask."""

    approvers: tuple[Approver, ...]
    mode: Mode
    n: int
    rules: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As the flow keeps it."""
        return {
            "approvers": [{"kind": one.kind, "value": one.value} for one in self.approvers],
            "mode": self.mode,
            "n": self.n,
            "rules": list(self.rules),
        }

    @classmethod
    def from_json(cls, kept: Record) -> "Requirement":
        """What `to_json` gave."""
        approvers = tuple(Approver(one["kind"], one["value"]) for one in kept["approvers"])
        return cls(approvers, kept["mode"], kept["n"], tuple(kept["rules"]))


Tiers = Sequence[Sequence[Requirement]]


def in_force(rules: Iterable[Record], line: Sequence[str], day: date) -> list[Record]:
    """The rules that count for the first node of a line of nodes, nearest first: its own and those above it. A node
    with a rule that replaces keeps out what is above it, but for what is locked there."""
    valid = [rule for rule in rules if _is_valid(rule, day)]
    found: list[Record] = []
    replaced = False
    for node in line:
        own = [rule for rule in valid if rule["customer_id"] == node]
        found += [rule for rule in own if not replaced or rule["inheritance"] == "lock"]
        replaced = replaced or any(rule["inheritance"] == "replace" for rule in own)
    return sorted(found, key=lambda rule: (-rule["priority"], rule["id"]))


def _is_valid(rule: Record, day: date) -> bool:
    begins, ends = rule["valid_from"], rule["valid_to"]
    return rule["status"] == "active" and (begins is None or begins <= day) and (ends is None or day <= ends)


def concerns(rule: Record, requester_id: str | None, roles: Iterable[str]) -> bool:
    """Whether a rule is for this requester: everyone, where it names neither roles nor people."""
    if not rule["roles"] and not rule["account_ids"]:
        return True
    return requester_id in rule["account_ids"] or not set(rule["roles"]).isdisjoint(roles)


def merged(rules: Iterable[Record]) -> list[list[Requirement]]:
    """The tiers of several rules as one: at each tier the union of their requirements. The same group asked for twice
    is asked once, for both rules."""
    tiers: list[dict[tuple[Any, ...], Requirement]] = []
    for rule in rules:
        for place, said in enumerate(rule["tiers"]):
            if place == len(tiers):
                tiers.append({})
            wanted = requirement_of(said, rule["name"])
            key = (wanted.approvers, wanted.mode, wanted.n)
            known = tiers[place].get(key)
            rules_asking = (known.rules if known else ()) + wanted.rules
            tiers[place][key] = Requirement(wanted.approvers, wanted.mode, wanted.n, tuple(dict.fromkeys(rules_asking)))
    return [list(tier.values()) for tier in tiers]


def requirement_of(tier: Record, rule_name: str) -> Requirement:
    """The requirement that one tier of a rule states."""
    approvers = tuple(sorted({Approver(one["kind"], one.get("value") or "") for one in tier["approvers"]}))
    n = tier["n"] if tier["mode"] == "n_of_m" else 1
    return Requirement(approvers, tier["mode"], n, (rule_name,))


def check_tiers(tiers: Sequence[Record]) -> None:
    """Raises RuleUnsuitable where the tiers of a rule cannot be decided by anybody."""
    if not 1 <= len(tiers) <= MAX_TIERS:
        raise _unsuitable(f"A rule has 1 to {MAX_TIERS} tiers.", "/tiers")
    for place, tier in enumerate(tiers):
        _check_tier(tier, f"/tiers/{place}")


def _check_tier(tier: Record, at: str) -> None:
    if not 1 <= len(tier["approvers"]) <= MAX_APPROVERS:
        raise _unsuitable(f"A tier names 1 to {MAX_APPROVERS} approvers.", f"{at}/approvers")
    for place, approver in enumerate(tier["approvers"]):
        _check_approver(approver, f"{at}/approvers/{place}")
    n = tier.get("n")
    if tier["mode"] != "n_of_m":
        if n is not None:
            raise _unsuitable("Only the mode n_of_m counts approvals; leave `n` out.", f"{at}/n")
        return
    if n is None or not 1 <= n <= MAX_APPROVERS:
        raise _unsuitable(f"Say how many must approve, 1 to {MAX_APPROVERS}.", f"{at}/n")
    people = {one["value"] for one in tier["approvers"] if one["kind"] == "user"}
    if len(people) == len(tier["approvers"]) and n > len(people):
        raise _unsuitable("More must approve than are named.", f"{at}/n")


def _check_approver(approver: Record, at: str) -> None:
    kind, value = approver["kind"], approver.get("value")
    if kind == "role" and value not in APPROVING_ROLES:
        raise _unsuitable(f"Choose a role that may approve: {', '.join(APPROVING_ROLES)}.", f"{at}/value")
    if kind == "user" and not value:
        raise _unsuitable("Name the account that decides.", f"{at}/value")
    if kind in {"manager_of_requester", "cost_centre_owner"} and value:
        raise _unsuitable("Who that is follows from the order; leave the value out.", f"{at}/value")


def _unsuitable(detail: str, pointer: str) -> RuleUnsuitable:
    return RuleUnsuitable(detail, errors=[FieldError(pointer, detail)])
