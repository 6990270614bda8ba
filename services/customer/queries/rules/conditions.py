"""A rule as a condition on `customers`, for sets; it says the same as `customer_rules.matches` says of one record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
from sqlalchemy.dialects.postgresql import ARRAY

from customer.domain.rule_fields import PURPOSE_LABELS
from customer.queries.rules.asked import Asked, Condition, array, channel, json_list, scalar
from customer.tables.customers import addresses, contacts, customers
from customer.tables.metadata import ID
from customer.tables.properties import assignments, properties
from customer.tables.rules import segment_members
from customer.tables.systems import systems
from customer_rules import (
    AllOf,
    Every,
    Field,
    Leaf,
    Node,
    Not,
    OneOf,
    Predicate,
    Present,
    Rule,
    When,
    counted,
    predicate,
)

_NUMBER = r"^[+-]?[0-9]{1,30}(\.[0-9]{1,30})?$"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"


@dataclass(frozen=True, slots=True)
class _Related:
    """Where a list of a record is stored, which of its rows are a customer's, and how each value of it is asked."""

    rows: FromClause
    of_customer: Condition
    columns: Mapping[str, Asked]
    custom_fields: ColumnElement[Any] | None = None

    def asked(self, field: Field) -> Asked:
        """How a field of the list is asked of one row."""
        if self.custom_fields is not None and field.path[0] == "custom_fields":
            return _custom(field, self.custom_fields)
        return self.columns[field.path[0]]


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
    related = _RELATED[leaf.field.related]
    held = _settled(related.asked(leaf.field)(wanted), negative)
    of_customer = and_(related.of_customer, held)
    if leaf.count is not None:
        rows = select(func.count()).select_from(related.rows)
        number = rows.where(of_customer).correlate(customers).scalar_subquery()
        how_many, not_so = counted(leaf.count.op, leaf.count.value)
        return _settled(scalar(number)(how_many), not_so)
    found = exists(select(1).select_from(related.rows).where(of_customer).correlate(customers))
    return found if leaf.quantifier == "any" else ~found


def _settled(held: Condition, negative: bool) -> Condition:
    """What is unknown does not hold, and of what does not hold the negative operators are true."""
    # EXISTS is never unknown, and by itself the planner can turn it into a join.
    known = held if isinstance(held, Exists) else func.coalesce(held, False, type_=Boolean)
    return ~known if negative else known


def _of_customer(field: Field) -> Asked:
    if field.path[:1] == ("custom_fields",):
        return _custom(field, customers.c.custom_fields)
    if field.path[:1] == ("in_segment",):
        return scalar(member_of([field.path[1]]))
    return _CUSTOMER[field.name]


def _custom(field: Field, values: ColumnElement[Any]) -> Asked:
    value = values[field.path[1]]
    if len(field.path) > 2:
        value = value[field.path[2]]
    kind, written = func.jsonb_typeof(value), value.astext
    if field.many:
        # A single value is from before the field took several.
        return json_list(case((kind == "array", value), (kind == "string", func.jsonb_build_array(value))))
    if field.type == "number":
        is_number = and_(kind.in_(["number", "string"]), written.regexp_match(_NUMBER))
        return scalar(case((is_number, cast(written, Numeric))))
    if field.type == "boolean":
        return scalar(case((kind == "boolean", cast(written, Boolean))))
    if field.type == "datetime":
        moment = and_(kind == "string", written.regexp_match(_MOMENT))
        return scalar(case((moment, cast(written, customers.c.created_at.type))))
    if field.type == "date":
        return scalar(case((and_(kind == "string", written.regexp_match(_DAY)), cast(written, Date))))
    return scalar(case((kind == "string", written)))


def _members(wanted: Predicate) -> Condition:
    if isinstance(wanted, Present):
        return exists().where(segment_members.c.customer_id == customers.c.id, segment_members.c.source != "manual_out")
    assert isinstance(wanted, OneOf | AllOf)
    if isinstance(wanted, AllOf):
        return and_(true(), *(member_of([segment_id]) for segment_id in wanted.values))
    return member_of(list(wanted.values))


def _located(wanted: Predicate) -> Condition:
    """Whether a property that a customer has now lies in the subtree of a location group."""
    if isinstance(wanted, Present):
        return _has_property(properties.c.location_group_id.is_not(None))
    assert isinstance(wanted, OneOf | AllOf)
    each = [[one] for one in wanted.values] if isinstance(wanted, AllOf) else [list(wanted.values)]
    return and_(true(), *(_has_property(_below(group_ids)) for group_ids in each))


def _has_property(where: Condition) -> Condition:
    return exists(select(1).select_from(_HELD).where(_HOLDS, where).correlate(customers))


def _below(group_ids: list[str]) -> Condition:
    ids = cast(literal(group_ids, ARRAY(ID)), ARRAY(ID))
    return properties.c.location_group_id.in_(select(func.location_groups_below(ids)))


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
        fits = scalar(_MAIN.c[name])(wanted)
        return exists().where(_MAIN.c.customer_id == customers.c.id, fits, _MAIN.c.id == first)

    return held


_MAIN, _OTHER = addresses.alias("main_address"), addresses.alias("other_address")
_TEXT = contacts.c.name.type
# The properties that a customer has now.
_HELD = assignments.join(properties, properties.c.id == assignments.c.property_id)
_HOLDS = and_(assignments.c.customer_id == customers.c.id, assignments.c.state == "current")
_CUSTOMER: Mapping[str, Asked] = {
    **{
        name: scalar(customers.c[name])
        for name in ("number", "name", "dba_name", "kind", "status", "lifecycle", "created_at", "updated_at")
    },
    **{name: _main(name) for name in ("city", "postal_code", "country")},
    "tag": array(customers.c.tag_ids, ID),
    "group": scalar(customers.c.group_id),
    "location_group": _located,
    "segment": _members,
}
_RELATED: Mapping[str, _Related] = {
    "contacts": _Related(
        contacts,
        contacts.c.customer_id == customers.c.id,
        {
            **{name: scalar(contacts.c[name]) for name in ("name", "title", "department")},
            "emails": channel(contacts.c.emails, "address"),
            "phones": channel(contacts.c.phones, "number"),
            "roles": array(contacts.c.roles, _TEXT),
        },
        contacts.c.custom_fields,
    ),
    "addresses": _Related(
        addresses,
        addresses.c.customer_id == customers.c.id,
        {
            **{name: scalar(addresses.c[name]) for name in ("city", "region", "postal_code", "country")},
            "purposes": array(addresses.c.purposes, _TEXT),
        },
    ),
    "properties": _Related(
        _HELD,
        _HOLDS,
        {
            **{name: scalar(properties.c[name]) for name in ("number", "name", "kind", "city", "country")},
            "role": scalar(assignments.c.role),
        },
    ),
    "systems": _Related(
        systems,
        systems.c.customer_id == customers.c.id,
        {name: scalar(systems.c[name]) for name in ("name", "status", "type_id")},
    ),
}
