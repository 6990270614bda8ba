"""Search terms: which words of a customer, its people and its places find it, and how a query reads.

Ranks order the hits: number and external id, then names, then people, then phones, then cities.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from overview.domain.folding import backwards, compact, digits, fold, words

RANKS = (0, 1, 2, 3, 4)
FIELDS = ("number", "external_id", "name", "dba_name", "contact", "email", "phone", "city")
_RANK_OF = {"number": 0, "external_id": 0, "name": 1, "dba_name": 1, "contact": 2, "email": 2, "phone": 3, "city": 4}

MAX_TOKENS = 8
SUFFIX_DIGITS = 4
_ONLY_PHONE = re.compile(r"[+\d][\d\s()/.\-]*$")
_LAST = "\U0010ffff"

Term = tuple[int, int, str]  # rank, field, term


def _all(field: str, found: Iterable[str]) -> list[Term]:
    code = FIELDS.index(field)
    return [(_RANK_OF[field], code, term) for term in found if term]


def _identifier(field: str, text: str) -> list[Term]:
    return _all(field, dict.fromkeys([compact(text), *words(text)]))


def customer_terms(data: Mapping[str, Any]) -> list[Term]:
    """The terms of a customer's own fields."""
    found = _identifier("number", data["number"] or "")
    for external in data["external_ids"]:
        found += _identifier("external_id", external["id"])
    found += _all("name", words(data["name"]))
    found += _all("dba_name", words(data["dba_name"] or ""))
    return list(dict.fromkeys(found))


def contact_terms(data: Mapping[str, Any]) -> list[Term]:
    """The terms of a person. What the name already says is not kept again for an address."""
    named = words(data["name"])
    found = _all("contact", named)
    for email in data["emails"]:
        local, _, domain = email["address"].rpartition("@")
        parts = [compact(email["address"]), compact(domain), *words(local)]
        found += _all("email", [term for term in parts if term not in named])
    for phone in data["phones"]:
        number = digits(phone["number"])
        if len(number) >= SUFFIX_DIGITS:
            found += _all("phone", [number, backwards(number)])
    return list(dict.fromkeys(found))


def address_terms(data: Mapping[str, Any]) -> list[Term]:
    """The terms of a place."""
    return _all("city", words(data["city"]))


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a query: the ranges of terms that satisfy it, each from `low` up to but without `high`."""

    ranges: tuple[tuple[str, str], ...]


def tokens(query: str) -> tuple[Token, ...]:
    """Reads a query: every word must be found, the last one as a prefix; several digits also at the end of a phone
    number. Nothing but punctuation gives no token, which finds nothing."""
    if _ONLY_PHONE.match(query.strip()) and len(digits(query)) >= SUFFIX_DIGITS:
        return (_token(compact(query), prefix=True),)
    found = [compact(chunk) for chunk in fold(query).split()]
    terms = [term for term in dict.fromkeys(found) if term][:MAX_TOKENS]
    return tuple(_token(term, prefix=place == len(terms) - 1) for place, term in enumerate(terms))


def _token(term: str, *, prefix: bool) -> Token:
    ranges = [(term, term + _LAST if prefix else term + "\x01")]
    number = digits(term)
    if term.isdigit() and len(number) >= SUFFIX_DIGITS:
        if number != term:
            ranges.append((number, number + _LAST))
        ranges.append((backwards(number), backwards(number) + _LAST))
    return Token(tuple(ranges))
