"""When two customers may be one: which keys they share, what each weighs, and how names are compared.

Keys are kept as numbers: comparing needs no more, and a key gives away nothing personal.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from math import prod
from typing import Any, Final

Record = Mapping[str, Any]
Key = tuple[int, int]  # the place of its kind in KINDS, and the number

POSSIBLE: Final = 0.6
STRONG: Final = 0.9

# What alone is worth how much. A number, an external id or a tax id that is given twice is refused before any weighing.
WEIGHTS: Final = {
    "name_and_postal_code": 0.7,
    "name_and_city": 0.5,
    "email_domain": 0.5,
    "phone": 0.5,
    "address": 0.3,
}
KINDS: Final = tuple(WEIGHTS)
_NAME_POSTAL, _NAME_CITY, _DOMAIN, _PHONE, _ADDRESS = range(len(KINDS))

_SHORTEST_PHONE, _COMPARED_DIGITS = 7, 9

_WITH_ANYBODY = """
    aol.com bluewin.ch btinternet.com comcast.net email.com fastmail.com free.fr freenet.de gmail.com gmx.at gmx.ch
    gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr hotmail.it icloud.com
    laposte.net libero.it live.com mac.com mail.com mail.ru me.com msn.com o2.pl orange.fr outlook.com outlook.de
    proton.me protonmail.com qq.com sfr.fr t-online.de telenet.be tiscali.it tuta.com verizon.net virgilio.it wanadoo.fr
    web.de wp.pl yahoo.co.uk yahoo.com yahoo.de yahoo.fr yandex.ru ymail.com zoho.com 163.com
"""
_FREE_MAIL = frozenset(_WITH_ANYBODY.split())
_FORMS = """
    ab ag aps as asa bv bvba co company corp corporation cv doo eg ek ev eurl gbr gesellschaft ggmbh gmbh inc
    incorporated kft kg kgaa limited lda llc llp lp ltd ltda mbh nv ohg oy oyj plc pte pty sa sarl sas sasu se sl slu
    snc spa spzoo srl sro ug und and et
"""
_LEGAL_FORMS = frozenset(_FORMS.split())
_GLUED = re.compile(r"[.'’`]")
_SEPARATING = re.compile(r"[\W_]+")


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Text without accents, case and punctuation."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return _SEPARATING.sub(" ", _GLUED.sub("", text.casefold())).strip()


def plain_name(name: str) -> str:
    """A name as it is compared: plain, and without legal forms unless it consists of them."""
    words = plain(name).replace("sp z oo", "spzoo").split()
    return " ".join([word for word in words if word not in _LEGAL_FORMS] or words)


def phone_digits(number: str) -> str | None:
    """The last nine digits, so that a number with its country code equals the one without; None where too short."""
    digits = "".join(letter for letter in number if letter.isdecimal()).lstrip("0")
    return digits[-_COMPARED_DIGITS:] if len(digits) >= _SHORTEST_PHONE else None


def company_domain(email: str) -> str | None:
    """The domain of an address, unless anybody can have one there."""
    domain = email.rpartition("@")[2].casefold()
    return None if domain in _FREE_MAIL else domain


def keys_of(customer: Record, contacts: Iterable[Record], addresses: Iterable[Record]) -> set[Key]:
    """Everything by which a customer could be recognised."""
    names = {plain_name(name) for name in (customer["name"], customer["dba_name"]) if name}
    keys: set[Key] = set()
    for address in addresses:
        country, city = address["country"], plain(address["city"])
        postal_code = plain(address["postal_code"] or "").replace(" ", "")
        keys.add(_key(_ADDRESS, country, postal_code or city, plain(address["line1"])))
        for name in names:
            keys.add(_key(_NAME_CITY, country, city, name))
            if postal_code:
                keys.add(_key(_NAME_POSTAL, country, postal_code, name))
    for contact in contacts:
        keys |= {_key(_DOMAIN, domain) for entry in contact["emails"] if (domain := company_domain(entry["address"]))}
        keys |= {_key(_PHONE, digits) for entry in contact["phones"] if (digits := phone_digits(entry["number"]))}
    return keys


def score(reasons: Iterable[str]) -> float:
    """How likely two customers are one, 0 to 1, from the kinds of the keys that they share: 1 - Π(1 - weight). A name
    counts once, by the stronger of its two keys."""
    found = set(reasons)
    if "name_and_postal_code" in found:
        found.discard("name_and_city")
    return round(1 - prod(1 - WEIGHTS[reason] for reason in found), 4)


def reasons_of(kinds: Sequence[int]) -> list[str]:
    """The kinds by name, the weightiest first."""
    return [KINDS[kind] for kind in sorted(set(kinds))]


def _key(kind: int, *parts: str) -> Key:
    digest = blake2b("\x00".join(parts).encode("utf-8", "replace"), digest_size=8).digest()
    return kind, int.from_bytes(digest, signed=True)
