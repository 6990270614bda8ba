"""Who enters and leaves a segment: for a set of customers at a time, once per transition, each with one event."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import and_, or_, select, text
from sqlalchemy.orm import Session

from common import outbox
from common.ids import new_id
from customer import events
from customer.queries.rules.conditions import condition
from customer.queries.segments import membership
from customer.tables.customers import customers
from customer.tables.rules import segment_members
from customer.use_cases import store
from customer.use_cases.locking import lock_customer
from customer.use_cases.rules import stored_rule
from customer.use_cases.segments.definitions import segment
from customer.use_cases.store import Record
from customer_rules import Rule, When

Decision = Literal["in", "out", "rule"]


def settle(session: Session, record: Record, rule: Rule, ids: Sequence[str], when: When) -> list[str]:
    """Lets those of these customers whom the rule is true of in, and out those whom the rule let in and is no longer
    true of; decisions by hand stay. Returns the ids of those who entered or left."""
    matched = condition(rule, when)
    if "status" not in rule.field_names:
        # An archived customer belongs to no segment, unless the rule asks for it.
        matched = and_(matched, customers.c.status == "active")
    member = segment_members.alias("member")
    statement = (
        select(customers.c.id, member.c.id.label("stay"))
        .outerjoin(member, and_(member.c.customer_id == customers.c.id, member.c.segment_id == record["id"]))
        .where(customers.c.id.in_(ids))
        .where(or_(and_(member.c.id.is_(None), matched), and_(member.c.source == "rule", ~matched)))
        .order_by(customers.c.id)
        # Keeps those who enter from being deleted meanwhile, and lets everything else about them go on.
        .with_for_update(key_share=True, of=customers)
    )
    rows = session.execute(statement).all()
    entered = enter(session, record, [row.id for row in rows if row.stay is None], "rule")
    left = leave(session, record, [row.id for row in rows if row.stay is not None])
    return entered + left


def enter(session: Session, record: Record, ids: Sequence[str], source: str) -> list[str]:
    """Makes customers members who are none; returns the ids of those who were not."""
    if not ids:
        return []
    values = {
        "segment_id": record["id"],
        "entered_at": store.moment(session),
        "rule_version": record["rule_version"],
        "source": source,
    }
    stays = {"ids": [new_id() for _ in ids], "customer_ids": list(ids)}
    entered = []
    for row in session.execute(_ENTER, values | stays):
        outbox.add(session, _event("entered", record, values | {"id": row.id, "customer_id": row.customer_id}))
        entered.append(row.customer_id)
    return entered


def leave(session: Session, record: Record, ids: Sequence[str], *, by_hand: bool = False) -> list[str]:
    """Ends the stays of customers whom the rule let in, or also of those put in by hand; returns who left."""
    if not ids:
        return []
    sources = ["rule", "manual_in"] if by_hand else ["rule"]
    values = {"segment_id": record["id"], "ids": list(ids), "sources": sources}
    left = []
    for row in session.execute(_LEAVE, values).mappings():
        outbox.add(session, _event("left", record, dict(row)))
        left.append(row["customer_id"])
    return left


def confirm(session: Session, record: Record, ids: Sequence[str]) -> None:
    """Notes that those whom the rule let in earlier fit its present version too."""
    session.execute(_CONFIRM, {"segment_id": record["id"], "ids": list(ids), "rule_version": record["rule_version"]})


def hand_over(session: Session, ids: Sequence[str]) -> None:
    """Lets what was decided by hand for customers that have been merged go to what they became: who was put in is in
    there, and stays in by hand; who was kept out was so for itself."""
    for row in session.execute(_OF_MERGED, {"ids": list(ids)}).mappings().all():
        record = {"id": row["segment_id"], "name": row["segment_name"], "rule_version": row["present_version"]}
        session.execute(_FORGET, dict(row))
        if row["source"] == "manual_in":
            outbox.add(session, _event("left", record, dict(row)))
            survivor = {"segment_id": record["id"], "customer_id": row["merged_into"]}
            if not enter(session, record, [row["merged_into"]], "manual_in"):
                session.execute(_HOLD, survivor)


def decide(session: Session, segment_id: str, customer_id: str, decision: Decision, when: When) -> Mapping[str, Any]:
    """Puts a customer in by hand, keeps it out by hand, or leaves it to the rule again. Returns where it stands."""
    record = segment(session, segment_id)
    lock_customer(session, customer_id, archived=decision != "in")
    found = session.execute(_STAY, {"segment_id": segment_id, "customer_id": customer_id}).mappings().one_or_none()
    stay = None if found is None else dict(found)
    source = {"in": "manual_in", "out": "manual_out", "rule": "rule"}[decision]
    if decision == "rule":
        _back_to_rule(session, record, customer_id, stay, when)
    elif stay is None and decision == "in":
        enter(session, record, [customer_id], source)
    elif stay is None:
        values = {"entered_at": store.moment(session), "rule_version": record["rule_version"], "source": source}
        stays = {"segment_id": segment_id, "ids": [new_id()], "customer_ids": [customer_id]}
        session.execute(_ENTER, values | stays)
    elif stay["source"] != source:
        _turn(session, record, stay, source)
    return membership(session, segment_id, customer_id)


def _back_to_rule(session: Session, record: Record, customer_id: str, stay: Record | None, when: When) -> None:
    if stay is None or stay["source"] == "rule":
        return
    if stay["source"] == "manual_out":
        session.execute(_FORGET, stay)
    else:
        session.execute(_TURN, stay | {"source": "rule"})
    settle(session, record, stored_rule(session, record["rule"]), [customer_id], when)


def _turn(session: Session, record: Record, stay: Record, source: str) -> None:
    """Changes what holds a stay. A stay that ends, or one that begins after it was barred, is told."""
    after = stay | {"source": source}
    if stay["source"] == "manual_out":
        # A new stay: the old one has ended.
        session.execute(_FORGET, stay)
        enter(session, record, [stay["customer_id"]], source)
        return
    session.execute(_TURN, after)
    if source == "manual_out":
        outbox.add(session, _event("left", record, after))


def _event(verb: events.MemberVerb, record: Record, stay: Record) -> outbox.Draft:
    named = {"segment_id": record["id"], "segment_name": record["name"]}
    return events.segment_member(verb, stay | named)


_THIS = "segment_id = CAST(:segment_id AS uuid) AND customer_id = CAST(:customer_id AS uuid)"
_COLUMNS = """CAST(id AS text) AS id, CAST(segment_id AS text) AS segment_id, CAST(customer_id AS text) AS customer_id,
    entered_at, rule_version, source"""
_ENTER = text(
    """
    INSERT INTO segment_members (segment_id, customer_id, id, entered_at, rule_version, source)
    SELECT CAST(:segment_id AS uuid), new.customer_id, new.id, :entered_at, :rule_version, :source
    FROM unnest(CAST(:ids AS uuid[]), CAST(:customer_ids AS uuid[])) AS new(id, customer_id)
    ON CONFLICT (segment_id, customer_id) DO NOTHING
    RETURNING CAST(id AS text) AS id, CAST(customer_id AS text) AS customer_id
    """
)
_LEAVE = text(
    f"""
    DELETE FROM segment_members
    WHERE segment_id = CAST(:segment_id AS uuid) AND customer_id = ANY (CAST(:ids AS uuid[]))
      AND source = ANY (:sources)
    RETURNING {_COLUMNS}
    """  # noqa: S608  # our own names
)
_CONFIRM = text(
    """
    UPDATE segment_members SET rule_version = :rule_version
    WHERE segment_id = CAST(:segment_id AS uuid) AND customer_id = ANY (CAST(:ids AS uuid[]))
      AND source = 'rule' AND rule_version <> :rule_version
    """
)
_STAY = text(
    f"""
    SELECT {_COLUMNS} FROM segment_members
    WHERE {_THIS} FOR UPDATE
    """  # noqa: S608  # our own names
)
_TURN = text(f"UPDATE segment_members SET source = :source WHERE {_THIS}")  # noqa: S608  # our own names
_HOLD = text(f"UPDATE segment_members SET source = 'manual_in' WHERE {_THIS} AND source = 'rule'")  # noqa: S608
_OF_MERGED = text(
    """
    SELECT CAST(m.id AS text) AS id, CAST(m.segment_id AS text) AS segment_id, m.entered_at, m.rule_version, m.source,
           CAST(m.customer_id AS text) AS customer_id, CAST(c.merged_into AS text) AS merged_into,
           s.name AS segment_name, s.rule_version AS present_version
    FROM segment_members m JOIN customers c ON c.id = m.customer_id JOIN segments s ON s.id = m.segment_id
    WHERE m.customer_id = ANY (CAST(:ids AS uuid[])) AND m.source <> 'rule' AND c.merged_into IS NOT NULL
    ORDER BY m.segment_id, m.customer_id FOR UPDATE OF m
    """
)
_FORGET = text(f"DELETE FROM segment_members WHERE {_THIS}")  # noqa: S608  # our own names
