"""Telephone numbers and e-mail addresses as links that a device opens."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import phonenumbers

Shown = dict[str, Any]

# Whose default address tells the country of numbers without `+`, the first that there is; else the oldest address.
DIALLED_FROM = ("legal", "billing")

_DIALLED = "0123456789*#"


def contact_shown(row: Mapping[Any, Any], country: str | None) -> Shown:
    """A contact as it is shown, with what its numbers and addresses open."""
    return dict(row) | {"emails": emails(row["emails"]), "phones": phones(row["phones"], country)}


def country_of(addresses: Sequence[Mapping[str, Any]]) -> str | None:
    """The country in which a customer with these addresses dials."""
    for wanted in DIALLED_FROM:
        for address in addresses:
            if any(entry["purpose"] == wanted and entry["default"] for entry in address["purposes"]):
                return str(address["country"])
    return str(addresses[0]["country"]) if addresses else None


def emails(entries: Sequence[Mapping[str, Any]]) -> list[Shown]:
    """Each address with its `href` (RFC 6068)."""
    return [{**entry, "href": f"mailto:{quote(entry['address'], safe='@!$*+')}"} for entry in entries]


def phones(entries: Sequence[Mapping[str, Any]], country: str | None) -> list[Shown]:
    """Each number with `e164`, `extension` and `href`. A number without `+` is read as one of the country, given as ISO
    3166-1 alpha-2; what makes no number stays as it is written, with `e164` null."""
    return [{**entry, **_read(entry["number"], country)} for entry in entries]


@lru_cache(maxsize=16_384)
def _read(number: str, country: str | None) -> Mapping[str, str | None]:
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        parsed = None
    # With `+` somebody has said which country; without, it is a guess that only a known number bears out.
    known = phonenumbers.is_possible_number if number.lstrip().startswith("+") else phonenumbers.is_valid_number
    if parsed is None or not known(parsed):
        return {"e164": None, "extension": None, "href": _as_dialled(number)}
    return {
        "e164": phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        "extension": parsed.extension or None,
        # With the extension as `;ext=` (RFC 3966).
        "href": phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.RFC3966),
    }


def _as_dialled(number: str) -> str | None:
    """What a telephone would dial: the digits as they are written."""
    digits = "".join(sign for sign in number if sign in _DIALLED)
    if not digits:
        return None
    return f"tel:{'+' if number.lstrip().startswith('+') else ''}{digits}"
