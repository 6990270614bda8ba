"""Who may decide on a tier: the approvers that a rule names, less the requester, with somebody to fall back on.

The nearest node at which somebody may decide counts. Where nobody may at the node of the order, the next ancestor is
asked, then the admins of the company, then the provider's staff; nothing passes because nobody is there.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from ordering.domain.approval_rules import APPROVING_ROLES, Approver, Requirement

Record = Mapping[str, Any]

NO_ELIGIBLE_APPROVER: Final = "no_eligible_approver"
REMINDED, ESCALATED, WITH_STAFF = 1, 2, 3  # levels of escalation; none of them decides


@dataclass(frozen=True, slots=True)
class Holder:
    """An account with its portal roles, which it holds at a node and, with `subtree`, below it."""

    account_id: str
    node: str
    label: str
    roles: frozenset[str]
    subtree: bool = False
    contact_id: str | None = None

    @property
    def may_approve(self) -> bool:
        return not self.roles.isdisjoint(APPROVING_ROLES)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may decide on one requirement of a tier. Who may not `complete` it, since the total is beyond its
    own limit, approves beside others only. A `substitute` was called by an escalation, in place of any of the
    others."""

    requirement: int
    account_id: str
    node: str | None
    via: str
    label: str | None = None
    complete: bool = True
    substitute: bool = False


@dataclass(frozen=True, slots=True)
class Company:
    """The node of an order and those above it whose roles reach it, nearest first, with the people of each."""

    line: Sequence[str]
    holders: Sequence[Holder]
    managers: Collection[str] = ()  # contact ids with the role `manager` at the order's node
    excluded: Collection[str] = ()  # who asked for the order, in whatever guise
    limited: Collection[str] = ()  # whose own limit is below the total
    owners: Collection[str] = ()  # contact ids of those who own a cost centre of the order

    def at(self, node: str) -> list[Holder]:
        """Those of a node who may decide on the order: of an ancestor only whose roles reach down."""
        return [
            holder
            for holder in self.holders
            if holder.node == node
            and (node == self.line[0] or holder.subtree)
            and holder.may_approve
            and holder.account_id not in self.excluded
        ]


def routed(tier: Sequence[Requirement], company: Company, level: int = 0) -> tuple[list[Candidate], list[int]]:
    """Who may decide on a tier at a level of escalation, and which of its requirements the provider's staff may."""
    people: list[Candidate] = []
    staff_for: list[int] = []
    for place, requirement in enumerate(tier):
        found, staff = candidates(requirement, place, company)
        if level >= ESCALATED:
            found += substitutes(place, company, {one.account_id for one in found})
        if staff or level >= WITH_STAFF:
            staff_for.append(place)
        people += found
    return people, staff_for


def candidates(requirement: Requirement, place: int, company: Company) -> tuple[list[Candidate], bool]:
    """Who may decide on a requirement, and whether only the staff of the provider can."""
    found: dict[str, Candidate] = {}
    for rung in _rungs(requirement, company):
        for holder, via in rung:
            able = holder.account_id not in company.limited
            found.setdefault(
                holder.account_id, Candidate(place, holder.account_id, holder.node, via, holder.label, able)
            )
        if sum(candidate.complete for candidate in found.values()) >= requirement.n:
            return list(found.values()), False
    return list(found.values()), True


def substitutes(place: int, company: Company, present: Collection[str]) -> list[Candidate]:
    """Whom an escalation adds: every approver above the order's node and every admin who is not there already."""
    added: dict[str, Candidate] = {}
    for node in company.line:
        for holder in company.at(node):
            may = node != company.line[0] or "admin" in holder.roles
            if may and holder.account_id not in present and holder.account_id not in company.limited:
                added.setdefault(
                    holder.account_id,
                    Candidate(place, holder.account_id, node, "escalation", holder.label, substitute=True),
                )
    return list(added.values())


def _rungs(requirement: Requirement, company: Company) -> Iterable[list[tuple[Holder, str]]]:
    """The ladder that is climbed until there are enough."""
    for height, node in enumerate(company.line):
        yield [
            (holder, "rule" if height == 0 else "ancestor")
            for holder in company.at(node)
            if any(_is(approver, holder, company, above=height > 0) for approver in requirement.approvers)
        ]
    for node in company.line:
        yield [(holder, "company_admin") for holder in company.at(node) if "admin" in holder.roles]


def _is(approver: Approver, holder: Holder, company: Company, *, above: bool) -> bool:
    if approver.kind == "role":
        return approver.value in holder.roles
    if approver.kind == "user" and approver.value == holder.account_id:
        return True
    if approver.kind == "cost_centre_owner" and holder.contact_id in company.owners:
        return True
    # A person who cannot decide is stood in for by the approvers of the next node above.
    if above:
        return "approver" in holder.roles
    return approver.kind == "manager_of_requester" and holder.contact_id in company.managers


def holders_of(node: str, accounts: Iterable[Record]) -> list[Holder]:
    """The people of a node out of what identity last said."""
    return [
        Holder(
            one["account_id"],
            node,
            one["label"],
            frozenset(one["roles"]),
            bool(one["subtree"]),
            one.get("contact_id"),
        )
        for one in accounts
    ]


def reaching_line(line: Sequence[str], accepted_parents: Mapping[str, str | None]) -> list[str]:
    """Of a node and its ancestors, nearest first, those whose roles flow down to it: as far up as each node accepts the
    one above it."""
    found = list(line[:1])
    for node, parent in pairwise(line):
        if accepted_parents.get(node) != parent:
            break
        found.append(parent)
    return found
