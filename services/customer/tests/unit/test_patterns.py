"""Patterns of administrators: useful ones are taken, none can hold a worker up."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer.domain.fields.patterns import MAX_STEPS, PatternRefused, check_pattern, compiled, most_steps

LONGEST = 100


@pytest.mark.parametrize(
    ("pattern", "fits", "does_not"),
    [
        (r"[A-Z]{2}\d{6}", "AB123456", "AB12345"),
        (r"(\d{1,3}\.){3}\d{1,3}", "192.0.2.10", "192.0.2"),
        (r"^[A-Z]+\d+$", "ABC12", "12ABC"),
        (r"(?:North|South) \d", "North 4", "West 4"),
        (r"[^@]{1,64}@[^@]{1,64}", "a@b", "a@b@c"),
        (r"\+\d{6,15}", "+49301234", "49301234"),
        (r"[\w.\-\]]*", "a-b.c]", "a b"),
        ("", "", "x"),
    ],
)
def test_usual_patterns_are_taken(pattern: str, fits: str, does_not: str) -> None:
    check_pattern(pattern, LONGEST)
    assert compiled(pattern).fullmatch(fits)
    assert not compiled(pattern).fullmatch(does_not)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a*)*b",
        "(a|a)*b",
        "(a|aa)+$",
        "(.*)*x",
        "([a-z]+)*[0-9]",
        "a*a*a*b",
        "(a?){50}a{50}",
        r"(\w+\s?)+$",
        "((){9999}){9999}",
        "(((a{1,30}){1,30}){1,30}){1,30}",
    ],
)
def test_patterns_that_could_take_for_ever_are_refused(pattern: str) -> None:
    with pytest.raises(PatternRefused, match="upper bound"):
        check_pattern(pattern, LONGEST)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a)\1",
        "(?=a)a",
        "(?i)a",
        "(?P<n>a)",
        "a+?",
        "a*+",
        "a{2}{3}",
        "a{,}",
        "a{3,2}",
        "a{",
        "*a",
        "(a",
        "a)",
        "[a",
        "[]a]",
        "[[a]]",
        "[a--b]",
        "a^b",
        "a$b",
        "\\",
        r"\b",
        r"\x41",
        "(" * 9 + "a" + ")" * 9,
        "a" * 201,
    ],
)
def test_what_cannot_be_counted_is_refused(pattern: str) -> None:
    with pytest.raises(PatternRefused):
        check_pattern(pattern, LONGEST)


_ATOMS = st.sampled_from(["a", "b", ".", r"\d", "[ab]", "[^a]", r"\."])
_REPETITIONS = st.sampled_from(["", "?", "*", "+", "{2}", "{1,3}", "{2,}", "{,4}"])
_PATTERNS = st.recursive(
    st.builds(str.__add__, _ATOMS, _REPETITIONS),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.builds(
            lambda parts, times: f"({'|'.join(parts)}){times}", st.lists(inner, min_size=1, max_size=3), _REPETITIONS
        ),
    ),
    max_leaves=6,
)


@given(
    pattern=st.one_of(_PATTERNS, st.text(alphabet="ab()[]{}|*+?\\\\^$-,1.:", max_size=20)),
    text=st.text(max_size=LONGEST),
)
@settings(max_examples=400, deadline=None)
def test_whatever_is_written_is_refused_or_answers(pattern: str, text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of a class that a later Python may read in another way
        try:
            check_pattern(pattern, LONGEST)
        except PatternRefused:
            return
        compiled(pattern).fullmatch(text)


def _steps(parts: list[tuple[str, int, int]], text: str) -> int:
    """How often a matcher that goes back and tries again looks at a letter: the parts are letter, least, most."""
    looked = 0

    def match(part: int, at: int) -> bool:
        nonlocal looked
        if part == len(parts):
            return at == len(text)
        letter, least, most = parts[part]
        ends = [at] if least == 0 else []
        here = at
        for done in range(1, most + 1):
            looked += 1
            if here >= len(text) or text[here] != letter:
                break
            here += 1
            if done >= least:
                ends.append(here)
        return any(match(part + 1, end) for end in reversed(ends))

    match(0, 0)
    return looked


@given(
    parts=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2), st.integers(2, 6)), min_size=1, max_size=5),
    text=st.text(alphabet="ab", max_size=20),
)
@settings(max_examples=200, deadline=None)
def test_the_counted_work_is_never_less_than_the_work_that_is_done(
    parts: list[tuple[str, int, int]], text: str
) -> None:
    pattern = "".join(f"{letter}{{{least},{most}}}" for letter, least, most in parts)
    most = most_steps(pattern, LONGEST)
    assert _steps(parts, text) <= most or most == MAX_STEPS
