"""The table of checks: what was expected, what was seen."""

import sys
from dataclasses import dataclass
from typing import Any, TextIO


@dataclass(frozen=True, slots=True)
class Check:
    """One line."""

    name: str
    expected: str
    seen: str

    @property
    def holds(self) -> bool:
        return self.expected == self.seen


class Table:
    """Prints each line as soon as it is known, so that a slow run shows where it is."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._checks: list[Check] = []

    def part(self, title: str) -> None:
        """A heading over the lines that follow."""
        self._print(f"\n{title}")
        self._print(f"    {'check':<62} {'expected':<26} seen")

    def check(self, name: str, expected: Any, seen: Any) -> bool:
        """Adds a line and returns whether both are equal."""
        check = Check(name, str(expected), str(seen))
        self._checks.append(check)
        self._print(f"{'ok  ' if check.holds else 'NOT '}{name:<62} {check.expected:<26} {check.seen}")
        return check.holds

    def end(self) -> int:
        """Prints the sum and returns the exit code."""
        failed = [check for check in self._checks if not check.holds]
        self._print(f"\n{len(self._checks) - len(failed)} of {len(self._checks)} checks hold")
        for check in failed:
            self._print(f"differs: {check.name}: expected {check.expected}, seen {check.seen}")
        return 1 if failed else 0

    def _print(self, line: str) -> None:
        print(line, file=self._out, flush=True)
