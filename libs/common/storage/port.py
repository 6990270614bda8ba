"""The port: contents by their SHA-256, written once and never changed."""

import re
from collections.abc import Iterator
from typing import Protocol

from common.errors import Unavailable
from common.storage.spool import Spooled

_KEY = re.compile(r"[0-9a-f]{64}")

CHUNK = 256 * 1024


class BlobMissing(LookupError):
    """The storage does not hold this content; whoever refers to it has lost it."""


class StorageUnavailable(Unavailable):
    """The storage does not answer, or is full."""

    code = "storage_unavailable"
    title = "Files cannot be reached for the moment"

    def __init__(self) -> None:
        super().__init__("The storage of files does not answer for the moment; try again in a minute.")


class Storage(Protocol):
    """Safe for several threads. Every method may raise StorageUnavailable."""

    def put(self, content: Spooled) -> None:
        """Keeps a content under its `sha256`; when it returns, the content outlives a crash. Safe to repeat."""

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The content in pieces, from byte `start` on, `length` bytes or to the end. Raises BlobMissing at once, not at
        the first piece."""

    def remove(self, key: str) -> None:
        """Forgets a content; one that is not there is no error."""


def checked(key: str) -> str:
    """The key itself; raises ValueError where it is no SHA-256 in hex, so that no name ever becomes a path."""
    if not _KEY.fullmatch(key):
        raise ValueError("a key is a SHA-256 in lower-case hex")
    return key
