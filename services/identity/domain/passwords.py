"""What a password must be. Length is what counts (NIST SP 800-63B, 3.1.1.2); there are no rules of composition."""

import unicodedata

from identity.errors import PasswordWeak

SHORTEST_BYTES = 12
LONGEST_BYTES = 1024
_FEWEST_DIFFERENT = 5


def normalise(text: str) -> str:
    """The password as it is hashed: NFC, so that the same letters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFC", text)


def is_possible(text: str) -> bool:
    """Whether an account could have this password: what cannot be one is refused before it costs a hash. A short one
    can: the first administrator's is set by whoever installs."""
    try:
        return "\x00" not in text and 0 < len(normalise(text).encode()) <= LONGEST_BYTES
    except UnicodeEncodeError:
        return False


def new_password(text: str, *, username: str | None = None) -> str:
    """A password that may be set, normalised; raises PasswordWeak."""
    try:
        normal = normalise(text)
        size = len(normal.encode())
    except UnicodeEncodeError as error:
        raise PasswordWeak("The password holds characters that cannot be stored.") from error
    if "\x00" in normal:
        raise PasswordWeak("The password holds a NUL character.")
    if size < SHORTEST_BYTES:
        raise PasswordWeak(f"The password needs at least {SHORTEST_BYTES} characters; a few words do well.")
    if size > LONGEST_BYTES:
        raise PasswordWeak(f"The password is longer than {LONGEST_BYTES} bytes.")
    if len(set(normal)) < _FEWEST_DIFFERENT or (username and normal.casefold() == username):
        raise PasswordWeak("The password is too easy to guess; a few words do well.")
    return normal
