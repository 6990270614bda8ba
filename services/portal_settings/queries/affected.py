"""Whom a planned change would affect, counted in the database over everybody below the scope.

One statement groups the customers by what their walks have decided about the switches concerned; few walks differ, so
that the shared resolution runs once per kind of walk, not once per customer.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal_settings.domain import ScopeState
from portal_switches import REQUIREMENTS, Plan, Resolved, ScopeSettings, Step, resolve

COUNTED = 250_000  # customers, at most; beyond that the counts are lower bounds

Document = dict[str, Any]


def affected_customers(session: Session, state: ScopeState, plan: Plan) -> Document:
    """`{count, at_least, by_switch}`: for how many active customers any switch, and each, would have another effect.
    `at_least` tells that there are more customers below the scope than were counted."""
    keys = _concerned(plan)
    kinds = _kinds_of_walk(session, state, keys) if keys else []
    counts: Counter[str] = Counter()
    total = 0
    for steps, customers in kinds:
        changed = _changed(_walk(steps, state, state.walk[0].settings), _walk(steps, state, plan.settings), keys)
        counts.update(dict.fromkeys(changed, customers))
        total += customers if changed else 0
    return {
        "count": total,
        "at_least": sum(customers for _, customers in kinds) >= COUNTED,
        "by_switch": {key: counts[key] for key in keys if counts[key]},
    }


def _concerned(plan: Plan) -> list[str]:
    """The switches that a change touches, those that need one of them, and those that these need."""
    touched = {change.key for change in plan.changes}
    touched |= {requirement.key for requirement in REQUIREMENTS if requirement.needs in touched}
    touched |= {requirement.needs for requirement in REQUIREMENTS if requirement.key in touched}
    return [key for key in plan.before if key in touched]


def _changed(before: Sequence[Step], after: Sequence[Step], keys: Sequence[str]) -> list[str]:
    was, will_be = resolve(before), resolve(after)
    return [key for key in keys if _effect(was[key]) != _effect(will_be[key])]


def _effect(one: Resolved) -> tuple[str, str | None]:
    return one.effective, one.inert_reason


def _walk(steps: Sequence[Mapping[str, Any]], state: ScopeState, edited: ScopeSettings) -> list[Step]:
    """A walk with the edited scope as given. Where a value comes from does not matter here, only what counts."""
    walk = [
        Step(
            "ancestor",
            edited
            if step["edited"]
            else ScopeSettings(None, step["switches"], frozenset(step["locks"]), step["licensed"]),
        )
        for step in steps
    ]
    platform = edited if state.ref.kind == "platform" else state.walk[-1].settings
    return [*walk, Step("platform", platform)]


def _kinds_of_walk(session: Session, state: ScopeState, keys: Sequence[str]) -> Sequence[Any]:
    asked = {"subject": state.ref.subject, "scope_id": state.ref.id, "keys": list(keys), "most": COUNTED}
    return session.execute(_KINDS_OF_WALK[state.ref.kind], asked).all()


_EVERYBODY = """
    candidates AS MATERIALIZED (
        SELECT id, parent_id, group_id FROM replica_customers WHERE NOT gone AND status = 'active' LIMIT :most
    )
"""

_BELOW = """
    below AS (
        SELECT id, 0 AS depth FROM replica_customers WHERE {start} = CAST(:scope_id AS uuid) AND NOT gone
        UNION
        SELECT branch.id, below.depth + 1
        FROM below JOIN replica_customers branch ON branch.parent_id = below.id AND NOT branch.gone
        WHERE below.depth < 8
    ), candidates AS MATERIALIZED (
        SELECT id, parent_id, group_id FROM replica_customers
        WHERE id IN (SELECT id FROM below) AND status = 'active' LIMIT :most
    )
"""

_WALKS = """
    , climb AS (
        SELECT id AS start_id, id AS node, parent_id, group_id, 0 AS height FROM candidates
        UNION ALL
        SELECT climb.start_id, parent.id, parent.parent_id, parent.group_id, climb.height + 1
        FROM climb JOIN replica_customers parent ON parent.id = climb.parent_id AND NOT parent.gone
        WHERE climb.height < 8
    ), decided AS MATERIALIZED (
        SELECT customer_id, group_id, false AS edited, licence_by IS NOT NULL AS licensed,
               ARRAY(SELECT name FROM unnest(locks) AS l(name) WHERE name = ANY (:keys) ORDER BY name) AS locks,
               (SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each(switches) WHERE key = ANY (:keys))
                   AS switches
        FROM scope_settings WHERE subject NOT IN (:subject, 'platform')
        UNION ALL
        SELECT {customer}, {group}, true, false, CAST('{{}}' AS text[]), CAST('{{}}' AS jsonb)
    ), found AS (
        SELECT climb.start_id, 2 * climb.height AS place, d.*
        FROM climb JOIN decided d ON d.customer_id = climb.node
        UNION ALL
        SELECT climb.start_id, 2 * climb.height + 1, d.*
        FROM climb JOIN decided d ON d.group_id = climb.group_id
    ), walks AS (
        SELECT start_id, jsonb_agg(jsonb_build_object(
            'switches', switches, 'locks', locks, 'licensed', licensed, 'edited', edited) ORDER BY place) AS steps
        FROM found GROUP BY start_id
    )
    SELECT coalesce(steps, '[]') AS steps, count(*) AS customers
    FROM candidates LEFT JOIN walks ON walks.start_id = candidates.id GROUP BY 1
"""

_SCOPE_ID = "CAST(:scope_id AS uuid)"
_NO_ID = "CAST(NULL AS uuid)"
_KINDS_OF_WALK = {
    "platform": text("WITH RECURSIVE" + _EVERYBODY + _WALKS.format(customer=_SCOPE_ID, group=_NO_ID)),
    "group": text("WITH RECURSIVE" + _BELOW.format(start="group_id") + _WALKS.format(customer=_NO_ID, group=_SCOPE_ID)),
    "customer": text("WITH RECURSIVE" + _BELOW.format(start="id") + _WALKS.format(customer=_SCOPE_ID, group=_NO_ID)),
}
