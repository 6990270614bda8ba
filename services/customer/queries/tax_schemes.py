"""Which kinds of tax ids a country has, and how their values are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from stdnum import get_cc_module
from stdnum.eu.vat import MEMBER_STATES
from stdnum.util import get_module_name

VAT: Final = "vat"
# Besides the VAT number, or what a country has in its place, which is always called `vat`.
_ALSO: Final = {
    "AR": "cuit",
    "AT": "tin",
    "AU": "abn tfn",
    "BR": "cnpj cpf",
    "CA": "bn sin",
    "CH": "uid",
    "DE": "idnr stnr",
    "EE": "registrikood",
    "ES": "cif nif nie",
    "FI": "ytunnus",
    "FR": "siren siret nif",
    "GB": "utr",
    "IE": "pps",
    "IL": "hp",
    "IN": "gstin pan",
    "IT": "codicefiscale",
    "LI": "peid",
    "MD": "idno",
    "MX": "rfc",
    "NL": "bsn",
    "NO": "orgnr",
    "NZ": "ird",
    "PL": "regon",
    "RO": "cui",
    "SE": "orgnr",
    "SG": "uen",
    "SI": "maticna",
    "TH": "tin pin",
    "UA": "edrpou rntrc",
    "US": "ein tin itin ssn",
    "ZA": "tin",
}
# What precedes a VAT number inside the Union, in trade from Northern Ireland, and in the United Kingdom.
_PREFIXES: Final = {country.upper(): country.upper() for country in MEMBER_STATES} | {"GR": "EL", "GB": "GB"}


@dataclass(frozen=True, slots=True)
class Scheme:
    """One kind of tax id of a country."""

    country: str
    code: str
    name: str
    check: Any  # the library's module


@cache
def schemes_of(country: str) -> Sequence[Scheme]:
    """The kinds of tax ids that can be checked for a country, given as ISO 3166-1 alpha-2, the VAT number first."""
    found: list[Scheme] = []
    for code in (VAT, *_ALSO.get(country, "").split()):
        module = get_cc_module(country, code)
        if module is not None:
            found.append(Scheme(country, code, get_module_name(module), module))
    return tuple(found)


def written(country: str, scheme: str, value: str) -> str:
    """A stored value as people write it: a VAT number with its prefix, others as their country formats them."""
    if scheme == VAT and country in _PREFIXES:
        return f"{_PREFIXES[country]}{value}"
    found = next((each for each in schemes_of(country) if each.code == scheme), None)
    form = getattr(found.check, "format", None) if found else None
    return str(form(value)) if form else value
