"""Countries, their parts and currencies: codes of ISO 3166 and 4217, and the names that people write for countries."""

import unicodedata
from functools import cache, lru_cache

import pycountry

from common.errors import FieldError
from customer.errors import Unsuitable

# What ISO's names leave out: names in use, former ones, and some in their own language.
_ALSO = {
    "uk": "GB",
    "great britain": "GB",
    "britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "eire": "IE",
    "republic of ireland": "IE",
    "united states of america": "US",
    "u.s.a.": "US",
    "u.s.": "US",
    "america": "US",
    "holland": "NL",
    "the netherlands": "NL",
    "nederland": "NL",
    "deutschland": "DE",
    "osterreich": "AT",
    "schweiz": "CH",
    "suisse": "CH",
    "svizzera": "CH",
    "espana": "ES",
    "italia": "IT",
    "brasil": "BR",
    "belgie": "BE",
    "belgique": "BE",
    "danmark": "DK",
    "sverige": "SE",
    "norge": "NO",
    "suomi": "FI",
    "polska": "PL",
    "cesko": "CZ",
    "czech republic": "CZ",
    "russia": "RU",
    "turkey": "TR",
    "macedonia": "MK",
    "cape verde": "CV",
    "ivory coast": "CI",
    "swaziland": "SZ",
    "burma": "MM",
    "uae": "AE",
    "brunei": "BN",
    "palestine": "PS",
    "vatican": "VA",
    "macau": "MO",
    "micronesia": "FM",
    "falkland islands": "FK",
}


@cache
def codes() -> frozenset[str]:
    """Every code that is in use."""
    return frozenset(country.alpha_2 for country in pycountry.countries)


@cache
def subdivisions() -> frozenset[str]:
    """Every code of a part of a country."""
    return frozenset(part.code for part in pycountry.subdivisions)


@lru_cache(maxsize=4096)
def code_of(text: str) -> str | None:
    """The code of a country given by one of its codes or names, whatever the case and accents; None if unknown."""
    return _names().get(_plain(text))


def check_code(code: str, pointer: str) -> str:
    """The code in capitals; raises Unsuitable where it is none."""
    upper = code.upper()
    if upper not in codes():
        raise Unsuitable(
            "The country is not known; send its ISO 3166-1 code of two letters, as in DE.",
            errors=[FieldError(pointer, "Is no ISO 3166-1 alpha-2 code.")],
        )
    return upper


def check_jurisdiction(code: str, pointer: str) -> str:
    """A country, or a part of one by ISO 3166-2, in capitals; raises Unsuitable where it is none."""
    upper = code.upper()
    known = upper in codes() if "-" not in upper else upper in subdivisions()
    if not known:
        raise Unsuitable(
            f"{code} is no jurisdiction that is known; send a country as DE, or a part of one as US-NY.",
            errors=[FieldError(pointer, "Is no code of ISO 3166-1 or 3166-2.")],
        )
    return upper


def check_currency(code: str, pointer: str) -> str:
    """The code of a currency in capitals; raises Unsuitable where it is none."""
    upper = code.upper()
    if pycountry.currencies.get(alpha_3=upper) is None:
        raise Unsuitable(
            "The currency is not known; send its ISO 4217 code of three letters, as in EUR.",
            errors=[FieldError(pointer, "Is no ISO 4217 code.")],
        )
    return upper


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for country in pycountry.countries:
        for attribute in ("name", "official_name", "common_name", "alpha_3", "alpha_2"):
            name = getattr(country, attribute, None)
            if name:
                names[_plain(name)] = country.alpha_2
    return names | _ALSO


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold().split())
