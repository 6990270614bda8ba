"""Secrets that must be readable again, sealed with AES-256-GCM by a key that is kept outside of the database."""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
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
        self.key_ids = tuple(keys)
        self.key_id = self.key_ids[0]

    @classmethod
    def from_text(cls, text: str, setting: str) -> "Seal":
        """Reads 32-byte keys in base64, separated by commas, the present one first; raises ValueError, which names the
        setting that they come from."""
        keys: dict[str, bytes] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            try:
                key = base64.b64decode(part, validate=True)
            except binascii.Error as error:
                raise ValueError(f"{setting} must be base64") from error
            if len(key) != KEY_BYTES:
                raise ValueError(f"{setting} must hold 32 bytes in base64")
            keys[hashlib.sha256(key).hexdigest()[:16]] = key
        if not keys:
            raise ValueError(f"{setting} is empty")
        return cls(keys)

    def close(self, secret: bytes, *, belongs_to: str) -> Sealed:
        """Seals a secret for one row: in another row it does not open."""
        return Sealed(self.key_id, encrypt(self._keys[self.key_id], secret, belongs_to))

    def open(self, sealed: Sealed, *, belongs_to: str) -> bytes:
        """The secret; raises KeyError where its key is gone, cryptography's InvalidTag where it was tampered with."""
        return decrypt(self._keys[sealed.key_id], sealed.body, belongs_to)


def new_key() -> bytes:
    """A key for `encrypt`."""
    return AESGCM.generate_key(KEY_BYTES * 8)


def encrypt(key: bytes, content: bytes, belongs_to: str) -> bytes:
    """The nonce and the content, encrypted and authenticated together with whom it belongs to."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, belongs_to.encode())


def decrypt(key: bytes, body: bytes, belongs_to: str) -> bytes:
    """What `encrypt` took; raises cryptography's InvalidTag where key, content or owner are not those of then."""
    return AESGCM(key).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], belongs_to.encode())
