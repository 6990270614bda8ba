"""Secrets as they are stored: passwords by argon2id, random tokens by SHA-256 (they have entropy enough)."""

import hashlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from identity.errors import Busy

_AT_ONCE = 2  # 19 MiB and a core for about 30 ms each
_PATIENCE_SECONDS = 5.0


class Hasher:
    """argon2id with OWASP's parameters; at most two at once in a process, the others wait their turn."""

    def __init__(self) -> None:
        self._argon2 = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._nobodys = self._argon2.hash(secrets.token_urlsafe(32))

    def hash(self, password: str) -> str:
        """The hash of a password; raises Busy."""
        with self._turn():
            return self._argon2.hash(password)

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits; takes as long where there is no hash to compare with. Raises Busy."""
        with self._turn():
            try:
                return self._argon2.verify(stored or self._nobodys, password) and stored is not None
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(stored)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=_PATIENCE_SECONDS):
            raise Busy
        try:
            yield
        finally:
            self._turns.release()


def new_secret(prefix: str = "") -> str:
    """A random secret of 256 bits; the prefix lets scanners find one that has leaked."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is stored of a random secret. Text that is no ASCII is no secret of ours, and has a digest all the same."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
