"""A rule asked of one record, a plain dict: yes or no, or why."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, assert_never

from customer_rules.fields import Field
from customer_rules.folding import fold, has_word
from customer_rules.moments import When
from customer_rules.parsing import to_document
from customer_rules.predicates import AllOf, Anniversary, OneOf, Part, Predicate, Present, Within, counted, predicate
from customer_rules.tree import Every, Leaf, Node, Not, Rule
from customer_rules.values import Unreadable, decimal

Record = Mapping[str, Any]

_MOST_SHOWN = 20


def matches(rule: Rule, record: Record, when: When) -> bool:
    """Whether the rule is true of the record."""
    return _node(rule.root, record, when)


def explain(rule: Rule, record: Record, when: When) -> dict[str, Any]:
    """The rule's tree with, at each node, `result`, and at each leaf the values that were `found`."""
    return _explained(rule.root, record, when)


def _node(node: Node, record: Record, when: When) -> bool:
    if isinstance(node, Leaf):
        return _leaf(node, record, when)
    if isinstance(node, Not):
        return not _node(node.part, record, when)
    decides = all if isinstance(node, Every) else any
    return decides(_node(part, record, when) for part in node.parts)


def _explained(node: Node, record: Record, when: When) -> dict[str, Any]:
    result = _node(node, record, when)
    if isinstance(node, Leaf):
        said = to_document(node)
        return {"result": result, "label": node.field.label, **said, "found": _found(node, record)}
    if isinstance(node, Not):
        return {"result": result, "not": _explained(node.part, record, when)}
    name = "all" if isinstance(node, Every) else "any"
    return {"result": result, name: [_explained(part, record, when) for part in node.parts]}


def _leaf(leaf: Leaf, record: Record, when: When) -> bool:
    wanted, negative = predicate(leaf, when)
    if not leaf.field.related:
        return _holds(wanted, _values(leaf.field, record)) != negative
    true = sum(_holds(wanted, _values(leaf.field, entry)) != negative for entry in _entries(leaf, record))
    if leaf.count is not None:
        how_many, negative = counted(leaf.count.op, leaf.count.value)
        return _holds(how_many, [Decimal(true)]) != negative
    return (true > 0) == (leaf.quantifier == "any")


def _found(leaf: Leaf, record: Record) -> list[Any]:
    holders = _entries(leaf, record) if leaf.field.related else [record]
    values = [value for holder in holders for value in _values(leaf.field, holder)]
    return [_shown(value) for value in values[:_MOST_SHOWN]]


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, Decimal | date) else value


def _entries(leaf: Leaf, record: Record) -> list[Record]:
    return list(record.get(leaf.field.related) or ())


def _values(field: Field, holder: Record) -> list[Any]:
    """The values that are of the field's type; what is not is as if it were not there."""
    found = (_typed(field, value) for value in field.values(holder))
    return [value for value in found if value is not None]


def _typed(field: Field, value: Any) -> Any:
    if field.type == "number":
        try:
            return None if isinstance(value, bool) else decimal(value)
        except Unreadable:
            return None
    if field.type == "boolean":
        return value if isinstance(value, bool) else None
    if field.type == "datetime":
        return value.astimezone(UTC) if isinstance(value, datetime) else _read(datetime, value)
    if field.type == "date":
        return value if isinstance(value, date) else _read(date, value)
    return value if isinstance(value, str) else None


def _read(kind: type[date], value: Any) -> Any:
    try:
        read = kind.fromisoformat(value)
    except (ValueError, TypeError):
        return None
    return read.astimezone(UTC) if isinstance(read, datetime) else read


def _holds(wanted: Predicate, values: list[Any]) -> bool:
    if isinstance(wanted, Present):
        return bool(values)
    if isinstance(wanted, AllOf):
        return set(wanted.values) <= set(values)
    return any(_holds_of(wanted, value) for value in values)


def _holds_of(wanted: OneOf | Part | Within | Anniversary, value: Any) -> bool:
    if isinstance(wanted, OneOf):
        return (fold(value) if wanted.folded else value) in wanted.values
    if isinstance(wanted, Part):
        return _has_part(wanted, value)
    if isinstance(wanted, Within):
        return _reaches(wanted, value) and _stays_below(wanted, value)
    if isinstance(wanted, Anniversary):
        day = value.astimezone(wanted.zone).date() if isinstance(value, datetime) else value
        return day < wanted.today and (day.month, day.day) in wanted.days
    assert_never(wanted)


def _has_part(wanted: Part, value: str) -> bool:
    if wanted.place == "word":
        return has_word(value, wanted.text)
    text = fold(value)
    if wanted.place == "start":
        return text.startswith(wanted.text)
    return text.endswith(wanted.text) if wanted.place == "end" else wanted.text in text


def _reaches(wanted: Within, value: Any) -> bool:
    return wanted.low is None or value > wanted.low or (wanted.with_low and value == wanted.low)


def _stays_below(wanted: Within, value: Any) -> bool:
    return wanted.high is None or value < wanted.high or (wanted.with_high and value == wanted.high)
