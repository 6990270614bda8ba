"""A rule is tried on an event, and nothing comes of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from automation.domain import rules as domain
from automation.domain.triggers import TRIGGERS
from automation.errors.rules import RuleNotFound, RuleUnsuitable
from automation.tables.rules import rules
from common import records
from common.contracts import ContractBroken, Contracts
from common.errors import FieldError
from common.ids import is_id
from customer_replica import replica_customers


def try_rule(session: Session, contracts: Contracts, rule_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What a rule would do about an event with these `data`, and why. Raises RuleNotFound, RuleUnsuitable where they
    are no data of its event."""
    rule = records.find(session, rules, rule_id)
    if rule is None:
        raise RuleNotFound("There is no such rule.")
    data = body["data"]
    try:
        contracts.check_read("automation", rule["event_type"], data)
    except ContractBroken as broken:
        raise RuleUnsuitable(
            f"Send the data of an event {rule['event_type']}; its schema is among the contracts.",
            errors=[FieldError("/data", str(broken)[:200])],
        ) from broken
    trigger = TRIGGERS[rule["event_type"]]
    facts = trigger.facts(data)
    explanation = domain.explained(rule, facts, records.moment(session))
    matched = explanation["result"]
    named = select(replica_customers.c.name).where(replica_customers.c.id == _about(rule, data))
    name = session.execute(named).scalar_one_or_none()
    return {
        "matched": matched,
        "explanation": explanation,
        "actions": [_would(action, facts, name) for action in rule["actions"]] if matched else [],
    }


def _about(rule: Mapping[str, Any], data: Mapping[str, Any]) -> str | None:
    told = data.get("id" if rule["event_type"].startswith("customer.") else "customer_id")
    return rule["customer_id"] or (told if is_id(told) else None)


def _would(action: Mapping[str, Any], facts: Mapping[str, Any], name: str | None) -> dict[str, Any]:
    if action["kind"] == domain.CLOSE_TASK:
        return dict(action)
    return {**action, "title": domain.written(action["title"], facts, name)}
