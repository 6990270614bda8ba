"""Search terms: which words of a customer, its people and what belongs to it find it, and how a query reads.

Ranks order the hits: numbers, external and tax ids, then names, people, phones, then cities and everything else. Marks,
by which filters and facets count, are terms too, of a rank and form that no word of a query reaches.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from overview.domain.folding import backwards, compact, digits, fold, words

RANKS = (0, 1, 2, 3, 4)
# A field's code is its place here; new ones go to the end.
FIELDS = (
    *("number", "external_id", "name", "dba_name", "contact", "email", "phone", "city"),
    *("mark", "tag", "tax_id", "property", "system", "file", "deal", "custom_field"),
    *("order", "shipment", "service", "contract", "quote", "return", "claim", "asset"),
)
_NUMBERED = (
    *(
        "number",
        "external_id",
        "tax_id",
        "order",
        "shipment",
        "service",
        "contract",
        "quote",
        "return",
        "claim",
        "asset",
    ),
)
_RANKED = (
    _NUMBERED,
    ("name", "dba_name"),
    ("contact", "email"),
    ("phone",),
    ("city", "tag", "property", "system", "file", "deal", "custom_field"),
)
_RANK_OF = {field: rank for rank, fields in enumerate(_RANKED) for field in fields}
_IDENTIFIERS = frozenset(_NUMBERED)

MARK = "#"  # what the term of a mark begins with
MARK_RANK = 9
_LONGEST_MARK = 120

# Who may find by a term stands in its code too: everybody, staff only, or staff with the permission for what is
# restricted.
EVERYBODY, STAFF, RESTRICTED = 0, 100, 200

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
    """The terms of a customer's own fields. External ids are the provider's, not for the company's own search."""
    found = _identifier("number", data["number"] or "")
    for external in data["external_ids"]:
        found += at_level(_identifier("external_id", external["id"]), STAFF)
    found += _all("name", words(data["name"]))
    found += _all("dba_name", words(data["dba_name"] or ""))
    return list(dict.fromkeys(found))


def field_terms(field: str, text: str) -> list[Term]:
    """The terms of a text that stands in a field."""
    return _identifier(field, text) if field in _IDENTIFIERS else _all(field, words(text))


def mark_terms(marks: Iterable[str]) -> list[Term]:
    """Marks such as `tag:7` as terms."""
    return [(MARK_RANK, FIELDS.index("mark"), f"{MARK}{mark}"[:_LONGEST_MARK]) for mark in marks]


def at_level(found: Iterable[Term], level: int) -> list[Term]:
    """The same terms for some of those who search."""
    return [(rank, code + level, term) for rank, code, term in found]


def field_of(code: int) -> str:
    """The field that a code stands for. Of marks only those of tags are found by words."""
    field = FIELDS[code % STAFF]
    return "tag" if field == "mark" else field


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
    """One word of a query: the ranges of terms that satisfy it, each from `low` up to but without `high`, and the marks
    that do so as well."""

    ranges: tuple[tuple[str, str], ...]
    marks: tuple[str, ...] = ()


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
