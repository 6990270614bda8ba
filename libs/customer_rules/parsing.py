"""A rule out of JSON. Every part that is wrong is named by its JSON pointer."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from customer_rules.fields import Field
from customer_rules.problems import Problem, RuleInvalid
from customer_rules.tree import MAX_DEPTH, MAX_LEAVES, Count, Every, Leaf, Node, Not, Rule, Some
from customer_rules.values import NO_VALUE, Unreadable, canonical, decimal, to_json

QUANTIFIERS: Final = ("any", "none", "count")
COUNT_OPERATORS: Final = ("eq", "ne", "lt", "lte", "gt", "gte", "between")

_BRANCHES = ("all", "any", "not")
_LEAF = {"field", "op", "value", "quantifier", "count"}
_MOST_PROBLEMS = 20


def parse(document: Any, fields: Mapping[str, Field]) -> Rule:
    """The rule that a JSON value says about these fields; raises RuleInvalid with all that is wrong."""
    reading = _Reading(fields)
    node = reading.node(document, "", 1)
    if reading.leaves > MAX_LEAVES:
        reading.wrong("", f"A rule has at most {MAX_LEAVES} comparisons; split it into segments.", "rule_too_large")
    if reading.problems or node is None:
        raise RuleInvalid(reading.problems[:_MOST_PROBLEMS])
    return Rule(node, to_document(node))


def to_document(node: Node) -> dict[str, Any]:
    """The JSON that says the same as a tree."""
    if isinstance(node, Every):
        return {"all": [to_document(part) for part in node.parts]}
    if isinstance(node, Some):
        return {"any": [to_document(part) for part in node.parts]}
    if isinstance(node, Not):
        return {"not": to_document(node.part)}
    said: dict[str, Any] = {"field": node.field.name, "op": node.op}
    if node.op not in NO_VALUE:
        said["value"] = to_json(node.value)
    if node.field.related:
        said["quantifier"] = node.quantifier
    if node.count is not None:
        pair = node.count.op == "between"
        said["count"] = {"op": node.count.op, "value": to_json(node.count.value if pair else node.count.value[0])}
    return said


class _Reading:
    """One pass over a document, with what it found wrong."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self.problems: list[Problem] = []
        self.leaves = 0

    def wrong(self, pointer: str, detail: str, code: str = "invalid") -> None:
        self.problems.append(Problem(pointer, detail, code))

    def node(self, said: Any, pointer: str, depth: int) -> Node | None:
        if depth > MAX_DEPTH:
            self.wrong(pointer, f"A rule is at most {MAX_DEPTH} levels deep.", "rule_too_deep")
            return None
        if not isinstance(said, dict):
            self.wrong(pointer, "Give an object with `all`, `any`, `not`, or `field` and `op`.")
            return None
        branches = [name for name in _BRANCHES if name in said]
        if not branches:
            return self._leaf(said, pointer)
        if len(said) > 1:
            self.wrong(pointer, f"`{branches[0]}` stands alone in its object.")
            return None
        name = branches[0]
        if name == "not":
            part = self.node(said["not"], f"{pointer}/not", depth + 1)
            return None if part is None else Not(part)
        return self._several(name, said[name], f"{pointer}/{name}", depth)

    def _several(self, name: str, said: Any, pointer: str, depth: int) -> Node | None:
        if not isinstance(said, list) or (name == "any" and not said):
            self.wrong(pointer, "Give a list of rules, at least one.")
            return None
        if len(said) > MAX_LEAVES:
            self.wrong(pointer, f"Give at most {MAX_LEAVES} rules.", "rule_too_large")
            return None
        parts = [self.node(part, f"{pointer}/{place}", depth + 1) for place, part in enumerate(said)]
        whole = [part for part in parts if part is not None]
        if len(whole) < len(parts):
            return None
        return Every(tuple(whole)) if name == "all" else Some(tuple(whole))

    def _leaf(self, said: dict[str, Any], pointer: str) -> Node | None:
        self.leaves += 1
        if self.leaves > MAX_LEAVES:
            return None
        for name in said.keys() - _LEAF:
            self.wrong(f"{pointer}/{_escaped(name)}", "Is no part of a comparison.", "unknown_field")
        field = self._field(said.get("field"), f"{pointer}/field")
        if field is None:
            return None
        op = said.get("op")
        if op not in field.operators:
            known = ", ".join(field.operators)
            self.wrong(f"{pointer}/op", f"{field.name} has the operators {known}.", "unknown_operator")
            return None
        before = len(self.problems)
        value = self._value(field, op, said.get("value"), f"{pointer}/value")
        quantifier = said.get("quantifier", "any")
        count = self._quantified(field, said, quantifier, pointer)
        return None if len(self.problems) > before else Leaf(field, op, value, quantifier, count)

    def _field(self, name: Any, pointer: str) -> Field | None:
        field = self.fields.get(name) if isinstance(name, str) else None
        if field is None:
            shown = f" {name[:80]}" if isinstance(name, str) else ""
            self.wrong(pointer, f"There is no field{shown}; choose one that this list offers.", "unknown_field")
        return field

    def _value(self, field: Field, op: str, raw: Any, pointer: str) -> Any:
        try:
            return canonical(field, op, raw)
        except Unreadable as unreadable:
            self.wrong(pointer + unreadable.step, unreadable.detail, "invalid_value")
            return None

    def _quantified(self, field: Field, said: dict[str, Any], quantifier: Any, pointer: str) -> Count | None:
        if not field.related:
            for name in ("quantifier", "count"):
                if name in said:
                    self.wrong(f"{pointer}/{name}", f"{field.name} has one value, nothing to count.")
            return None
        if quantifier not in QUANTIFIERS:
            self.wrong(f"{pointer}/quantifier", f"Choose one of {', '.join(QUANTIFIERS)}.")
            return None
        if quantifier != "count":
            if "count" in said:
                self.wrong(f"{pointer}/count", "Belongs to the quantifier `count`.")
            return None
        return self._count(said.get("count"), f"{pointer}/count")

    def _count(self, said: Any, pointer: str) -> Count | None:
        if not isinstance(said, dict) or set(said) != {"op", "value"} or said["op"] not in COUNT_OPERATORS:
            known = ", ".join(COUNT_OPERATORS)
            self.wrong(pointer, f'Say how many, as {{"op": "gte", "value": 2}}; operators are {known}.')
            return None
        raw = said["value"] if said["op"] == "between" else [said["value"]]
        if not isinstance(raw, list) or len(raw) != (2 if said["op"] == "between" else 1):
            self.wrong(f"{pointer}/value", "Give two numbers, the least and the greatest.")
            return None
        numbers: list[Decimal] = []
        for one in raw:
            try:
                numbers.append(decimal(one))
            except Unreadable as unreadable:
                self.wrong(f"{pointer}/value", unreadable.detail, "invalid_value")
                return None
        return Count(said["op"], tuple(numbers))


def _escaped(name: str) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")[:80]
