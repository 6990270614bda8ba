"""Idempotency keys: a retried POST gets the first answer again and has no second effect.

The key's row is inserted in the transaction of the effect, so both are there or neither; a second request with the same
key waits on that row until the first has committed. Kept for 24 hours.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common.errors import Conflict, Malformed

KEPT_HOURS = 24


class KeyMalformed(Malformed):
    """The header does not hold 1 to 255 visible ASCII characters."""

    code = "idempotency_key_malformed"


class KeyReused(Conflict):
    """The same key came with another request."""

    code = "idempotency_key_reused"
    title = "The idempotency key was used for another request"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it is stored and given again."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A key as this request uses it: hashes of who, what and the content."""

    key_hash: bytes
    request_hash: bytes


def claim_of(key: str, *, actor: str, method: str, path: str, content: bytes) -> Claim:
    """The claim of a request; raises KeyMalformed."""
    if not 1 <= len(key) <= 255 or not all("!" <= letter <= "~" for letter in key):
        raise KeyMalformed("Send 1 to 255 visible ASCII characters as `Idempotency-Key`, for example a UUID.")
    name = "\n".join((actor, method, path, key))
    return Claim(hashlib.sha256(name.encode()).digest(), hashlib.sha256(content).digest())


def take(session: Session, claim: Claim) -> Reply | None:
    """Takes the key for this transaction and returns None, or returns the first answer; raises KeyReused."""
    taken = session.execute(_TAKE, {"key": claim.key_hash, "request": claim.request_hash}).first()
    if taken:
        return None
    row = session.execute(_READ, {"key": claim.key_hash}).one()
    if bytes(row.request_hash) != claim.request_hash:
        raise KeyReused("This Idempotency-Key belongs to a request with other content; send a new key.")
    return Reply(row.status, row.headers, row.body)


def store(session: Session, claim: Claim, reply: Reply) -> None:
    """Keeps the answer, in the same transaction as the effect."""
    session.execute(
        _STORE,
        {
            "key": claim.key_hash,
            "status": reply.status,
            "headers": orjson.dumps(dict(reply.headers)).decode(),
            "body": reply.body,
        },
    )


def purge(session: Session, portion: int) -> int:
    """Forgets keys that are older than a day, `portion` at the most; returns how many."""
    result = session.execute(_PURGE, {"hours": KEPT_HOURS, "portion": portion})
    return int(result.rowcount)  # type: ignore[attr-defined]


_TAKE = text(
    "INSERT INTO idempotency_keys (key_hash, request_hash) VALUES (:key, :request)"
    " ON CONFLICT (key_hash) DO NOTHING RETURNING 1"
)
_READ = text("SELECT request_hash, status, headers, body FROM idempotency_keys WHERE key_hash = :key")
_STORE = text(
    "UPDATE idempotency_keys SET status = :status, headers = CAST(:headers AS jsonb), body = :body"
    " WHERE key_hash = :key"
)
_PURGE = text(
    "DELETE FROM idempotency_keys WHERE key_hash IN (SELECT key_hash FROM idempotency_keys"
    " WHERE created_at < now() - make_interval(hours => :hours) LIMIT :portion)"
)
