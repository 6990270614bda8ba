"""What is wrong with a rule, and where."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`pointer` is a JSON pointer (RFC 6901) into the rule; `detail` a sentence for the person."""

    pointer: str
    detail: str
    code: str = "invalid"


class RuleInvalid(ValueError):
    """A rule cannot be read; `problems` says why, at least one."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.pointer}: {problem.detail}" for problem in problems))
        self.problems = tuple(problems)
