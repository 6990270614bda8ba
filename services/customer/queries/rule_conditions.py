"""A rule as a condition on `customers`, for sets; it says the same as `customer_rules.matches` says of one record."""

from collections.abc import Callable, Mapping
from typing import Any, assert_never

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Exists,
    FromClause,
    Numeric,
    and_,
    any_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from customer.domain.rule_fields import PURPOSE_LABELS
from customer.tables.customers import addresses, contacts, customers
from customer.tables.metadata import ID
from customer.tables.rules import segment_members
from customer_rules import (
    SEPARATORS,
    AllOf,
    Anniversary,
    Every,
    Field,
    Leaf,
    Node,
    Not,
    OneOf,
    Part,
    Predicate,
    Present,
    Rule,
    When,
    Within,
    counted,
    predicate,
)

Condition = ColumnElement[bool]
Asked = Callable[[Predicate], Condition]

_NUMBER = r"^[+-]?[0-9]{1,30}(\.[0-9]{1,30})?$"
_DAY = r"^\d{4}-\d{2}-\d{2}$"
_MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$"


def condition(rule: Rule, when: When) -> Condition:
    """True of the rows of `customers` that the rule is true of, else false, never null."""
    return _node(rule.root, when)


def member_of(segment_ids: list[str]) -> Condition:
    """Whether a customer is a member of at least one of these segments, as stored."""
    return exists().where(
        segment_members.c.customer_id == customers.c.id,
        segment_members.c.segment_id.in_(segment_ids),
        segment_members.c.source != "manual_out",
    )


def _node(node: Node, when: When) -> Condition:
    if isinstance(node, Leaf):
        return _leaf(node, when)
    if isinstance(node, Not):
        return ~_node(node.part, when)
    parts = [_node(part, when) for part in node.parts]
    return and_(true(), *parts) if isinstance(node, Every) else or_(*parts)


def _leaf(leaf: Leaf, when: When) -> Condition:
    wanted, negative = predicate(leaf, when)
    if not leaf.field.related:
        return _settled(_of_customer(leaf.field)(wanted), negative)
    table, columns = _RELATED[leaf.field.related]
    held = _settled(columns[leaf.field.path[0]](wanted), negative)
    of_customer = and_(table.c.customer_id == customers.c.id, held)
    if leaf.count is not None:
        number = select(func.count()).select_from(table).where(of_customer).correlate(customers).scalar_subquery()
        how_many, not_so = counted(leaf.count.op, leaf.count.value)
        return _settled(_scalar(number)(how_many), not_so)
    found = exists().where(of_customer).correlate(customers)
    return found if leaf.quantifier == "any" else ~found


def _settled(held: Condition, negative: bool) -> Condition:
    """What is unknown does not hold, and of what does not hold the negative operators are true."""
    # EXISTS is never unknown, and by itself the planner can turn it into a join.
    known = held if isinstance(held, Exists) else func.coalesce(held, False, type_=Boolean)
    return ~known if negative else known


def _of_customer(field: Field) -> Asked:
    if field.path[:1] == ("custom_fields",):
        return _custom(field)
    if field.path[:1] == ("in_segment",):
        return _scalar(member_of([field.path[1]]))
    return _CUSTOMER[field.name]


def _custom(field: Field) -> Asked:
    value = customers.c.custom_fields[field.path[1]]
    if len(field.path) > 2:
        value = value[field.path[2]]
    kind, written = func.jsonb_typeof(value), value.astext
    if field.many:
        return _json_list(case((kind == "array", value)))
    if field.type == "number":
        is_number = and_(kind.in_(["number", "string"]), written.regexp_match(_NUMBER))
        return _scalar(case((is_number, cast(written, Numeric))))
    if field.type == "boolean":
        return _scalar(case((kind == "boolean", cast(written, Boolean))))
    if field.type == "datetime":
        moment = and_(kind == "string", written.regexp_match(_MOMENT))
        return _scalar(case((moment, cast(written, customers.c.created_at.type))))
    if field.type == "date":
        return _scalar(case((and_(kind == "string", written.regexp_match(_DAY)), cast(written, Date))))
    return _scalar(case((kind == "string", written)))


def _scalar(value: ColumnElement[Any]) -> Asked:
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


def _array(value: ColumnElement[Any], item: Any) -> Asked:
    """The condition on a column that holds an array."""

    def held(wanted: Predicate) -> Condition:
        if isinstance(wanted, Present):
            return func.cardinality(value) > 0
        if isinstance(wanted, AllOf):
            return value.bool_op("@>")(cast(literal(list(wanted.values), ARRAY(item)), ARRAY(item)))
        assert isinstance(wanted, OneOf)
        return value.bool_op("&&")(cast(literal(list(wanted.values), ARRAY(item)), ARRAY(item)))

    return held


def _json_list(value: ColumnElement[Any]) -> Asked:
    """The condition on a JSON array of texts, null where there is none."""

    def held(wanted: Predicate) -> Condition:
        if isinstance(wanted, Present):
            return func.jsonb_array_length(value) > 0
        assert isinstance(wanted, OneOf | AllOf)
        operator = "?&" if isinstance(wanted, AllOf) else "?|"
        return value.bool_op(operator)(cast(literal(list(wanted.values), ARRAY(_TEXT)), ARRAY(_TEXT)))

    return held


def _channel(value: ColumnElement[Any], name: str) -> Asked:
    """The condition on one of the labelled entries of a contact."""

    def held(wanted: Predicate) -> Condition:
        entry = func.jsonb_array_elements(value).table_valued("value", name=f"each_{name}")
        text = cast(entry.c.value, JSONB)[name].astext
        return exists(select(1).select_from(entry).where(_scalar(text)(wanted)).correlate(contacts))

    return held


def _members(wanted: Predicate) -> Condition:
    if isinstance(wanted, Present):
        return exists().where(segment_members.c.customer_id == customers.c.id, segment_members.c.source != "manual_out")
    assert isinstance(wanted, OneOf | AllOf)
    if isinstance(wanted, AllOf):
        return and_(true(), *(member_of([segment_id]) for segment_id in wanted.values))
    return member_of(list(wanted.values))


def _main(name: str) -> Asked:
    """The condition on a column of the address under which a customer is listed, see `rule_fields.main_address`. It
    begins at the addresses that fit, so that a rule about a city need not sort every customer's addresses."""
    ranks = [literal(purpose) == any_(_OTHER.c.default_for) for purpose in PURPOSE_LABELS]
    ranks += [literal(purpose) == any_(_OTHER.c.purposes) for purpose in PURPOSE_LABELS]
    rank = case(*((is_so, place) for place, is_so in enumerate(ranks)), else_=len(ranks))
    first = (
        select(_OTHER.c.id)
        .where(_OTHER.c.customer_id == _MAIN.c.customer_id)
        .order_by(rank, _OTHER.c.id)
        .limit(1)
        .correlate(_MAIN)
        .scalar_subquery()
    )

    def held(wanted: Predicate) -> Condition:
        fits = _scalar(_MAIN.c[name])(wanted)
        return exists().where(_MAIN.c.customer_id == customers.c.id, fits, _MAIN.c.id == first)

    return held


_MAIN, _OTHER = addresses.alias("main_address"), addresses.alias("other_address")
_TEXT = contacts.c.name.type
_CUSTOMER: Mapping[str, Asked] = {
    **{
        name: _scalar(customers.c[name])
        for name in ("number", "name", "dba_name", "kind", "status", "lifecycle", "created_at", "updated_at")
    },
    **{name: _main(name) for name in ("city", "postal_code", "country")},
    "tag": _array(customers.c.tag_ids, ID),
    "group": _scalar(customers.c.group_id),
    "segment": _members,
}
_RELATED: Mapping[str, tuple[FromClause, Mapping[str, Asked]]] = {
    "contacts": (
        contacts,
        {
            **{name: _scalar(contacts.c[name]) for name in ("name", "title", "department")},
            "emails": _channel(contacts.c.emails, "address"),
            "phones": _channel(contacts.c.phones, "number"),
            "roles": _array(contacts.c.roles, _TEXT),
        },
    ),
    "addresses": (
        addresses,
        {
            **{name: _scalar(addresses.c[name]) for name in ("city", "region", "postal_code", "country")},
            "purposes": _array(addresses.c.purposes, _TEXT),
        },
    ),
}
