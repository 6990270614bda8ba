"""What a rule may say: its condition in the one rule language of the product, and its actions."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from automation.domain.triggers import CUSTOMER, PROVIDER_ONLY, TASK_CREATED, TRIGGERS, Trigger, record_of
from automation.errors.rules import RuleUnsuitable
from common.errors import FieldError
from customer_rules import Rule, RuleInvalid, When, explain, matches, parse

Record = Mapping[str, Any]

CREATE_TASK: Final = "create_task"
CLOSE_TASK: Final = "close_task"
ACTIONS: Final = (CREATE_TASK, CLOSE_TASK)
STAFF, COMPANY = "staff", "customer"
AUDIENCES: Final = (STAFF, COMPANY)
MAX_ACTIONS: Final = 5
MAX_TITLE: Final = 200
MAX_DUE_DAYS: Final = 365
MAX_PER_HOUR: Final = 1_000
MAX_RULES: Final = 200  # of one owner, so that what one event may cost is bounded
RATE_CAP: Final = "rate_cap"

RULE_LABELS: Final = {
    "name": "Name",
    "event_type": "Event",
    "condition": "Condition",
    "currency": "Currency of its amounts",
    "actions": "Actions",
    "enabled": "Enabled",
    "paused_reason": "Paused because of",
    "most_per_hour": "Runs in an hour at most",
}

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def checked(record: Record) -> dict[str, Any]:
    """The rule in the form in which it is kept; raises RuleUnsuitable naming what is wrong by its JSON pointers."""
    if record["customer_id"] is not None and record["event_type"] in PROVIDER_ONLY:
        raise _unsuitable("Only rules of the provider answer to this event; choose another one.", "/event_type")
    trigger = TRIGGERS[record["event_type"]]
    condition = read_condition(record["condition"], trigger)
    if "total" in condition.field_names and record["currency"] is None:
        raise _unsuitable("Say in which currency its amounts are.", "/currency")
    if not 1 <= len(record["actions"]) <= MAX_ACTIONS:
        raise _unsuitable(f"A rule has 1 to {MAX_ACTIONS} actions.", "/actions")
    if sum(action["kind"] == CLOSE_TASK for action in record["actions"]) > 1:
        raise _unsuitable("A task is closed once; leave the other action out.", "/actions")
    actions = [
        _action(action, trigger, f"/actions/{place}", own=record["customer_id"] is not None)
        for place, action in enumerate(record["actions"])
    ]
    return {**record, "condition": condition.document, "actions": actions}


def read_condition(document: Any, trigger: Trigger) -> Rule:
    """The condition that a JSON value says of this event; raises RuleUnsuitable."""
    try:
        return parse(document, trigger.fields)
    except RuleInvalid as wrong:
        raise RuleUnsuitable(
            "Correct the parts of the condition that are named, and send it again.",
            errors=[FieldError(f"/condition{one.pointer}", one.detail, one.code) for one in wrong.problems],
        ) from wrong


def answers(rule: Record, facts: Record, now: datetime) -> bool:
    """Whether the condition of a rule is true of an event's facts."""
    condition = read_condition(rule["condition"], TRIGGERS[rule["event_type"]])
    return matches(condition, record_of(facts, rule["currency"]), When(now))


def explained(rule: Record, facts: Record, now: datetime) -> dict[str, Any]:
    """The condition with the result of each of its parts."""
    condition = read_condition(rule["condition"], TRIGGERS[rule["event_type"]])
    return explain(condition, record_of(facts, rule["currency"]), When(now))


def written(template: str, facts: Record, customer_name: str | None) -> str:
    """A title with the values in place of their names; what is not known is a dash."""
    values = {**facts, CUSTOMER: customer_name}

    def value(found: re.Match[str]) -> str:
        return _said(values.get(found[1]))

    return _PLACEHOLDER.sub(value, template)[:MAX_TITLE].strip() or "-"


def _said(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value['amount']} {value['currency']}" if isinstance(value, Mapping) else str(value)


def _action(action: Record, trigger: Trigger, at: str, *, own: bool) -> dict[str, Any]:
    kind = action["kind"]
    if kind == CLOSE_TASK:
        return _closing(action, trigger, at)
    title = action.get("title")
    if not title:
        raise _unsuitable("Say what is to be done.", f"{at}/title")
    unknown = sorted(set(_PLACEHOLDER.findall(title)) - set(trigger.placeholders))
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in trigger.placeholders)
        raise _unsuitable(f"This event has no {{{unknown[0]}}}; a title may name {known}.", f"{at}/title")
    audience = action.get("audience") or (COMPANY if own else STAFF)
    if own and audience != COMPANY:
        raise _unsuitable("A company's rules make tasks for its own people.", f"{at}/audience")
    more = {name: action.get(name) for name in ("due_in_days", "assignee")}
    return {"kind": kind, "title": title, "audience": audience, **more}


def _closing(action: Record, trigger: Trigger, at: str) -> dict[str, Any]:
    if trigger.type != TASK_CREATED:
        raise _unsuitable("Only a rule that answers to a new task can close it.", f"{at}/kind")
    for name in ("title", "audience", "due_in_days", "assignee"):
        if action.get(name) is not None:
            raise _unsuitable("Belongs to a task that is made; leave it out.", f"{at}/{name}")
    return {"kind": CLOSE_TASK}


def changes(before: Record, after: Record, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """One entry for each of the labelled fields whose value differs, as JSON holds them."""
    return [
        {"path": name, "label": label, "before": _plain(before[name]), "after": _plain(after[name])}
        for name, label in labels.items()
        if before[name] != after[name]
    ]


def only_turns_off(body: Mapping[str, Any]) -> bool:
    """Whether a change does nothing but disable a rule."""
    return dict(body) == {"enabled": False}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _unsuitable(detail: str, pointer: str) -> RuleUnsuitable:
    return RuleUnsuitable(detail, errors=[FieldError(pointer, detail)])
