"""Rules are made, changed, paused by themselves, and deleted."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automation.domain import rules as domain
from automation.errors import Changed, CustomerUnknown
from automation.errors.rules import RuleNotFound, TooManyRules
from automation.events.rules import rule as rule_event
from automation.tables.rules import rules
from automation.use_cases.switch import check_switch
from common import outbox, records
from common.errors import FieldError
from common.ids import new_id
from common.records import Record
from customer_replica import customer_line

Body = Mapping[str, Any]

_DEFAULTS: Mapping[str, Any] = {
    "customer_id": None,
    "condition": {"all": []},
    "currency": None,
    "enabled": False,
    "most_per_hour": domain.MAX_PER_HOUR,
}


def create_rule(session: Session, body: Body) -> str:
    """Makes a rule, the provider's where it names no customer, and returns its id; raises CustomerUnknown,
    ModuleDisabled, RuleUnsuitable, TooManyRules."""
    record: Record = domain.checked({**_DEFAULTS, **body})
    check_customer(session, record["customer_id"])
    check_switch(session, record["customer_id"])
    _check_count(session, record["customer_id"])
    now = records.moment(session)
    record |= {"id": new_id(), "version": 1, "created_at": now, "updated_at": now}
    record |= {"paused_reason": None, "enabled_at": now if record["enabled"] else None}
    records.insert(session, rules, [record])
    outbox.add(session, rule_event("created", record))
    return str(record["id"])


def change_rule(session: Session, rule_id: str, version: int, body: Body) -> None:
    """Changes fields of a rule; its runs that wait keep to what it was. Enabling it again ends a pause. Raises
    RuleNotFound, Changed, RuleUnsuitable, and ModuleDisabled unless it is only disabled."""
    before = _locked(session, rule_id, version)
    if not domain.only_turns_off(body):
        check_switch(session, before["customer_id"])
    after = domain.checked({**before, **body})
    now = records.moment(session)
    if after["enabled"]:
        after["paused_reason"] = None
    if after["enabled"] and not before["enabled"]:
        after["enabled_at"] = now
    differing = domain.changes(before, after, domain.RULE_LABELS)
    if not differing:
        return
    after |= {"version": version + 1, "updated_at": now}
    records.update(session, rules, [after])
    outbox.add(session, rule_event("updated", after, differing))


def delete_rule(session: Session, rule_id: str, version: int) -> None:
    """Deletes a rule; what waits of it is dropped, what it did stays. Raises RuleNotFound, Changed."""
    record = _locked(session, rule_id, version)
    records.remove(session, rules, rule_id)
    outbox.add(session, rule_event("deleted", record | {"version": version + 1}))


def pause_rules(session: Session, rule_ids: Sequence[str]) -> None:
    """Disables rules that ran as often as they may within an hour, until somebody enables them again."""
    held = select(rules).where(rules.c.id.in_(rule_ids), rules.c.enabled).order_by(rules.c.id).with_for_update()
    before = [records.as_record(row) for row in session.execute(held).mappings()]
    now = records.moment(session)
    paused = [
        row | {"enabled": False, "paused_reason": domain.RATE_CAP, "version": row["version"] + 1, "updated_at": now}
        for row in before
    ]
    records.update(session, rules, paused)
    for row, after in zip(before, paused, strict=True):
        outbox.add(session, rule_event("paused", after, domain.changes(row, after, domain.RULE_LABELS)))


def check_customer(session: Session, customer_id: str | None) -> None:
    """Raises CustomerUnknown where there is no such customer for the caller."""
    if customer_id is not None and not customer_line(session, customer_id):
        raise CustomerUnknown(
            "There is no such customer.", errors=[FieldError("/customer_id", "Names no customer that you may see.")]
        )


def _check_count(session: Session, customer_id: str | None) -> None:
    owned = rules.c.customer_id.is_(None) if customer_id is None else rules.c.customer_id == customer_id
    if session.execute(select(func.count()).select_from(rules).where(owned)).scalar_one() >= domain.MAX_RULES:
        raise TooManyRules(
            f"There are {domain.MAX_RULES} rules already, as many as there may be; delete one that is not needed."
        )


def _locked(session: Session, rule_id: str, version: int) -> Record:
    record = records.find(session, rules, rule_id, lock=True)
    if record is None:
        raise RuleNotFound("There is no such rule.")
    if record["version"] != version:
        raise Changed(f"The rule is at version {record['version']} by now; read it again.")
    return record
