"""A predicate asked of one column: of a value, an array, or a list in JSON."""

from collections.abc import Callable
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Date, Text, and_, cast, exists, func, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from customer.tables.customers import contacts
from customer_rules import SEPARATORS, AllOf, Anniversary, OneOf, Part, Predicate, Present, Within

Condition = ColumnElement[bool]
Asked = Callable[[Predicate], Condition]


def scalar(value: ColumnElement[Any]) -> Asked:
    """The condition on one value, null where it has none."""

    def held(wanted: Predicate) -> Condition:
        if isinstance(wanted, Present):
            return value.is_not(None)
        if isinstance(wanted, OneOf):
            return (func.fold_text(value) if wanted.folded else value).in_(wanted.values)
        if isinstance(wanted, AllOf):
            return and_(true(), *(value == one for one in wanted.values))
        if isinstance(wanted, Part):
            return _part(value, wanted)
        if isinstance(wanted, Within):
            return _within(value, wanted)
        if isinstance(wanted, Anniversary):
            return _anniversary(value, wanted)
        assert_never(wanted)

    return held


def _part(value: ColumnElement[Any], wanted: Part) -> Condition:
    folded = func.fold_text(value)
    if wanted.place == "start":
        return func.starts_with(folded, wanted.text)
    if wanted.place == "end":
        return func.right(folded, len(wanted.text)) == wanted.text
    if wanted.place == "word":
        spaced = func.translate(folded, SEPARATORS, " " * len(SEPARATORS))
        return func.strpos(func.concat(" ", spaced, " "), f" {wanted.text} ") > 0
    return func.strpos(folded, wanted.text) > 0


def _within(value: ColumnElement[Any], wanted: Within) -> Condition:
    ends: list[Condition] = [true()]
    if wanted.low is not None:
        ends.append(value >= wanted.low if wanted.with_low else value > wanted.low)
    if wanted.high is not None:
        ends.append(value <= wanted.high if wanted.with_high else value < wanted.high)
    return and_(*ends, value.is_not(None))


def _anniversary(value: ColumnElement[Any], wanted: Anniversary) -> Condition:
    day = value if isinstance(value.type, Date) else cast(func.timezone(wanted.zone.key, value), Date)
    days = [f"{month:02d}{number:02d}" for month, number in sorted(wanted.days)]
    return and_(func.to_char(day, "MMDD").in_(days), day < wanted.today)


def array(value: ColumnElement[Any], item: Any) -> Asked:
    """The condition on a column that holds an array."""

    def held(wanted: Predicate) -> Condition:
        if isinstance(wanted, Present):
            return func.cardinality(value) > 0
        if isinstance(wanted, AllOf):
            return value.bool_op("@>")(cast(literal(list(wanted.values), ARRAY(item)), ARRAY(item)))
        assert isinstance(wanted, OneOf)
        return value.bool_op("&&")(cast(literal(list(wanted.values), ARRAY(item)), ARRAY(item)))

    return held


def json_list(value: ColumnElement[Any]) -> Asked:
    """The condition on a JSON array of texts, null where there is none."""

    def held(wanted: Predicate) -> Condition:
        if isinstance(wanted, Present):
            return func.jsonb_array_length(value) > 0
        assert isinstance(wanted, OneOf | AllOf)
        operator = "?&" if isinstance(wanted, AllOf) else "?|"
        return value.bool_op(operator)(cast(literal(list(wanted.values), ARRAY(Text)), ARRAY(Text)))

    return held


def channel(value: ColumnElement[Any], name: str) -> Asked:
    """The condition on one of the labelled entries of a contact."""

    def held(wanted: Predicate) -> Condition:
        entry = func.jsonb_array_elements(value).table_valued("value", name=f"each_{name}")
        text = cast(entry.c.value, JSONB)[name].astext
        return exists(select(1).select_from(entry).where(scalar(text)(wanted)).correlate(contacts))

    return held
