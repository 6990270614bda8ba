"""Cost centres: which code an order's lines bear, and which known ones are near to one that is not."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

Record = Mapping[str, Any]

COST_CENTRE_LABELS: Final = {"code": "Code", "name": "Name", "owner_id": "Owner", "active": "Active"}
MAX_CODE: Final = 80
_NEAR: Final = 10


def key_of(code: str) -> str:
    """By what a code is known: capitals and blanks around it do not matter."""
    return code.strip().lower()


def centre_of(line: Record, order: Record) -> str | None:
    """The code that a line bears: its own, or that of its order."""
    return line.get("cost_centre") or order.get("cost_centre")


def centres_of(order: Record, lines: Iterable[Record]) -> list[str]:
    """The keys of all codes of an order's lines."""
    return sorted({key_of(code) for line in lines if (code := centre_of(line, order))})


def near(code: str, known: Iterable[str]) -> list[str]:
    """The known codes that may have been meant: those alike, or the first of all where none is."""
    by_key = {key_of(one): one for one in sorted(known)}
    alike = get_close_matches(key_of(code), by_key, n=_NEAR, cutoff=0.4)
    return [by_key[one] for one in alike] or list(by_key.values())[:_NEAR]
