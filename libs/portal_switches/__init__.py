"""The nine portal switches: what they are, which value counts for a customer, and what a change of them brings along.

Pure functions over plain data, standard library only. Every service that enforces a switch keeps a replica of the
settings of each scope and resolves when it reads; `contracts/portal_switches/vectors.json` fixes the answers.
"""

from portal_switches.catalogue import KEYS, LICENSED_KEY, REQUIREMENTS, SWITCHES, Requirement, Switch, Value
from portal_switches.planning import Blocker, Change, ChangeRequest, EffectiveChange, Plan, Refused, plan_change
from portal_switches.resolution import (
    INERT_REASONS,
    Lock,
    Resolved,
    ScopeSettings,
    Source,
    Step,
    resolve,
    walk_of_customer,
    walk_of_group,
    walk_of_platform,
)

__all__ = [
    "INERT_REASONS",
    "KEYS",
    "LICENSED_KEY",
    "REQUIREMENTS",
    "SWITCHES",
    "Blocker",
    "Change",
    "ChangeRequest",
    "EffectiveChange",
    "Lock",
    "Plan",
    "Refused",
    "Requirement",
    "Resolved",
    "ScopeSettings",
    "Source",
    "Step",
    "Switch",
    "Value",
    "plan_change",
    "resolve",
    "walk_of_customer",
    "walk_of_group",
    "walk_of_platform",
]
