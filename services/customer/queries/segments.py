"""Segments, their members, and why a customer is or is not one of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.errors import CustomerNotFound
from customer.errors.rules import SegmentNotFound
from customer.queries.customers import customer_exists
from customer.queries.rules.conditions import condition
from customer.queries.rules.records import records
from customer.tables.customers import customers
from customer.tables.rules import segment_members, segments
from customer_rules import Field, Rule, When, explain, matches

_SAMPLES = 20

_MEMBERS = (
    select(func.count())
    .select_from(segment_members)
    .where(segment_members.c.segment_id == segments.c.id, segment_members.c.source != "manual_out")
    .correlate(segments)
    .scalar_subquery()
)
_SHOWN = select(segments, _MEMBERS.label("members")).where(segments.c.deleted_at.is_(None))
_FOUND = (customers.c.id, customers.c.number, customers.c.name, customers.c.status)


def described(field: Field) -> Mapping[str, Any]:
    """A field of rules as people choose it."""
    choices = None
    if field.choices is not None:
        choices = [{"value": value, "label": label} for value, label in field.choices.items()]
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "many": field.many,
        "quantified": bool(field.related),
        "operators": field.operators,
        "choices": choices,
    }


def segment_page(session: Session, limit: int, cursor: str | None, scope: str) -> Page:
    """All segments, by name."""
    keys = [Key(segments.c.name), Key(segments.c.id)]
    rows = keyset(session, _SHOWN, keys, cursor=cursor, limit=limit, scope=scope)
    return Page([_shown(row) for row in rows.rows], rows.next_cursor)


def segment(session: Session, segment_id: str) -> Mapping[str, Any]:
    """One segment; raises SegmentNotFound."""
    row = session.execute(_SHOWN.where(segments.c.id == segment_id)).mappings().one_or_none()
    if row is None:
        raise SegmentNotFound("There is no such segment.")
    return _shown(row)


def members_page(session: Session, segment_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """The members of a segment, by number, and since when and by what they are it."""
    segment(session, segment_id)
    stays = (segment_members.c.entered_at, segment_members.c.source, segment_members.c.rule_version)
    statement = (
        select(*_FOUND, *stays)
        .join(segment_members, segment_members.c.customer_id == customers.c.id)
        .where(segment_members.c.segment_id == segment_id, segment_members.c.source != "manual_out")
    )
    return _by_number(session, statement, limit, cursor, scope)


def of_customer(session: Session, customer_id: str) -> Sequence[Mapping[str, Any]]:
    """The segments of which a customer is a member, by name; raises CustomerNotFound."""
    customer_exists(session, customer_id)
    statement = (
        select(segments.c.id, segments.c.name, segment_members.c.entered_at, segment_members.c.source)
        .join(segment_members, segment_members.c.segment_id == segments.c.id)
        .where(segment_members.c.customer_id == customer_id, segment_members.c.source != "manual_out")
        .where(segments.c.deleted_at.is_(None))
        .order_by(segments.c.name, segments.c.id)
    )
    return [dict(row) for row in session.execute(statement).mappings()]


def membership(session: Session, segment_id: str, customer_id: str) -> Mapping[str, Any]:
    """Whether a customer is a member, since when and by what; `manual_out` is kept out by hand."""
    statement = select(segment_members).where(
        segment_members.c.segment_id == segment_id, segment_members.c.customer_id == customer_id
    )
    stay = session.execute(statement).mappings().one_or_none()
    member = stay is not None and stay["source"] != "manual_out"
    return {
        "member": member,
        "source": stay["source"] if stay else None,
        "entered_at": stay["entered_at"] if stay and member else None,
        "rule_version": stay["rule_version"] if stay else None,
    }


def explanation(
    session: Session, record: Mapping[str, Any], rule: Rule, customer_id: str, when: When
) -> Mapping[str, Any]:
    """The rule asked of one customer, each comparison with the values that were found, beside the membership as stored;
    raises CustomerNotFound."""
    found = records(session, [customer_id]).get(customer_id)
    if found is None:
        raise CustomerNotFound("There is no such customer.")
    return {
        **membership(session, record["id"], customer_id),
        "matches": takes_part(rule, found["status"]) and matches(rule, found, when),
        "takes_part": takes_part(rule, found["status"]),
        "rule": explain(rule, found, when),
    }


def takes_part(rule: Rule, status: str) -> bool:
    """Archived customers belong to no segment, unless the rule asks for the status."""
    return status == "active" or "status" in rule.field_names


def preview(session: Session, rule: Rule, when: When, segment_id: str | None) -> Mapping[str, Any]:
    """How many customers a rule is true of, twenty of them, and what would change for a segment that had it: `entering`
    and `leaving` count those whom the rule decides about, not those decided about by hand."""
    matched = condition(rule, when)
    if "status" not in rule.field_names:
        matched = and_(matched, customers.c.status == "active")
    samples = select(*_FOUND).where(matched).order_by(customers.c.number, customers.c.id).limit(_SAMPLES)
    found = session.execute(samples).mappings().all()
    count = session.execute(select(func.count()).select_from(customers).where(matched)).scalar_one()
    return {"count": count, "samples": found, "delta": _delta(session, matched, segment_id) if segment_id else None}


def matching_page(session: Session, rule: Rule, when: When, limit: int, cursor: str | None, scope: str) -> Page:
    """The customers that a rule is true of, by number."""
    return _by_number(session, select(*_FOUND).where(condition(rule, when)), limit, cursor, scope)


def _delta(session: Session, matched: Any, segment_id: str) -> Mapping[str, int]:
    member = segment_members.alias("member")
    placed = (
        select(matched.label("matched"), member.c.source)
        .select_from(customers)
        .outerjoin(member, and_(member.c.customer_id == customers.c.id, member.c.segment_id == segment_id))
        .subquery()
    )
    statement = select(
        func.count().filter(placed.c.matched, placed.c.source.is_(None)).label("entering"),
        func.count().filter(~placed.c.matched, placed.c.source == "rule").label("leaving"),
    )
    return dict(session.execute(statement).mappings().one())


def _by_number(session: Session, statement: Select[Any], limit: int, cursor: str | None, scope: str) -> Page:
    keys = [Key(customers.c.number), Key(customers.c.id)]
    rows = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page(rows.rows, rows.next_cursor)


def _shown(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    return dict(row) | {"state": "building" if row["rebuilt_to"] else "ready"}
