"""An event meets the rules that listen for it: each whose condition is true gets a run, which waits or is stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from automation.domain import guards
from automation.domain.rules import answers
from automation.domain.triggers import TRIGGERS
from automation.events.rules import run as run_event
from automation.tables.rules import runs
from automation.use_cases.rules import pause_rules
from automation.use_cases.switch import switched_on
from common import outbox, records, replicas
from common.context import Context
from common.envelope import Event
from common.ids import is_id, new_id
from common.records import Record

_HOUR = timedelta(hours=1)


def answer(session: Session, event: Event, most_depth: int) -> None:
    """Writes a run for every rule that answers to the event, once however often the event comes. One that the guards
    stop is written and told with its chain; a rule that ran too often is paused."""
    facts = TRIGGERS[event.type].facts(event.data)
    wanted = _answering(session, event, facts)
    if not wanted:
        return
    chain = _chain(session, event.actor)
    counts = _counts(session, [rule["id"] for rule in wanted])
    depth = session.info["context"].chain_depth
    made = []
    for rule in wanted:
        reason = guards.stops(rule["id"], chain, depth, most_depth)
        if reason is None and counts.get(rule["id"], 0) >= rule["most_per_hour"]:
            reason = guards.RATE_CAP
        made.append(_run(session, rule, event, facts, chain, (reason, _detail(rule, reason, chain, most_depth))))
    written = records.insert_free(session, runs, made)
    stopped = [run for run in made if run["id"] in written and run["status"] == guards.STOPPED]
    for run in stopped:
        tell(session, "stopped", run)
    exhausted = [run["rule_id"] for run in stopped if run["reason"] == guards.RATE_CAP]
    if exhausted:
        pause_rules(session, exhausted)


def tell(session: Session, verb: str, run: Record) -> None:
    """Tells of a run in its own name."""
    context: Context = session.info["context"]
    session.info["context"] = replace(context, actor=f"{guards.ACTOR}{run['id']}", actor_label=run["rule_name"])
    outbox.add(session, run_event(verb, run))
    session.info["context"] = context


def _answering(session: Session, event: Event, facts: Mapping[str, Any]) -> list[Record]:
    """The rules that listen, may learn of the event, and whose condition is true of it."""
    replicas.flush(session)
    values = {"type": event.type, "time": event.time, "customer": event.customer_id or None}
    listening = [records.as_record(row) for row in session.execute(_LISTENING, values).mappings()]
    if not TRIGGERS[event.type].for_customers(event.data):
        listening = [rule for rule in listening if rule["customer_id"] is None]
    now = records.moment(session)
    true = [rule for rule in listening if answers(rule, facts, now)]
    on = switched_on(session, (rule["customer_id"] for rule in true if rule["customer_id"] is not None))
    return [rule for rule in true if rule["customer_id"] is None or rule["customer_id"] in on]


def _chain(session: Session, actor: str) -> list[dict[str, Any]]:
    """The runs that led to what this actor did, first to last; none where it was no run."""
    run_id = guards.run_of(actor)
    if run_id is None or not is_id(run_id):
        return []
    found = session.execute(_RUN, {"id": run_id}).mappings().one_or_none()
    return [] if found is None else [*found["chain"], guards.link(records.as_record(found))]


def _counts(session: Session, rule_ids: Sequence[str]) -> dict[str, int]:
    since = records.moment(session) - _HOUR
    rows = session.execute(_COUNTS, {"ids": list(rule_ids), "since": since})
    return {str(row.rule_id): int(row.runs) for row in rows}


def _detail(rule: Record, reason: str | None, chain: Sequence[Mapping[str, Any]], most_depth: int) -> str | None:
    if reason is None:
        return None
    if reason == guards.RATE_CAP:
        return guards.told(reason, rule["name"], most=rule["most_per_hour"])
    shown = chain if rule["customer_id"] is None else guards.seen_by_company(chain)
    return guards.told(reason, rule["name"], shown, most_depth)


def _run(
    session: Session,
    rule: Record,
    event: Event,
    facts: Mapping[str, Any],
    chain: Sequence[Mapping[str, Any]],
    stopped: tuple[str | None, str | None],
) -> Record:
    """A run that waits, or that is stopped for a reason, with the sentence that says so."""
    reason, detail = stopped
    context: Context = session.info["context"]
    now = records.moment(session)
    run_id = new_id()
    return {
        "id": run_id,
        "rule_id": rule["id"],
        "rule_name": rule["name"],
        "rule_version": rule["version"],
        "customer_id": rule["customer_id"],
        "event_customer_id": rule["event_customer_id"],
        "event_id": event.id,
        "event_type": event.type,
        "subject": event.subject,
        "status": guards.QUEUED if reason is None else guards.STOPPED,
        "reason": reason,
        "detail": detail,
        "chain_id": chain[0]["run_id"] if chain else run_id,
        "chain": list(chain),
        "chain_depth": context.chain_depth,
        "facts": dict(facts),
        "actions": rule["actions"],
        "steps": [],
        "correlation_id": context.correlation_id,
        "created_at": now,
        "ended_at": None if reason is None else now,
    }


# What happened before a rule was enabled is none of its business: a log that is sent again starts nothing.
_LISTENING = text(
    r"""
    SELECT r.id::text, r.customer_id::text, r.name, r.version, r.event_type, r.condition, r.currency, r.actions,
           r.most_per_hour, e.customer::text AS event_customer_id
    FROM automation_rules r CROSS JOIN (SELECT customer_now(CAST(:customer AS uuid)) AS customer) e
    WHERE r.event_type = :type AND r.enabled AND r.enabled_at <= CAST(:time AS timestamptz)
      AND (r.customer_id IS NULL OR r.customer_id = e.customer)
    ORDER BY r.id
    """
)
_RUN = text(
    """
    SELECT id::text, rule_id::text, rule_name, customer_id::text, event_type, subject, chain
    FROM runs WHERE id = CAST(:id AS uuid)
    """
)
_COUNTS = text(
    r"""
    SELECT rule_id::text, count(*) AS runs FROM runs
    WHERE rule_id = ANY (CAST(:ids AS uuid[])) AND created_at > :since AND status <> 'stopped' GROUP BY rule_id
    """
)
