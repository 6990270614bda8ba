"""User names: one spelling for what people take to be the same name."""

import re
import unicodedata

from identity.errors import UsernameInvalid

LONGEST = 254  # an e-mail address is the usual user name
_SHORTEST = 3
_FORBIDDEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def fold(text: str) -> str:
    """The form that is stored and compared: compatibility-normalised, case-folded, without surrounding white space."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).strip().casefold())


def flaw(text: str) -> str | None:
    """Why a text cannot be a user name, or None where it can."""
    folded = fold(text)
    if _FORBIDDEN.search(folded):
        return "A user name holds no spaces and no invisible characters."
    if not _SHORTEST <= len(folded) <= LONGEST:
        return f"A user name has {_SHORTEST} to {LONGEST} characters."
    return None


def username(text: str) -> str:
    """The folded user name; raises UsernameInvalid where it holds white space or control characters, or is no fit."""
    reason = flaw(text)
    if reason:
        raise UsernameInvalid(reason)
    return fold(text)
