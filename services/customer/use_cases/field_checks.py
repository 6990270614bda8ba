"""What values of defined fields ask libraries: countries, currencies and telephone numbers."""

from functools import cache, lru_cache
from typing import Final

import phonenumbers
import pycountry

from customer.domain.fields.values import Checks
from customer.use_cases.countries import code_of


@cache
def _currencies() -> frozenset[str]:
    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


def _currency(text: str) -> str | None:
    return text.upper() if text.upper() in _currencies() else None


@lru_cache(maxsize=4096)
def _phone(text: str) -> str | None:
    """A number as E.164 writes it."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


CHECKS: Final = Checks(country=code_of, currency=_currency, phone=_phone)
