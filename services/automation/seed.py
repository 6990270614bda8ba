"""A small believable data set; repeating it adds nothing."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automation.tables.rules import rules
from automation.use_cases.rules import create_rule
from common.context import context_for
from common.db import Database

RULES: tuple[dict[str, Any], ...] = (
    {
        "name": "Large orders: look at them",
        "event_type": "ordering.order.placed.v1",
        "condition": {"field": "total", "op": "gte", "value": 1000},
        "currency": "EUR",
        "actions": [
            {"kind": "create_task", "title": "Look at order {number} of {customer}: {total}", "due_in_days": 1,
             "assignee": "Sales"}
        ],
    },
    {
        "name": "Claims: call the customer",
        "event_type": "warehouse.claim.requested.v1",
        "condition": {"field": "kind", "op": "in", "value": ["damaged", "never_arrived"]},
        "actions": [
            {"kind": "create_task", "title": "Call {customer} about claim {number} ({quantity} x {sku})",
             "due_in_days": 2, "assignee": "Service"}
        ],
    },
)  # fmt: skip


def seed(database: Database) -> None:
    """Makes two rules of the provider, where there is no rule yet."""
    database.run(_first_rules, context=context_for("system:seed", "First set-up"))


def _first_rules(session: Session) -> None:
    if session.execute(select(func.count()).select_from(rules)).scalar_one():
        return
    for rule in RULES:
        create_rule(session, rule | {"enabled": True})
