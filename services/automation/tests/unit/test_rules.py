"""What a rule may say, when it answers, and what its tasks are called."""

from datetime import UTC, datetime
from typing import Any

import pytest

from automation.domain.rules import answers, checked, written
from automation.domain.triggers import TRIGGERS
from automation.errors.rules import RuleUnsuitable
from automation.tests.told import CLOSED, CREATED, PLACED, example, rule, task_titled

NOW = datetime(2026, 3, 2, tzinfo=UTC)
COMPANY = "0195556a-0000-7000-8000-0000000000c1"


def record(*actions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    whole = {"customer_id": None, "condition": {"all": []}, "currency": None, "most_per_hour": 10}
    return whole | rule("Rule", fields.pop("event_type", PLACED), *actions) | fields


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (record(condition={"field": "colour", "op": "eq", "value": "red"}), "/condition/field"),
        (record(condition={"field": "total", "op": "gt", "value": 1}), "/currency"),
        (record(task_titled("Look at {colour}")), "/actions/0/title"),
        (record({"kind": "create_task"}), "/actions/0/title"),
        (record({"kind": "close_task"}), "/actions/0/kind"),
        (record({"kind": "close_task", "title": "x"}, event_type=CREATED), "/actions/0/title"),
        (record(task_titled("Look", audience="staff"), customer_id=COMPANY), "/actions/0/audience"),
        (record(event_type="customer.customer.updated.v1", customer_id=COMPANY), "/event_type"),
        (record(*[task_titled("Look")] * 6), "/actions"),
    ],
    ids=["field", "currency", "placeholder", "no title", "close", "title of close", "audience", "event", "too many"],
)
def test_what_is_wrong_with_a_rule_is_named_by_its_place(body: dict[str, Any], pointer: str) -> None:
    with pytest.raises(RuleUnsuitable) as refused:
        checked(body)
    assert refused.value.errors[0].pointer == pointer


@pytest.mark.parametrize(
    ("condition", "currency", "expected"),
    [
        ({"field": "total", "op": "gte", "value": 228}, "GBP", True),
        ({"field": "total", "op": "gt", "value": 229}, "GBP", False),
        ({"field": "total", "op": "gte", "value": 1}, "EUR", False),
        ({"field": "sku", "op": "eq", "value": "TEA-10", "quantifier": "any"}, None, True),
        ({"all": [{"field": "currency", "op": "eq", "value": "GBP"}, {"not": {"field": "line_count", "op": "gt",
          "value": 2}}]}, None, True),
    ],
    ids=["amount", "smaller", "another currency", "line", "tree"],
)  # fmt: skip
def test_a_condition_is_asked_of_what_happened(condition: Any, currency: str | None, expected: bool) -> None:
    made = checked(record(condition=condition, currency=currency))
    assert answers(made, TRIGGERS[PLACED].facts(example(PLACED)), NOW) is expected


@pytest.mark.parametrize("event_type", sorted(TRIGGERS))
def test_every_field_of_every_event_is_read_from_its_example(event_type: str) -> None:
    trigger = TRIGGERS[event_type]
    facts = trigger.facts(example(event_type))
    single = {field.name for field in trigger.fields.values() if not field.related}
    assert single <= set(facts)
    assert not any(field.related for field in trigger.fields.values()) or facts["lines"]
    assert all(name in facts for name in trigger.placeholders if name != "customer")


def test_a_title_names_values_of_the_event() -> None:
    facts = TRIGGERS[PLACED].facts(example(PLACED))
    said = written("Look at {number} of {customer}: {total}, {reason}", facts, "Alderwick")
    assert said == "Look at O-000001 of Alderwick: 228.60 GBP, -"
    # What a value holds is not read once more.
    task = TRIGGERS[CLOSED].facts(example(CLOSED) | {"title": "{customer}"})
    assert written("After {title} {made_by_rule}", task, "Alderwick") == "After {customer} yes"
    assert len(written("{title}" * 3, {"title": "x" * 150}, None)) == 200
