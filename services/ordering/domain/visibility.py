"""Why a customer sees a listing or does not: every rule looked at, in order, up to the one that decides.

The query says the same of many listings at once (`queries.viewpoint`); a test holds both against each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Outcome = Literal["shows", "hides", "passes"]

EFFECTS: Final = ("include", "exclude")
TARGET_KINDS: Final = ("customer", "group", "segment", "role", "contract")

_NOUNS: Final = {"include": "inclusion", "exclude": "exclusion"}
_STATUS: Final = {
    "draft": "It is a draft that has not been published.",
    "paused": "It is paused and in no catalogue for now.",
    "retired": "It is retired and offered no more.",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that was looked at. `why` is the code of one that hides."""

    looked_at: str
    outcome: Outcome
    sentence: str
    why: str | None = None
    rule_id: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides: the listing, the customer with its ancestors (nearest first), the rules about the listing or its
    category that reach them, the two switches, and whether who sells it may sell."""

    listing: Mapping[str, Any]
    line: Sequence[Mapping[str, Any]]
    rules: Sequence[Mapping[str, Any]]
    inherits: bool
    internal: bool
    inherits_by: str = "platform"
    sells: bool = True

    @property
    def customer(self) -> Mapping[str, Any]:
        """The customer who looks."""
        return self.line[0]


def explain(facts: Facts) -> list[Step]:
    """The steps up to the one that decides, which is the last."""
    steps = []
    for step in _steps(facts):
        steps.append(step)
        if step.outcome != "passes":
            break
    return steps


def _steps(facts: Facts) -> Iterator[Step]:
    yield _status(facts)
    if facts.listing["kind"] == "internal":
        yield _internal(facts)
    if facts.listing["owner_id"] is not None:
        yield _seller(facts)
    yield from _rules(facts, "exclude")
    yield from _owned(facts)
    yield from _rules(facts, "include")
    yield from _audience(facts)


def _status(facts: Facts) -> Step:
    status = facts.listing["status"]
    if status != "published":
        return Step("status", "hides", _STATUS[status], status)
    return Step("status", "passes", "It is published.")


def _internal(facts: Facts) -> Step:
    if facts.internal:
        return Step("internal_inventory", "passes", "It is internal, and internal inventory is switched on.")
    sentence = f"It is internal, and internal inventory is switched off for {facts.customer['name']}."
    return Step("internal_inventory", "hides", sentence, "internal_inventory_disabled")


def _seller(facts: Facts) -> Step:
    if facts.sells:
        return Step("seller", "passes", "Who sells it may offer things of its own.")
    sentence = "Internal inventory is switched off for who sells it, and its offers are withdrawn until it is on."
    return Step("seller", "hides", sentence, "seller_inactive")


def _rules(facts: Facts, effect: str) -> Iterator[Step]:
    found = [rule for rule in facts.rules if rule["effect"] == effect]
    for rule in found:
        who = "contract" if rule["target_kind"] == "assortment" else "rule"
        sentence = f"A {who} {effect}s {_subject(rule)} for {_target(rule, facts.line)}."
        if effect == "exclude":
            yield Step(_NOUNS[effect], "hides", f"{sentence} An exclusion always wins.", "excluded", rule["id"])
        else:
            yield Step(_NOUNS[effect], "shows", sentence, None, rule["id"])
    if not found:
        yield Step(_NOUNS[effect], "passes", f"No rule {effect}s it.")


def _subject(rule: Mapping[str, Any]) -> str:
    return "this listing" if rule["listing_id"] else f"the category “{rule['category']}”"


def _target(rule: Mapping[str, Any], line: Sequence[Mapping[str, Any]]) -> str:
    if rule["target_kind"] == "role":
        return f"everybody with the role {rule['role']}"
    if rule["target_kind"] in {"segment", "contract"}:
        return f"the {rule['target_kind']} {rule['target']}"
    for customer in line:
        if customer["id"] == rule["target_id"]:
            return f"{customer['name']}{'' if customer is line[0] else ' and its branches'}"
        if customer["group_id"] == rule["target_id"]:
            return f"the group of {customer['name']}"
    return "somebody else"


def _owned(facts: Facts) -> Iterator[Step]:
    owner = facts.listing["owner_id"]
    if owner is not None and owner == facts.customer["id"]:
        yield Step("owner", "shows", f"{facts.customer['name']} sells it.")
    else:
        yield Step("owner", "passes", "Somebody else sells it." if owner else "The provider sells it.")


def _audience(facts: Facts) -> Iterator[Step]:
    audience, owner = facts.listing["audience"], facts.listing["owner_id"]
    if audience != "explicit" and owner is not None:
        above = next((customer for customer in facts.line if customer["id"] == owner), None)
        if above is not None:
            sentence = f"{above['name']} sells it to its own tree, to which {facts.customer['name']} belongs."
            yield Step("tree", "shows", sentence)
            return
        yield Step("tree", "passes", "It is not sold by an ancestor of this customer.")
    if audience == "tree":
        yield Step("audience", "hides", "It is only for the tree of who sells it.", "not_assigned")
    elif audience == "explicit":
        yield Step("audience", "hides", "It is only for those that a rule includes.", "not_assigned")
    else:
        yield _marketplace(facts)


def _marketplace(facts: Facts) -> Step:
    state = "on" if facts.inherits else "off"
    sentence = (
        f"It is in the global marketplace, and inheriting that is switched {state} for {facts.customer['name']}"
        f" ({facts.inherits_by})."
    )
    if facts.inherits:
        return Step("inherit_global_marketplace", "shows", sentence)
    return Step("inherit_global_marketplace", "hides", sentence, "not_in_marketplace")
