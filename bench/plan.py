"""How long and how much a run measures: the whole of it, or (QUICK=1) just enough to see that everything works."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Sizes and times of one run."""

    quick: bool = False
    pairs: int = 3  # how often ours and the ceiling alternate
    warm_up: float = 5.0  # seconds before the first measured one, of each side
    seconds: float = 10.0  # of each closed-loop measurement
    paced_seconds: float = 60.0  # of a measurement at a fixed rate
    backlog: int = 20_000  # events to drain
    orders: int = 2_000  # to submit at once
    sent_rows: int = 1_000_000  # events that the outbox has sent before
    bulk_events: int = 300_000
    imported_rows: int = 100_000
    few_customers: int = 2_000
    many_customers: int = 200_000


QUICK = Plan(
    quick=True,
    warm_up=1.0,
    seconds=3.0,
    paced_seconds=8.0,
    backlog=5_000,
    orders=300,
    sent_rows=100_000,
    bulk_events=30_000,
    imported_rows=5_000,
    many_customers=20_000,
)


def plan_of(environ: Mapping[str, str]) -> Plan:
    """The plan that the environment asks for."""
    return QUICK if environ.get("QUICK", "0") not in {"", "0"} else Plan()
