"""What stops rules that trigger each other.

A chain is what one happening outside of the rules led to: a run, the events that it caused, the runs that answered to
those, and so on. Each run knows the runs that led to it, first to last; so a circle is seen whatever tasks it makes on
its way, because all of a chain is done for what it began with.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Link = Mapping[str, Any]

QUEUED, DONE, FAILED, DROPPED, STOPPED = "queued", "done", "failed", "dropped", "stopped"
STATUSES: Final = (QUEUED, DONE, FAILED, DROPPED, STOPPED)
REPEATED: Final = "repeated"
CHAIN_DEPTH: Final = "chain_depth"
RATE_CAP: Final = "rate_cap"
SWITCH_OFF: Final = "switch_off"
RULE_DISABLED: Final = "rule_disabled"
RULE_DELETED: Final = "rule_deleted"

NAMELESS: Final = "Automation"  # what a company reads in place of the name of a rule of the provider
ACTOR: Final = "automation:"  # and the id of the run, so that whatever it causes leads back to it


def run_of(actor: str) -> str | None:
    """The run that caused an event, by its actor; None where a person or something else did."""
    return actor.removeprefix(ACTOR) if actor.startswith(ACTOR) else None


def stops(rule_id: str, chain: Sequence[Link], depth: int, most: int) -> str | None:
    """Why a run must not begin, or None: `repeated` where the same rule is in the chain that leads to it, `chain_depth`
    where more than `most` events would lead to what it does. `depth` counts them."""
    if any(link["rule_id"] == rule_id for link in chain):
        return REPEATED
    return CHAIN_DEPTH if depth > most else None


def link(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run as the runs after it remember it; `provider` tells that its rule is the provider's."""
    return {
        "run_id": run["id"],
        "provider": run["customer_id"] is None,
        **{name: run[name] for name in ("rule_id", "rule_name", "event_type", "subject")},
    }


def seen_by_company(chain: Sequence[Link]) -> list[dict[str, Any]]:
    """A chain as a company sees it: the provider's rules have no names."""
    return [{**link, "rule_name": NAMELESS} if link["provider"] else dict(link) for link in chain]


def told(reason: str, rule_name: str, chain: Sequence[Link] = (), most: int | None = None) -> str:
    """In a sentence why a run was stopped or dropped, and what to do; `most` is the limit that it met."""
    way = " → ".join(f"“{link['rule_name']}”" for link in (*chain, {"rule_name": rule_name}))
    return _TOLD[reason].format(way=way, most=most)


_TOLD: Final = {
    REPEATED: "Stopped, because the rules go round in a circle: {way}. Narrow the condition of one of them (for tasks:"
    " made_by_rule is false), or disable one.",
    CHAIN_DEPTH: "Stopped, because more than {most} events led to it: {way}. Let fewer rules answer to what rules do.",
    RATE_CAP: "Stopped, because {way} ran {most} times within an hour, as often as it may. It is paused; narrow its"
    " condition, then enable it again.",
    SWITCH_OFF: "Dropped, because automation is switched off for this customer. The rule is kept, and answers again to"
    " what happens once it is switched on.",
    RULE_DISABLED: "Dropped, because the rule was disabled before it began.",
    RULE_DELETED: "Dropped, because the rule was deleted before it began.",
}
