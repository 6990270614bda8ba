"""Identifiers: UUIDv7 made here, so that every service sorts new rows by time without asking a database."""

from uuid import UUID

import uuid_utils


def new_id() -> str:
    """Returns a new UUIDv7 in its canonical text form."""
    return str(uuid_utils.uuid7())


def is_id(text: object) -> bool:
    """Tells whether `text` is a UUID in its canonical text form."""
    try:
        return isinstance(text, str) and str(UUID(text)) == text
    except ValueError:
        return False
