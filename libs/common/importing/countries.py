"""Countries by code and by the names that people write for them. Only for services that import pycountry's extra."""

import unicodedata
from functools import cache, lru_cache

import pycountry

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


@lru_cache(maxsize=4096)
def code_of(text: str) -> str | None:
    """The code of a country given by one of its codes or names, whatever the case and accents; None if unknown."""
    return _names().get(_plain(text))


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
