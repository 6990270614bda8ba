"""Text made comparable: compatibility forms resolved, accents removed, case folded; a database can do the same."""

import unicodedata
from typing import Final

# The blocks of combining marks that are accents. Vowel signs and points of other scripts are letters there, and stay.
ACCENT_BLOCKS: Final = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
# What ends a word besides a letter or digit that is none: white space and the punctuation of ASCII.
SEPARATORS: Final = "\t\n\v\f\r!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

_ACCENTS = {mark: None for first, last in ACCENT_BLOCKS for mark in range(first, last + 1)}
# Lower case is not yet folded case for these two.
_FOLDED = str.maketrans({"ß": "ss", "ς": "σ"})
_TO_SPACES = str.maketrans(dict.fromkeys(SEPARATORS, " "))


def fold(text: str) -> str:
    """The text without accents and case: `Müller`, `MULLER` and `muller` are one, and so are `Straße` and `STRASSE`."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", text).translate(_ACCENTS).lower().translate(_FOLDED)


def words(text: str) -> list[str]:
    """The folded words of a text."""
    return fold(text).translate(_TO_SPACES).split()


def has_word(text: str, word: str) -> bool:
    """Whether a folded word stands in the text by itself."""
    return f" {word} " in f" {fold(text).translate(_TO_SPACES)} "
