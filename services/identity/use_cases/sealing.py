"""Secrets that must be readable again (those of second factors), sealed with AES-256-GCM."""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed secret and the id of its key; the nonce leads."""

    key_id: str
    body: bytes


class Seal:
    """Seals with the first key and opens with any, so that a key can be replaced without a stop."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._keys = keys
        self._current = next(iter(keys))

    @classmethod
    def from_text(cls, text: str) -> "Seal":
        """Reads 32-byte keys in base64, separated by commas, the present one first; raises ValueError."""
        keys: dict[str, bytes] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            try:
                key = base64.b64decode(part, validate=True)
            except binascii.Error as error:
                raise ValueError("IDENTITY_SECRET_KEY must be base64") from error
            if len(key) != _KEY_BYTES:
                raise ValueError("IDENTITY_SECRET_KEY must hold 32 bytes in base64")
            keys[hashlib.sha256(key).hexdigest()[:16]] = key
        if not keys:
            raise ValueError("IDENTITY_SECRET_KEY is empty")
        return cls(keys)

    def close(self, secret: str, *, belongs_to: str) -> Sealed:
        """Seals a secret for one row: in another row it does not open."""
        nonce = os.urandom(_NONCE_BYTES)
        body = AESGCM(self._keys[self._current]).encrypt(nonce, secret.encode(), belongs_to.encode())
        return Sealed(self._current, nonce + body)

    def open(self, sealed: Sealed, *, belongs_to: str) -> str:
        """The secret; raises KeyError where its key is gone, cryptography's InvalidTag where it was tampered with."""
        nonce, body = sealed.body[:_NONCE_BYTES], sealed.body[_NONCE_BYTES:]
        return AESGCM(self._keys[sealed.key_id]).decrypt(nonce, body, belongs_to.encode()).decode()
