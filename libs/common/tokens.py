"""Access tokens: signed by `identity`, verified everywhere by public key, and turned into a Principal.

A JWT (RFC 7519) with EdDSA (RFC 8037), `typ` `at+jwt` (RFC 9068). One algorithm, keys from the settings only: nothing
in a token's header chooses anything but which of our own keys to use.
"""

import base64
import hashlib
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from common.errors import Unauthenticated

ISSUER = "atrium"
AUDIENCE = "atrium"
TYPE = "at+jwt"

_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)
_CACHED = 10_000


class TokenRefused(Unauthenticated):
    """The token is missing, broken, expired, or not signed by us."""

    code = "token_refused"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls. Staff hold `permissions` everywhere; portal accounts (`grants` is not None) hold codes per customer.
    An API token (`kind` is `api`) is as its owner, narrowed to its scopes. `authenticated_at` is when the person last
    entered a password or second factor, in Unix seconds; None where nobody did, as with an API token."""

    kind: Literal["staff", "portal", "api"]
    account_id: str
    session_id: str
    label: str
    permissions: frozenset[str]
    grants: Mapping[str, frozenset[str]] | None
    expires_at: int
    authenticated_at: int | None = None

    @property
    def is_portal(self) -> bool:
        return self.grants is not None

    @property
    def customer_ids(self) -> tuple[str, ...] | None:
        """The customers whose rows a portal account may touch, or None for all."""
        return None if self.grants is None else tuple(self.grants)

    @property
    def actor(self) -> str:
        return f"{self.kind}:{self.account_id}"

    def can(self, code: str, customer_id: str | None = None) -> bool:
        """Whether the caller holds a permission: for that customer, or, without one, for any of its customers."""
        if self.grants is None:
            return code in self.permissions
        if customer_id is not None:
            return code in self.grants.get(customer_id, frozenset())
        return any(code in codes for codes in self.grants.values())

    def sees(self, customer_id: str) -> bool:
        """Whether rows of that customer exist for the caller."""
        return self.grants is None or customer_id in self.grants


def key_id(key: Ed25519PublicKey) -> str:
    """The `kid` of a key: the first 16 hex digits of the SHA-256 of its raw bytes."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


class Verifier:
    """Verifies tokens; remembers verified ones until they expire, so that a hot session costs one look-up."""

    def __init__(self, keys: Mapping[str, Ed25519PublicKey]) -> None:
        self._keys = dict(keys)
        self._seen: dict[str, Principal] = {}

    @classmethod
    def from_pem(cls, pem: str) -> "Verifier":
        """Reads one or several PEM public keys; raises ValueError where one is no Ed25519 key."""
        keys: dict[str, Ed25519PublicKey] = {}
        for block in _PEM.findall(pem.encode()):
            key = load_pem_public_key(block)
            if not isinstance(key, Ed25519PublicKey):
                raise ValueError("IDENTITY_PUBLIC_KEY must hold Ed25519 public keys in PEM")
            keys[key_id(key)] = key
        if not keys:
            raise ValueError("IDENTITY_PUBLIC_KEY holds no public key in PEM")
        return cls(keys)

    def principal(self, token: str) -> Principal:
        """Who stands behind a token; raises TokenRefused."""
        known = self._seen.get(token)
        if known is None:
            known = self._verify(token)
            if len(self._seen) >= _CACHED:
                self._seen.clear()
            self._seen[token] = known
        if known.expires_at <= time.time():
            self._seen.pop(token, None)
            raise TokenRefused("The access token has expired; refresh it or sign in again.")
        return known

    def _verify(self, token: str) -> Principal:
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys.get(str(header.get("kid")))
            if key is None or header.get("typ") != TYPE:
                raise TokenRefused("The access token was not issued here; sign in again.")
            claims = jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": ["exp", "nbf", "iat", "sub", "sid", "kind"]},
            )
            return _principal(claims)
        except jwt.ExpiredSignatureError as error:
            raise TokenRefused("The access token has expired; refresh it or sign in again.") from error
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise TokenRefused("The access token cannot be accepted; sign in again.") from error


def _principal(claims: dict[str, Any]) -> Principal:
    if claims["kind"] not in {"staff", "portal", "api"}:
        raise ValueError("kind")
    grants = _unpacked(claims["reach"]) if "reach" in claims else claims.get("grants")
    if grants is None and "perms" not in claims:
        raise ValueError("neither permissions nor grants")
    return Principal(
        kind=claims["kind"],
        account_id=str(claims["sub"]),
        session_id=str(claims["sid"]),
        label=str(claims.get("name", "")),
        permissions=frozenset(claims.get("perms", ())),
        grants=None if grants is None else {str(id_): frozenset(codes) for id_, codes in grants.items()},
        expires_at=int(claims["exp"]),
        authenticated_at=int(claims["auth_time"]) if "auth_time" in claims else None,
    )


def pack(customer_ids: Iterable[str]) -> str:
    """Customer ids as one short text, for the claim `reach`: a list of `[codes, ids]`, the same codes at each of those.
    Spelled out, fifty customers already fill what servers take as a header; packed, two hundred and fifty do."""
    return base64.urlsafe_b64encode(b"".join(UUID(id_).bytes for id_ in customer_ids)).decode().rstrip("=")


def _unpacked(reach: Any) -> dict[str, frozenset[str]]:
    grants: dict[str, frozenset[str]] = {}
    for codes, packed in reach:
        raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        held = frozenset(str(code) for code in codes)
        for place in range(0, len(raw), 16):
            grants[str(UUID(bytes=raw[place : place + 16]))] = held
    return grants


def bearer(header: str | None) -> str:
    """The token in an `Authorization` header; raises TokenRefused where there is none."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenRefused("Send an access token: `Authorization: Bearer …` (POST /api/sessions gives one).")
    return token.strip()
