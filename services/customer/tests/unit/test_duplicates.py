"""When two customers may be one: names, keys and scores."""

from typing import Any

import pytest

from customer.domain.duplicates import KINDS, keys_of, phone_digits, plain_name, score


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller & Söhne GmbH", "Muller Sohne"),
        ("ACME Ltd.", "acme limited"),
        ("Brasserie l'Étoile S.A.R.L.", "Brasserie Letoile"),
        ("Nord-Wind GmbH & Co. KG", "NORD WIND"),
        ("Kowalski Sp. z o.o.", "Kowalski"),
    ],
)
def test_names_that_differ_in_form_only_are_the_same(one: str, other: str) -> None:
    assert plain_name(one) == plain_name(other)


def test_a_name_of_legal_forms_only_is_kept() -> None:
    assert plain_name("AG") == "ag"
    assert plain_name("Nordwind") != plain_name("Südwind")


def test_a_phone_with_and_without_its_country_is_the_same() -> None:
    assert phone_digits("+49 431 9901234") == phone_digits("0431 / 990 12 34")
    assert phone_digits("110") is None


def customer(**fields: Any) -> dict[str, Any]:
    return {"name": "Nordwind GmbH", "dba_name": None} | fields


PLACE = {"line1": "Kai 3", "city": "Kiel", "postal_code": "24103", "country": "DE"}


def shared(one: set[tuple[int, int]], other: set[tuple[int, int]]) -> set[str]:
    return {KINDS[kind] for kind, _key in one & other}


def test_only_what_identifies_a_company_is_a_key() -> None:
    free = {"emails": [{"address": "a@gmail.com"}], "phones": []}
    own = {"emails": [{"address": "a@nordwind.de"}], "phones": [{"number": "0431 9901234"}]}
    assert keys_of(customer(), [free], []) == set()
    both = keys_of(customer(), [own], [])
    assert shared(both, both) == {"email_domain", "phone"}


def test_the_trading_name_is_a_name_too() -> None:
    one = keys_of(customer(dba_name="Sturm"), [], [PLACE])
    other = keys_of(customer(name="Sturm"), [], [PLACE | {"line1": "Am Markt 1"}])
    assert shared(one, other) == {"name_and_postal_code", "name_and_city"}


def test_the_same_name_in_another_country_is_no_key() -> None:
    assert not keys_of(customer(), [], [PLACE]) & keys_of(customer(), [], [PLACE | {"country": "AT"}])


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        ([], 0.0),
        (["name_and_postal_code"], 0.7),
        (["name_and_postal_code", "name_and_city"], 0.7),
        (["name_and_city", "address"], 0.65),
        (["name_and_postal_code", "phone", "email_domain"], 0.925),
        (["email_domain", "phone"], 0.75),
    ],
)
def test_scores_combine_and_a_name_counts_once(reasons: list[str], expected: float) -> None:
    assert score(reasons) == pytest.approx(expected)
