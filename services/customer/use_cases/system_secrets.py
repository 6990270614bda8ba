"""Storing and revealing the secrets of installed systems. Whoever reveals one leaves an entry in the timeline."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.clock import rfc3339
from common.context import Context
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import Change
from customer.domain.fields.values import Field, Wrong, read_secret
from customer.domain.systems import REVEALS_AN_HOUR, secret_fields
from customer.errors.systems import RevealedTooOften, SecretInvalid, SecretNotFound
from customer.use_cases import store
from customer.use_cases.locking import check_version, lock_customer
from customer.use_cases.store import Record
from customer.use_cases.systems import save, system_and_type
from customer.use_cases.vault import Vault

_HOUR = timedelta(hours=1)


def set_secret(
    session: Session, vault: Vault, customer_id: str, system_id: str, key: str, version: int, value: str
) -> Record:
    """Seals a secret as its next revision; `version` is that of the system, which is returned. Raises SecretNotFound,
    SecretInvalid and SecretsUnavailable."""
    lock_customer(session, customer_id)
    before, kind = system_and_type(session, customer_id, system_id)
    check_version(before, version)
    field = _field(kind, key)
    try:
        secret = read_secret(field, value)
    except Wrong as wrong:
        raise SecretInvalid(f"{field['label']}: {wrong}", errors=[FieldError("/value", str(wrong))]) from None
    revision = before["secrets"].get(key, {}).get("revision", 0) + 1
    vault.put(session, customer_id, system_id, key, revision, secret)
    context: Context = session.info["context"]
    told = {
        "revision": revision,
        "updated_at": rfc3339(store.moment(session)),
        "updated_by": context.actor_label or context.actor,
    }
    return save(session, before | {"secrets": before["secrets"] | {key: told}}, kind, [_changed(field)])


def clear_secret(session: Session, vault: Vault, customer_id: str, system_id: str, key: str, version: int) -> Record:
    """Forgets a secret with its earlier revisions. Raises SecretNotFound where none is stored."""
    lock_customer(session, customer_id)
    before, kind = system_and_type(session, customer_id, system_id)
    check_version(before, version)
    field = _field(kind, key)
    _told(before, field)
    vault.forget(session, system_id, key)
    left = {name: told for name, told in before["secrets"].items() if name != key}
    return save(session, before | {"secrets": left}, kind, [_changed(field)])


def reveal_secret(
    session: Session,
    vault: Vault,
    account_id: str,
    customer_id: str,
    system_id: str,
    key: str,
    *,
    revision: int | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """A secret in the clear, of the present revision or of one of the four before it. Raises SecretNotFound,
    RevealedTooOften and SecretsUnavailable."""
    system, kind = system_and_type(session, customer_id, system_id)
    field = _field(kind, key)
    told = _told(system, field)
    asked = revision or told["revision"]
    secret = vault.get(session, customer_id, system_id, key, asked)
    if secret is None:
        raise SecretNotFound(f"Revision {asked} of {field['label']} is not kept; the last five are.")
    now = store.moment(session)
    reveal = {
        "id": new_id(),
        "account_id": account_id,
        "customer_id": customer_id,
        "system_id": system_id,
        "field": key,
        "revealed_at": now,
    }
    _count(session, account_id, now)
    session.execute(_NOTE, reveal)
    outbox.add(session, events.secret_revealed(reveal, system, field, asked, reason))
    return {"value": secret, "revision": asked}


def _field(kind: Record, key: str) -> Field:
    field = secret_fields(kind["fields"]).get(key)
    if field is None:
        raise SecretNotFound(f"A system of type {kind['name']} has no secret field of this key.")
    return field


def _told(system: Record, field: Field) -> dict[str, Any]:
    told: dict[str, Any] | None = system["secrets"].get(field["key"])
    if told is None:
        raise SecretNotFound(f"Nothing is stored in {field['label']}.")
    return told


def _changed(field: Field) -> Change:
    return {"path": f"secrets.{field['key']}", "label": field["label"], "before": None, "after": None}


def _count(session: Session, account_id: str, now: datetime) -> None:
    # One after another for an account, so that many at once find the limit too.
    session.execute(_IN_TURN, {"account": account_id})
    lately = session.execute(_LATELY, {"account": account_id, "since": now - _HOUR, "most": REVEALS_AN_HOUR}).scalars()
    times = list(lately)
    if len(times) >= REVEALS_AN_HOUR:
        wait = max(1, int((times[-1] + _HOUR - now).total_seconds() + 0.999))
        raise RevealedTooOften(
            f"You revealed {REVEALS_AN_HOUR} secrets within an hour; try again in {wait // 60 + 1} minutes.",
            facts={"retry_after": wait},
        )


_IN_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('reveals of ' || :account, 0))")
_LATELY = text(
    "SELECT revealed_at FROM secret_reveals WHERE account_id = :account AND revealed_at > :since"
    " ORDER BY revealed_at DESC LIMIT :most"
)
_NOTE = text(
    "INSERT INTO secret_reveals (id, account_id, customer_id, system_id, field, revealed_at) VALUES (CAST(:id AS uuid),"
    " :account_id, CAST(:customer_id AS uuid), CAST(:system_id AS uuid), :field, :revealed_at)"
)
