"""Runs that wait are carried out, each in a transaction of its own: all of its actions, or none."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from automation.domain import guards
from automation.domain import rules as domain
from automation.domain.tasks import DONE
from automation.tables.rules import rules, runs
from automation.use_cases import tasks
from automation.use_cases.switch import switched_on
from automation.use_cases.triggering import tell
from common import records
from common.context import Context
from common.records import Record
from customer_replica import replica_customers

AT_ONCE = 100


def waiting_runs(session: Session) -> list[str]:
    """The ids of the runs that wait longest."""
    queued = select(runs.c.id).where(runs.c.status == guards.QUEUED).order_by(runs.c.id).limit(AT_ONCE)
    return list(session.execute(queued).scalars())


def carry_out(session: Session, run_id: str) -> None:
    """Does what a waiting run is to do; nothing where another worker is at it or it has ended. It is dropped where its
    rule is gone or disabled, or its customer's switch is off by now."""
    run = _locked(session, run_id)
    if run is None:
        return
    reason = _why_not(session, run)
    if reason is not None:
        detail = guards.told(reason, run["rule_name"])
        _end(session, run, guards.DROPPED, reason=reason, detail=detail)
        return
    _end(session, run, guards.DONE, steps=_act(session, run))


def fail(session: Session, run_id: str, error: str) -> None:
    """Ends a run whose actions could not be carried out; nothing of them was kept."""
    run = _locked(session, run_id)
    if run is not None:
        detail = f"Nothing was done: {error}. Try the rule on this event (dry-run) and correct it."
        _end(session, run, guards.FAILED, detail=detail)
        tell(session, "failed", run)


def forget_old(session: Session, days: int, limit: int = 1_000) -> int:
    """Deletes runs that ended so many days ago, a portion; returns how many."""
    before: datetime = records.moment(session) - timedelta(days=days)
    return int(session.execute(_FORGET, {"before": before, "limit": limit}).rowcount)  # type: ignore[attr-defined]


def _locked(session: Session, run_id: str) -> Record | None:
    waiting = select(runs).where(runs.c.id == run_id, runs.c.status == guards.QUEUED)
    row = session.execute(waiting.with_for_update(skip_locked=True)).mappings().one_or_none()
    return None if row is None else records.as_record(row)


def _why_not(session: Session, run: Record) -> str | None:
    rule = session.execute(select(rules.c.enabled, rules.c.paused_reason).where(rules.c.id == run["rule_id"])).first()
    if rule is None:
        return guards.RULE_DELETED
    # What was within the cap before the rule was paused is carried out.
    if not rule.enabled and rule.paused_reason is None:
        return guards.RULE_DISABLED
    if run["customer_id"] is not None and not switched_on(session, [run["customer_id"]]):
        return guards.SWITCH_OFF
    return None


def _act(session: Session, run: Record) -> list[dict[str, Any]]:
    """Does what the run is to do; returns what came of each action, in their order."""
    customer_id = run["customer_id"] or run["event_customer_id"]
    named = select(replica_customers.c.name).where(replica_customers.c.id == customer_id)
    name = session.execute(named).scalar_one_or_none() if customer_id else None
    making = [action for action in run["actions"] if _makes(action, customer_id)]
    ids = iter(
        tasks.write_tasks(
            session,
            [(_context(run, one["audience"]), _task(session, run, one, customer_id, name)) for one in making],
        )
    )
    steps = []
    for action in run["actions"]:
        if action["kind"] == domain.CLOSE_TASK:
            steps.append(_close(session, run))
        elif action in making:
            steps.append({"action": action["kind"], "outcome": "done", "task_id": next(ids)})
        else:
            detail = "The event is about no customer whose people could do it."
            steps.append({"action": action["kind"], "outcome": _NOTHING, "detail": detail})
    return steps


def _makes(action: Mapping[str, Any], customer_id: str | None) -> bool:
    return action["kind"] == domain.CREATE_TASK and (customer_id is not None or action["audience"] == domain.STAFF)


def _task(
    session: Session, run: Record, action: Mapping[str, Any], customer_id: str | None, name: str | None
) -> dict[str, Any]:
    days = action["due_in_days"]
    return {
        "customer_id": customer_id,
        "audience": action["audience"],
        "title": domain.written(action["title"], run["facts"], name),
        "due_on": None if days is None else records.today(session) + timedelta(days=days),
        "assignee": action["assignee"],
        "run_id": run["id"],
        "chain_id": run["chain_id"],
    }


def _close(session: Session, run: Record) -> dict[str, Any]:
    session.info["context"] = _context(run, run["facts"]["audience"])
    closed = tasks.end_if_open(session, run["subject"], DONE)
    return {"action": domain.CLOSE_TASK, "outcome": "done" if closed else _NOTHING, "task_id": run["subject"]}


def _context(run: Record, audience: str) -> Context:
    """Who acts and why. To a company the provider's rules have no names."""
    shown = run["customer_id"] is not None or audience == domain.STAFF
    return Context(
        actor=f"{guards.ACTOR}{run['id']}",
        actor_label=run["rule_name"] if shown else guards.NAMELESS,
        correlation_id=run["correlation_id"],
        causation_id=run["event_id"],
        chain_depth=run["chain_depth"],
    )


def _end(session: Session, run: Record, status: str, **values: Any) -> None:
    run |= {"status": status, "ended_at": records.moment(session), **values}
    records.update(session, runs, [run])


_NOTHING = "nothing to do"
_FORGET = text(
    "DELETE FROM runs WHERE id IN (SELECT id FROM runs WHERE ended_at < :before ORDER BY ended_at LIMIT :limit)"
)
