"""Two things measured by turns, A-B-A-B-A-B, and what follows: pairwise ratios, their median and spread, validity."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

MOST_DRIFT = 0.15


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement. `values` by name (`rate` in operations/s, `p50` and `p99` in ms); `cpu_ms` per operation, of the
    tree of server processes, by the name of the tree."""

    values: Mapping[str, float]
    errors: int = 0
    cpu_ms: Mapping[str, float] = field(default_factory=dict)


Round = Mapping[str, Sample]


def alternate(sides: Mapping[str, Callable[[], Sample]], pairs: int) -> list[Round]:
    """Measures the sides by turns, `pairs` times, in the order given."""
    return [{name: measure() for name, measure in sides.items()} for _ in range(pairs)]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a value has to reach: at least, or at most."""

    bound: float
    at_most: bool = False

    def met(self, value: float) -> bool:
        return value <= self.bound if self.at_most else value >= self.bound

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.bound:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the report: a value per round, the raw values behind it, and its goal."""

    line: str
    what: str
    unit: str
    per_round: Sequence[float]
    goal: Goal | None  # without one the line tells a value, and judges nothing
    ours: Sequence[float]
    ceiling: Sequence[float]
    errors: int = 0
    cpu_ours: Mapping[str, float] = field(default_factory=dict)
    cpu_ceiling: Mapping[str, float] = field(default_factory=dict)

    @property
    def value(self) -> float:
        return median(self.per_round)

    @property
    def drift(self) -> float:
        """How far the ceiling's measurements lie from their own median at most, as a share of it (A/A')."""
        if len(self.ceiling) < 2:
            return 0.0
        middle = median(self.ceiling)
        return max(abs(value / middle - 1) for value in self.ceiling)

    @property
    def verdict(self) -> str:
        """`met`, `missed`, `told` where there is no goal, or why the run says neither."""
        if self.errors:
            return f"failed: {self.errors} errors"
        said = "told" if self.goal is None else "met" if self.goal.met(self.value) else "missed"
        return f"not valid: ceiling ±{self.drift:.0%}; {said}" if self.drift > MOST_DRIFT else said


def ratio(line: str, what: str, name: str, goal: Goal | None, rounds: Sequence[Round], *, unit: str) -> Row:
    """The row of `ours` ÷ `ceiling` of one named value."""
    ours = [each["ours"].values[name] for each in rounds]
    ceiling = [each["ceiling"].values[name] for each in rounds]
    return Row(
        line=line,
        what=what,
        unit=unit,
        per_round=[a / b for a, b in zip(ours, ceiling, strict=True)],
        goal=goal,
        ours=ours,
        ceiling=ceiling,
        errors=sum(sample.errors for each in rounds for sample in each.values()),
        cpu_ours=typical_cpu(rounds, "ours"),
        cpu_ceiling=typical_cpu(rounds, "ceiling"),
    )


def typical_cpu(rounds: Sequence[Round], side: str) -> dict[str, float]:
    """The median CPU ms per operation of each process tree of a side."""
    trees = rounds[0][side].cpu_ms
    return {tree: median(each[side].cpu_ms[tree] for each in rounds) for tree in trees}
