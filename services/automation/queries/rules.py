"""Rules, the events that they may answer to, and runs, as they are shown."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from automation.domain.guards import seen_by_company
from automation.domain.triggers import PROVIDER_ONLY, TRIGGERS
from automation.errors.rules import RuleNotFound, RunNotFound
from automation.tables.rules import rules, runs
from common.paging import Key, keyset
from common.web import Page

Query = Mapping[str, Any]


def rule(session: Session, rule_id: str) -> Mapping[str, Any]:
    """One rule; raises RuleNotFound."""
    row = session.execute(select(rules).where(rules.c.id == rule_id)).mappings().one_or_none()
    if row is None:
        raise RuleNotFound("There is no such rule.")
    return dict(row)


def rule_page(session: Session, query: Query, limit: int, cursor: str | None, scope: str) -> Page:
    """Rules, the oldest first."""
    statement = _narrowed(select(rules), rules.c, query, ("customer_id", "event_type", "enabled"))
    if "owner" in query:
        whose = rules.c.customer_id
        statement = statement.where(whose.is_(None) if query["owner"] == "provider" else whose.is_not(None))
    found = keyset(session, statement, [Key(rules.c.id)], cursor=cursor, limit=limit, scope=scope)
    return Page([dict(row) for row in found.rows], found.next_cursor)


def triggers() -> Mapping[str, Any]:
    """The events to which rules may answer, with what conditions and titles may name of each."""
    return {
        "items": [
            {
                "event_type": trigger.type,
                "label": trigger.label,
                "provider_only": trigger.type in PROVIDER_ONLY,
                "fields": [
                    {
                        **{name: getattr(field, name) for name in ("name", "label", "type", "operators", "choices")},
                        "several": bool(field.related) or field.many,
                    }
                    for field in trigger.fields.values()
                ],
                "placeholders": trigger.placeholders,
            }
            for trigger in TRIGGERS.values()
        ]
    }


def run(session: Session, run_id: str) -> Mapping[str, Any]:
    """One run; raises RunNotFound."""
    row = session.execute(select(*_SHOWN).where(runs.c.id == run_id)).mappings().one_or_none()
    if row is None:
        raise RunNotFound("There is no such run.")
    return _shown_run(session, row)


def run_page(session: Session, query: Query, limit: int, cursor: str | None, scope: str) -> Page:
    """Runs, the newest first."""
    statement = _narrowed(select(*_SHOWN), runs.c, query, ("rule_id", "chain_id", "status"))
    if "customer_id" in query:
        statement = statement.where(runs.c.event_customer_id == query["customer_id"])
    found = keyset(session, statement, [Key(runs.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([_shown_run(session, row) for row in found.rows], found.next_cursor)


def _shown_run(session: Session, row: Mapping[Any, Any]) -> Mapping[str, Any]:
    if not session.info["scope"].is_portal:
        return dict(row)
    return {**row, "chain": seen_by_company(row["chain"])}


def _narrowed(statement: Select[Any], columns: Any, query: Query, names: tuple[str, ...]) -> Select[Any]:
    for name in names:
        if name in query:
            statement = statement.where(columns[name] == query[name])
    return statement


_SHOWN = [column for column in runs.c if column.name not in {"facts", "actions", "correlation_id"}]
