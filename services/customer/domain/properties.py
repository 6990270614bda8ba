"""Properties: what kinds there are, and the words by which they are found."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

KINDS: Final = ("building", "apartment", "office", "shop", "warehouse", "plant", "land", "other")
STATUSES: Final = ("active", "closed")

LENGTHS: Final = {"number": 40, "name": 200}
ADDRESS: Final = ("line1", "line2", "city", "region", "postal_code", "country")
PLAIN: Final = ("number", "name", "kind", "status", *ADDRESS)

LABELS: Final = {
    "number": "Number",
    "name": "Name",
    "kind": "Kind",
    "status": "Status",
    "line1": "Address",
    "line2": "Address, second line",
    "city": "City",
    "region": "State or region",
    "postal_code": "Postal code",
    "country": "Country",
}

_MOST_WORDS = 60
_LONGEST_WORD = 60
_BREAKS = re.compile(r"[^\w]+")


def found_by(record: Mapping[str, Any]) -> list[str]:
    """The words of number, name and city, folded; the number also as a whole."""
    whole = folded(record["number"])[:_LONGEST_WORD]
    found = [whole, *words(f"{record['number']} {record['name']} {record['city']}")]
    return list(dict.fromkeys(found))[:_MOST_WORDS]


def words(text: str) -> list[str]:
    """The words of a text, folded, without repetitions."""
    return list(dict.fromkeys(word[:_LONGEST_WORD] for word in _BREAKS.split(folded(text)) if word))


def folded(text: str) -> str:
    """A text without accents and capitals, as it is searched for."""
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
