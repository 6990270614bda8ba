"""Signed access tokens for tests, as `identity` issues them."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from common.ids import new_id
from common.tokens import AUDIENCE, ISSUER, TYPE, Verifier, key_id


class TestTokens:
    """A key pair of its own, and tokens signed with it."""

    __test__ = False

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        self.public_key = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def verifier(self) -> Verifier:
        return Verifier.from_pem(self.public_key)

    def staff(self, permissions: Iterable[str] = (), **claims: Any) -> str:
        """A staff token that holds the permissions."""
        return self.sign({"kind": "staff", "name": "Test Staff", "perms": sorted(permissions)} | claims)

    def portal(self, grants: Mapping[str, Iterable[str]], **claims: Any) -> str:
        """A portal token with permission codes per customer id."""
        named = {customer_id: sorted(codes) for customer_id, codes in grants.items()}
        return self.sign({"kind": "portal", "name": "Test Buyer", "grants": named} | claims)

    def sign(self, claims: Mapping[str, Any], *, headers: Mapping[str, Any] | None = None) -> str:
        """A token with these claims over sensible ones; a claim of None is left out."""
        now = int(time.time())
        full = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": new_id(),
            "sid": new_id(),
            "jti": new_id(),
            "iat": now,
            "nbf": now - 1,
            "exp": now + 3600,  # longer than any suite takes
            "auth_time": now,
        } | dict(claims)
        return jwt.encode(
            {name: value for name, value in full.items() if value is not None},
            self._key,
            algorithm="EdDSA",
            headers={"typ": TYPE, "kid": key_id(self._key.public_key())} | dict(headers or {}),
        )
