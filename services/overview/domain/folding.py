"""Text made comparable: without case, accents and punctuation, the same for what is stored and what is typed."""

import re
import unicodedata

MAX_TERM = 64
MAX_WORDS = 32  # of one value: nobody looks for the thirty-third word of a name

# Letters that Unicode does not decompose, as people without them on the keyboard type them.
_LETTERS = str.maketrans(
    {"æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t"}
)
_WORD = re.compile(r"[^\W_]+")
_NO_DIGIT = re.compile(r"\D+")


def fold(text: str) -> str:
    """Lower case by case folding (`ß` becomes `ss`), compatibility forms and accents removed, spaces single."""
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.casefold().translate(_LETTERS).split())


def words(text: str) -> list[str]:
    """The search terms of a text: each word, and each chunk between spaces without its punctuation (`o'brien` gives
    `o`, `brien` and `obrien`; an e-mail address is one chunk). In order, without doubles, bounded."""
    found: dict[str, None] = {}
    for chunk in fold(text).split():
        parts = _WORD.findall(chunk)
        for part in parts:
            found[part[:MAX_TERM]] = None
        if len(parts) > 1:
            found["".join(parts)[:MAX_TERM]] = None
        if len(found) >= MAX_WORDS:
            break
    return list(found)[:MAX_WORDS]


def compact(text: str) -> str:
    """The whole text as one term: letters and digits only."""
    return "".join(_WORD.findall(fold(text)))[:MAX_TERM]


def digits(text: str) -> str:
    """The digits of a phone number without the prefix that only says that a country follows (`+`, `00`) or a trunk
    (`0`)."""
    return _NO_DIGIT.sub("", text).lstrip("0")[:MAX_TERM]


def backwards(phone_digits: str) -> str:
    """The term by which the last digits of a phone number are found; it sorts apart from all other terms."""
    return "~" + phone_digits[::-1][: MAX_TERM - 1]
