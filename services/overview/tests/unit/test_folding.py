"""Folding: what is typed finds what is stored, whatever the accents, case and punctuation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overview.domain.folding import MAX_TERM, MAX_WORDS, backwards, compact, digits, fold, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("Blåbær & Søn", "blabaer & son"),
        ("Łódź", "lodz"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("İstanbul", "istanbul"),
        ("ﬁnance", "finance"),
        ("  São\u00a0 Paulo ", "sao paulo"),
        ("e\u0301clair", "eclair"),
        ("½", "1⁄2"),
    ],
)
def test_case_accents_and_forms_do_not_matter(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_case_never_matters(text: str) -> None:
    assert fold(text.casefold()) == fold(text)


def test_words_are_found_with_and_without_their_punctuation() -> None:
    assert words("O'Brien-Łęcki GmbH") == ["o", "brien", "lecki", "obrienlecki", "gmbh"]
    assert words("a@b.example") == ["a", "b", "example", "abexample"]
    assert words(" … ") == []


@given(st.text())
def test_words_are_few_short_and_different(text: str) -> None:
    found = words(text)
    assert len(found) == len(set(found)) <= MAX_WORDS
    assert all(0 < len(word) <= MAX_TERM for word in found)


def test_a_number_is_one_term_whatever_its_punctuation() -> None:
    assert compact("K-1000/2") == compact("k 1000.2") == "k10002"


def test_a_phone_number_is_its_digits_without_the_prefixes() -> None:
    assert digits("+49 (30) 901820") == digits("0049 30 901820") == "4930901820"
    assert digits("030 / 90 18 20") == "30901820"
    assert backwards("4930901820").startswith(backwards("901820"))
