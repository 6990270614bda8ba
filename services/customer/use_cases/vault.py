"""Secrets of installed systems, by envelope encryption.

Every customer has a data key; it is stored wrapped by a master key that is kept outside of the database. A secret is
sealed together with its customer, system, field and revision, so that a row that is moved or copied does not open. To
replace the master key, only the data keys are wrapped again; to forget a customer's secrets, its data key goes.
"""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.sealing import Seal, Sealed, decrypt, encrypt, new_key
from customer.domain.systems import KEPT_REVISIONS
from customer.errors.systems import SecretsUnavailable

SETTING = "CUSTOMER_SECRETS_KEY"


class Vault:
    """Opens and closes with this installation's master keys. Without any, everything but secrets works."""

    def __init__(self, seal: Seal | None) -> None:
        self._master = seal

    @classmethod
    def from_text(cls, keys: str) -> "Vault":
        """Reads what `Seal.from_text` reads, or nothing; raises ValueError."""
        return cls(Seal.from_text(keys, SETTING) if keys.strip() else None)

    @property
    def is_ready(self) -> bool:
        """Whether there is a master key."""
        return self._master is not None

    def put(self, session: Session, customer_id: str, system_id: str, field: str, revision: int, secret: str) -> None:
        """Seals one more revision and forgets those beyond the last five. The customer must be locked."""
        owner = _owner(customer_id, system_id, field, revision)
        body = encrypt(self._data_key(session, customer_id), secret.encode(), owner)
        key = {"system": system_id, "field": field, "revision": revision}
        session.execute(_PUT, key | {"customer": customer_id, "body": body})
        session.execute(_FORGET_OLD, key | {"kept": KEPT_REVISIONS})

    def get(self, session: Session, customer_id: str, system_id: str, field: str, revision: int) -> str | None:
        """A secret in the clear, or None where that revision is not kept. Raises SecretsUnavailable, and cryptography's
        InvalidTag where the row was tampered with."""
        key = {"customer": customer_id, "system": system_id, "field": field, "revision": revision}
        body = session.execute(_GET, key).scalar()
        if body is None:
            return None
        owner = _owner(customer_id, system_id, field, revision)
        return decrypt(self._data_key(session, customer_id), bytes(body), owner).decode()

    def forget(self, session: Session, system_id: str, field: str) -> None:
        """Forgets every revision of a secret."""
        session.execute(_FORGET, {"system": system_id, "field": field})

    def reseal(self, session: Session, moved: Mapping[str, tuple[str, str]]) -> None:
        """Seals the secrets of systems that went to another customer again, for that one: by the system's id, whose it
        was and whose it is. All these customers are locked."""
        found = session.execute(_OF_SYSTEMS, {"systems": list(moved)}).all()
        if not found:
            return
        owners = {owner for row in found for owner in moved[row.system_id]}
        keys = {owner: self._data_key(session, owner) for owner in sorted(owners)}
        bodies = []
        for row in found:
            old, new = moved[row.system_id]
            secret = decrypt(keys[old], bytes(row.body), _owner(old, row.system_id, row.field, row.revision))
            bodies.append(encrypt(keys[new], secret, _owner(new, row.system_id, row.field, row.revision)))
        columns = {name: [getattr(row, name) for row in found] for name in ("system_id", "field", "revision")}
        session.execute(_RESEAL, columns | {"bodies": bodies})

    def rewrap(self, session: Session, portion: int) -> int:
        """Wraps data keys of former master keys by the present one, `portion` at the most; returns how many."""
        master = self._ready()
        former = [key_id for key_id in master.key_ids if key_id != master.key_id]
        rows = session.execute(_FORMER, {"keys": former, "portion": portion}).all()
        wrapped = []
        for row in rows:
            opened = master.open(Sealed(row.key_id, bytes(row.wrapped)), belongs_to=row.customer_id)
            wrapped.append(master.close(opened, belongs_to=row.customer_id).body)
        if rows:
            ids = [row.customer_id for row in rows]
            session.execute(_REWRAP, {"ids": ids, "bodies": wrapped, "key": master.key_id})
        return len(rows)

    def unknown(self, session: Session) -> int:
        """How many data keys are wrapped by a master key that is not among ours."""
        return int(session.execute(_UNKNOWN, {"keys": list(self._ready().key_ids)}).scalar_one())

    def _data_key(self, session: Session, customer_id: str) -> bytes:
        master = self._ready()
        row = session.execute(_KEY, {"customer": customer_id}).first()
        if row is None:
            key = new_key()
            sealed = master.close(key, belongs_to=customer_id)
            session.execute(_ADD_KEY, {"customer": customer_id, "key": sealed.key_id, "wrapped": sealed.body})
            return key
        try:
            return master.open(Sealed(row.key_id, bytes(row.wrapped)), belongs_to=customer_id)
        except KeyError as error:
            raise SecretsUnavailable(
                f"The master key that these secrets need is not in {SETTING}; ask the operator to add it again."
            ) from error

    def _ready(self) -> Seal:
        if self._master is None:
            raise SecretsUnavailable(f"Stored logins need a master key; ask the operator to set {SETTING}.")
        return self._master


def _owner(customer_id: str, system_id: str, field: str, revision: int) -> str:
    # None of the parts can hold the separator.
    return f"{customer_id}|{system_id}|{field}|{revision}"


_PUT = text(
    "INSERT INTO system_secrets (system_id, field, revision, customer_id, body)"
    " VALUES (CAST(:system AS uuid), :field, :revision, CAST(:customer AS uuid), :body)"
)
_FORGET_OLD = text(
    "DELETE FROM system_secrets WHERE system_id = CAST(:system AS uuid) AND field = :field"
    " AND revision <= :revision - :kept"
)
_FORGET = text("DELETE FROM system_secrets WHERE system_id = CAST(:system AS uuid) AND field = :field")
_GET = text(
    "SELECT body FROM system_secrets WHERE customer_id = CAST(:customer AS uuid)"
    " AND system_id = CAST(:system AS uuid) AND field = :field AND revision = :revision"
)
_KEY = text("SELECT key_id, wrapped FROM customer_keys WHERE customer_id = CAST(:customer AS uuid)")
_ADD_KEY = text(
    "INSERT INTO customer_keys (customer_id, key_id, wrapped) VALUES (CAST(:customer AS uuid), :key, :wrapped)"
)
_OF_SYSTEMS = text(
    """
    SELECT CAST(system_id AS text) AS system_id, field, revision, body FROM system_secrets
    WHERE system_id = ANY (CAST(:systems AS uuid[])) FOR UPDATE
    """
)
_RESEAL = text(
    """
    UPDATE system_secrets s SET body = r.body
    FROM unnest(CAST(:system_id AS uuid[]), CAST(:field AS text[]), CAST(:revision AS integer[]),
                CAST(:bodies AS bytea[])) AS r(system_id, field, revision, body)
    WHERE s.system_id = r.system_id AND s.field = r.field AND s.revision = r.revision
    """
)
_FORMER = text(
    """
    SELECT CAST(customer_id AS text) AS customer_id, key_id, wrapped FROM customer_keys
    WHERE key_id = ANY (:keys) ORDER BY customer_keys.customer_id LIMIT :portion FOR UPDATE
    """
)
_REWRAP = text(
    """
    UPDATE customer_keys k SET key_id = :key, wrapped = r.wrapped
    FROM unnest(CAST(:ids AS uuid[]), CAST(:bodies AS bytea[])) AS r(customer_id, wrapped)
    WHERE k.customer_id = r.customer_id
    """
)
_UNKNOWN = text("SELECT count(*) FROM customer_keys WHERE key_id <> ALL (:keys)")
