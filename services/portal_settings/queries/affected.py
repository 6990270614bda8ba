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
Decision = ScopeSettings | None  # None stands for the scope that is being edited


def affected_customers(session: Session, state: ScopeState, plan: Plan) -> Document:
    """`{count, at_least, by_switch}`: for how many active customers any switch, and each, would have another effect.
    `at_least` tells that there are more customers below the scope than were counted."""
    keys = _concerned(plan)
    decided, walks = _kinds_of_walk(session, state, keys) if keys else ({}, [])
    counts: Counter[str] = Counter()
    total = 0
    for kinds, customers in walks:
        before = _walk(kinds, decided, state, state.walk[0].settings)
        changed = _changed(before, _walk(kinds, decided, state, plan.settings), keys)
        counts.update(dict.fromkeys(changed, customers))
        total += customers if changed else 0
    return {
        "count": total,
        "at_least": sum(customers for _, customers in walks) >= COUNTED,
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


def _walk(
    kinds: Sequence[int], decided: Mapping[int, Decision], state: ScopeState, edited: ScopeSettings
) -> list[Step]:
    """A walk with the edited scope as given. Where a value comes from does not matter here, only what counts."""
    below = [Step("own", decided[kind] or edited) for kind in kinds]
    if state.ref.kind == "platform":
        return [*below, Step("platform", edited)]
    # What stands above a customer is the same for all below it; above a group it is told by each walk.
    above = state.walk[1:] if state.ref.kind == "customer" else state.walk[-1:]
    return [*below, *above]


def _kinds_of_walk(
    session: Session, state: ScopeState, keys: Sequence[str]
) -> tuple[Mapping[int, Decision], Sequence[tuple[Sequence[int], int]]]:
    """What differs among the decisions of all scopes, numbered, and how many customers have which walk of numbers."""
    asked = {"subject": state.ref.subject, "scope_id": state.ref.id, "keys": list(keys), "most": COUNTED}
    # Everybody at once: sorted in memory, not on disk, for this transaction only.
    session.execute(text("SELECT set_config('work_mem', '64MB', true)"))
    decided, walks = session.execute(_KINDS_OF_WALK[state.ref.kind], asked).one()
    return {one["kind"]: _decision(one) for one in decided}, walks or []


def _decision(one: Mapping[str, Any]) -> Decision:
    if one["edited"]:
        return None
    return ScopeSettings(None, one["switches"], frozenset(one["locks"]), one["licensed"])


# From the top down, so that each customer is visited once: its walk is what it and its group have decided, followed by
# the walk of its parent.
_STATEMENT = """
WITH RECURSIVE decided AS MATERIALIZED (
    SELECT *, dense_rank() OVER (ORDER BY edited, licensed, locks, switches) AS kind
    FROM (
        SELECT customer_id, group_id, false AS edited, licence_by IS NOT NULL AS licensed,
               ARRAY(SELECT name FROM unnest(locks) AS l(name) WHERE name = ANY (:keys) ORDER BY name) AS locks,
               (SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each(switches) WHERE key = ANY (:keys))
                   AS switches
        FROM scope_settings WHERE subject NOT IN (:subject, 'platform')
        UNION ALL
        SELECT {customer}, {group}, true, false, CAST('{{}}' AS text[]), CAST('{{}}' AS jsonb)
    ) AS d
), placed AS (
    SELECT c.id, c.parent_id, c.status, array_remove(ARRAY[own.kind, of_group.kind], NULL) AS kinds
    FROM replica_customers c
    LEFT JOIN decided own ON own.customer_id = c.id
    LEFT JOIN decided of_group ON of_group.group_id = c.group_id
    WHERE NOT c.gone
), down AS (
    SELECT id, status, kinds, 0 AS depth FROM placed WHERE {start}
    UNION ALL
    SELECT branch.id, branch.status, branch.kinds || down.kinds, down.depth + 1
    FROM down JOIN placed branch ON branch.parent_id = down.id
    WHERE down.depth < 8
), counted AS (
    SELECT kinds, count(*) AS customers
    FROM (SELECT kinds FROM down WHERE status = 'active' AND {concerned} LIMIT :most) AS d GROUP BY kinds
)
SELECT (SELECT jsonb_agg(to_jsonb(d)) FROM (SELECT DISTINCT kind, edited, licensed, locks, switches FROM decided) AS d),
       (SELECT jsonb_agg(jsonb_build_array(kinds, customers)) FROM counted)
"""

_SCOPE_ID, _NO_ID = "CAST(:scope_id AS uuid)", "CAST(NULL AS uuid)"
_EVERY_TREE = "NOT EXISTS (SELECT FROM replica_customers up WHERE up.id = placed.parent_id AND NOT up.gone)"
_KINDS_OF_WALK = {
    "platform": text(_STATEMENT.format(customer=_NO_ID, group=_NO_ID, start=_EVERY_TREE, concerned="true")),
    "group": text(
        _STATEMENT.format(
            customer=_NO_ID,
            group=_SCOPE_ID,
            start=_EVERY_TREE,
            concerned="(SELECT kind FROM decided WHERE edited) = ANY (kinds)",
        )
    ),
    "customer": text(_STATEMENT.format(customer=_SCOPE_ID, group=_NO_ID, start=f"id = {_SCOPE_ID}", concerned="true")),
}
