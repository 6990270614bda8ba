"""Access tokens as they are issued; `common.tokens` verifies them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from common.clock import Clock
from common.ids import new_id
from common.tokens import AUDIENCE, ISSUER, TYPE, key_id, pack

Reach = Sequence[tuple[Sequence[str], Collection[str]]]

LIFE_SECONDS = 300
API_LIFE_SECONDS = 60

# A verifier's clock may be a little behind ours.
_SKEW_SECONDS = 5


class Signer:
    """Signs with one Ed25519 key."""

    def __init__(self, private_pem: str, clock: Clock) -> None:
        """Raises ValueError where the text is no Ed25519 private key in PEM."""
        key = load_pem_private_key(private_pem.encode(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("IDENTITY_PRIVATE_KEY must be an Ed25519 key in PEM")
        self._key = key
        self._headers = {"typ": TYPE, "kid": key_id(key.public_key())}
        self._clock = clock

    def token(
        self,
        kind: Literal["staff", "portal", "api"],
        *,
        account_id: str,
        sid: str,
        label: str,
        permissions: Sequence[str],
        reach: Reach | None = None,
        authenticated_at: datetime | None = None,
        life: int = LIFE_SECONDS,
    ) -> str:
        """A signed token: staff hold `permissions` everywhere, a portal account those in `reach`, each list of them at
        the customers beside it. `authenticated_at` is when the person last entered a password or second factor."""
        now = int(self._clock.now().timestamp()) - _SKEW_SECONDS
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": account_id,
            "sid": sid,
            "jti": new_id(),
            "iat": now,
            "nbf": now,
            "exp": now + life,
            "kind": kind,
            "name": label,
        }
        if authenticated_at is not None:
            claims["auth_time"] = int(authenticated_at.timestamp())
        if reach is None:
            claims["perms"] = list(permissions)
        else:
            claims["reach"] = [[list(codes), pack(customer_ids)] for codes, customer_ids in reach]
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers=self._headers)


def expires_in(life: int = LIFE_SECONDS) -> int:
    """The seconds for which a token that is issued now can be used."""
    return life - _SKEW_SECONDS


def new_key_pair() -> tuple[str, str]:
    """A new private and public key in PEM."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return private, public
