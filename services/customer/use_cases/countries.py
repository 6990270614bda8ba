"""Countries, their parts and currencies: codes of ISO 3166 and 4217."""

from functools import cache

import pycountry

from common.errors import FieldError
from common.importing.countries import code_of, codes
from customer.errors import Unsuitable

__all__ = ["check_code", "check_currency", "check_jurisdiction", "code_of", "codes", "subdivisions"]


@cache
def subdivisions() -> frozenset[str]:
    """Every code of a part of a country."""
    return frozenset(part.code for part in pycountry.subdivisions)


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
