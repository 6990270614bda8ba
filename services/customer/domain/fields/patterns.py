"""Regular expressions of administrators, which must never be able to hold a worker up.

Python's engine goes back and tries again, and a few characters such as `(a+)+` make it try for years. So a pattern is
kept to a part of the language in which the work can be counted beforehand: literals, classes, groups, alternatives and
repetitions; no back references, no looking around, nothing lazy. The ways to match of a sequence multiply, those of
alternatives add up, those of a repetition multiply for each round; none of them takes more steps than the pattern has
when its repetitions are written out. Texts have at most `longest` characters, so an open repetition has that many
rounds. Where ways times steps are few, no text can make the engine work for long.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

MAX_PATTERN: Final = 200
MAX_STEPS: Final = 20_000_000  # an upper bound that real texts do not come near; about a tenth of a second
MAX_NESTING: Final = 8

_ESCAPES = frozenset("dDwWsS")
_PUNCTUATION = frozenset(r"""\^$.|?*+()[]{}-/ ,:;#&~@!%'"<>=_`""")
_REPETITION = re.compile(r"\{(?:(\d{1,4})|(\d{0,4}),(\d{0,4}))\}")


class PatternRefused(ValueError):
    """The pattern cannot be used; the text says why and what to write instead."""


@dataclass(frozen=True, slots=True)
class _Work:
    """In how many ways a part can match at most, and how many steps the longest of them has."""

    ways: int
    steps: int

    def then(self, other: "_Work") -> "_Work":
        return _Work(_few(self.ways * other.ways), _few(self.steps + other.steps))

    def either(self, other: "_Work") -> "_Work":
        return _Work(_few(self.ways + other.ways), max(self.steps, other.steps))

    def repeated(self, least: int, most: int) -> "_Work":
        ways, one = 0, _few(self.ways**least) if least <= 32 or self.ways == 1 else MAX_STEPS
        for _ in range(least, most + 1):
            ways = _few(ways + one)
            one = _few(one * self.ways)
            if ways == MAX_STEPS:
                break
        return _Work(max(ways, 1), _few(self.steps * max(most, 1)))


def _few(count: int) -> int:
    return min(count, MAX_STEPS)


_NOTHING = _Work(1, 1)


def check_pattern(pattern: str, longest: int) -> None:
    """Raises PatternRefused unless the pattern can be matched quickly against every text of `longest` characters."""
    if len(pattern) > MAX_PATTERN:
        raise PatternRefused(f"Has {len(pattern)} characters; {MAX_PATTERN} are allowed.")
    most = most_steps(pattern, longest)
    try:
        compiled(pattern)
    except re.error as error:
        raise PatternRefused(f"Is no regular expression: {error}.") from error
    if most >= MAX_STEPS:
        raise PatternRefused(
            "Could take too long to check, because its repetitions can match in too many ways; give each an upper"
            " bound, as in [A-Z]{1,10}."
        )


def most_steps(pattern: str, longest: int) -> int:
    """An upper bound of the letters that are looked at, whatever the text; no more than MAX_STEPS is told."""
    work = _Reader(pattern, longest).work()
    return _few(work.ways * work.steps)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that was checked; the whole text must match it."""
    return re.compile(pattern)


class _Reader:
    """Reads a pattern once from left to right and counts its work."""

    def __init__(self, pattern: str, longest: int) -> None:
        self._pattern = pattern
        self._longest = longest
        self._at = 0

    def work(self) -> _Work:
        found = self._alternatives(0)
        if self._at < len(self._pattern):
            raise PatternRefused("Closes a group that it does not open.")
        return found

    def _alternatives(self, depth: int) -> _Work:
        if depth > MAX_NESTING:
            raise PatternRefused(f"Has groups within groups, more than {MAX_NESTING} deep.")
        total = self._sequence(depth)
        while self._peek() == "|":
            self._at += 1
            total = total.either(self._sequence(depth))
        return total

    def _sequence(self, depth: int) -> _Work:
        total = _NOTHING
        while self._peek() not in {"", "|", ")"}:
            total = total.then(self._repeated(self._atom(depth)))
        return total

    def _atom(self, depth: int) -> _Work:
        letter = self._next()
        if letter == "(":
            return self._group(depth)
        if letter == "[":
            self._class()
        elif letter == "\\":
            self._escape()
        elif letter in "?*+{":
            raise PatternRefused(f"Repeats nothing at {letter}; write the sign itself as \\{letter}.")
        elif (letter == "^" and self._at > 1) or (letter == "$" and self._at < len(self._pattern)):
            raise PatternRefused("Has ^ or $ in the middle; the whole text is matched anyway.")
        return _NOTHING

    def _group(self, depth: int) -> _Work:
        if self._peek() == "?":
            if not self._pattern.startswith("?:", self._at):
                raise PatternRefused("Begins a group with (?, which only (?: may.")
            self._at += 2
        inside = self._alternatives(depth + 1)
        if self._next() != ")":
            raise PatternRefused("Opens a group that it does not close.")
        return inside

    def _class(self) -> None:
        if self._peek() == "^":
            self._at += 1
        if self._peek() == "]":
            raise PatternRefused("Has an empty class; write the sign itself as \\].")
        before = ""
        while self._peek() != "]":
            letter = self._next()
            if letter == "":
                raise PatternRefused("Opens a class with [ that it does not close.")
            if letter == "[" or (letter == before and letter in "-&~|"):
                raise PatternRefused(f"Has {letter} within a class; write it as \\{letter}.")
            if letter == "\\":
                self._escape()
            before = letter
        self._at += 1

    def _escape(self) -> None:
        letter = self._next()
        if letter not in _ESCAPES and letter not in _PUNCTUATION:
            raise PatternRefused(f"Has \\{letter}; only \\d, \\w, \\s and escaped punctuation are allowed.")

    def _repeated(self, once: _Work) -> _Work:
        letter = self._peek()
        if letter not in {"?", "*", "+", "{"}:
            return once
        if letter == "{":
            found = _REPETITION.match(self._pattern, self._at)
            if not found or found[0] == "{,}":
                raise PatternRefused("Write a repetition as {2}, {2,} or {2,5}, and the sign itself as \\{.")
            self._at = found.end()
            least = int(found[1] or found[2] or 0)
            most = int(found[1] or found[3] or max(self._longest, least))
        else:
            self._at += 1
            least, most = {"?": (0, 1), "*": (0, self._longest), "+": (1, self._longest)}[letter]
        if self._peek() in {"?", "*", "+", "{"}:
            raise PatternRefused("Repeats a repetition; write one of the two.")
        return once.repeated(least, most)

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _next(self) -> str:
        letter = self._peek()
        self._at += 1
        return letter
