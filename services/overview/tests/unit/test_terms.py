"""Search terms: what a customer is found by, and how a query reads."""

import pytest

from overview.domain.terms import Token, address_terms, contact_terms, customer_terms, field_of, tokens

CUSTOMER = {
    "number": "K-17",
    "external_ids": [{"system": "sap", "id": "000123"}],
    "name": "Müller Söhne",
    "dba_name": None,
}
CONTACT = {
    "name": "Åse Lind",
    "emails": [{"address": "ase.lind@mueller.example"}],
    "phones": [{"number": "+49 30 901820"}, {"number": "110"}],
}


def fits(token: Token, term: str) -> bool:
    return any(low <= term < high for low, high in token.ranges)


def found(terms) -> dict[str, list[str]]:
    by_field: dict[str, list[str]] = {}
    for _, field, term in terms:
        by_field.setdefault(field_of(field), []).append(term)
    return by_field


def test_a_customer_is_found_by_number_external_id_and_names() -> None:
    assert found(customer_terms(CUSTOMER)) == {
        "number": ["k17", "k", "17"],
        "external_id": ["000123"],
        "name": ["muller", "sohne"],
    }


def test_a_person_is_found_by_name_address_and_phone_and_nothing_twice() -> None:
    assert found(contact_terms(CONTACT)) == {
        "contact": ["ase", "lind"],
        "email": ["aselindmuellerexample", "muellerexample", "aselind"],
        "phone": ["4930901820", "~0281090394"],
    }


def test_a_place_is_found_by_its_city() -> None:
    assert found(address_terms({"city": "Frankfurt (Oder)"})) == {"city": ["frankfurt", "oder"]}


def test_numbers_rank_before_names_before_people_before_phones_before_cities() -> None:
    terms = [*address_terms({"city": "x"}), *contact_terms(CONTACT), *customer_terms(CUSTOMER)]
    ranked = [field_of(field) for _, field, _ in sorted(terms)]
    order = ["number", "external_id", "name", "contact", "email", "phone", "city"]
    assert list(dict.fromkeys(ranked)) == order


@pytest.mark.parametrize(
    ("query", "term"),
    [
        ("müll", "muller"),
        ("K-1", "k17"),
        ("ase.lind@mue", "aselindmuellerexample"),
        ("+49 30 9018", "4930901820"),
        ("030 901820", "~0281090394"),
        ("1820", "~0281090394"),
        ("00012", "000123"),
    ],
)
def test_one_word_finds_what_begins_with_it(query: str, term: str) -> None:
    (token,) = tokens(query)
    assert fits(token, term)


def test_of_several_words_only_the_last_is_a_beginning() -> None:
    first, last = tokens("müller sö")
    assert fits(first, "muller")
    assert not fits(first, "mullers")
    assert fits(last, "sohne")


def test_few_digits_are_no_end_of_a_phone_number() -> None:
    (token,) = tokens("820")
    assert not fits(token, "~0281090394")


def test_the_words_of_a_query_are_bounded_and_counted_once() -> None:
    assert len(tokens(" ".join(f"w{n}" for n in range(100)))) == 8
    assert len(tokens("a a a")) == 1


def test_punctuation_alone_is_no_word() -> None:
    assert tokens(" – ! ") == ()
