"""Who acts, and why: what every event of a transaction carries besides its own data."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from common.ids import new_id

Lane = Literal["interactive", "bulk"]


@dataclass(frozen=True, slots=True)
class Context:
    """`actor` is `<staff|portal|api|import|automation|system>:<id>`; `actor_label` is its name, frozen as it is now.
    `chain_depth` counts how many events led to this one."""

    actor: str = "system:atrium"
    actor_label: str = "Atrium"
    correlation_id: str = ""
    causation_id: str = ""
    chain_depth: int = 0
    traceparent: str = ""
    lane: Lane = "interactive"

    def bulk(self) -> "Context":
        """The same, for work on many rows: its events never delay a person's edit."""
        return replace(self, lane="bulk")


def context_for(actor: str, label: str, **more: Any) -> Context:
    """A context with a correlation id of its own when none is given."""
    more.setdefault("correlation_id", new_id())
    return Context(actor=actor, actor_label=label, **more)
