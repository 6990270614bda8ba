"""The sweep: looks again at customers that changed, renews their keys and keeps the queue of pairs right."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event as Stop

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from common.db import Database
from customer.domain.duplicates import keys_of
from customer.use_cases.duplicates import pairs_of, store_keys, store_pairs
from customer.use_cases.store import Record

_FEW, _MOST = 25, 500


@dataclass(slots=True)
class Sweep:
    """Works through the marked customers of one database, a batch in each transaction: a small one after people's
    edits, which are in progress and should not feel it, and larger ones the longer there is more to do."""

    database: Database
    batch: int = _FEW

    def run(self, stop: Stop) -> bool:
        """Looks at one batch; returns whether there may be more."""
        if stop.is_set():
            return False
        more = self.database.run(lambda session: sweep(session, self.batch)) == self.batch
        self.batch = min(2 * self.batch, _MOST) if more else _FEW
        return more


def sweep(session: Session, most: int) -> int:
    """Looks at up to `most` marked customers; returns how many marks that were. A mark that comes while it looks stays
    for the next time."""
    marks = session.execute(_MARKS, {"most": most}).all()
    ids = sorted({mark.customer_id for mark in marks})
    if ids:
        rekey(session, ids, {mark.customer_id: mark.import_id for mark in marks})
        session.execute(_CHECKED, {"marks": [mark.id for mark in marks]})
    return len(marks)


def rekey(session: Session, ids: list[str], imports: Mapping[str, str | None]) -> None:
    """Writes the keys of customers anew, and their pairs; a merged or deleted one has neither. `imports` names those
    that an import has just created."""
    keys = {
        record["id"]: keys_of(record, record["contacts"], record["addresses"]) for record in _recognisable(session, ids)
    }
    session.execute(_FORGET_KEYS, {"ids": ids})
    store_keys(session, keys)
    pairs = pairs_of(session, keys)
    store_pairs(session, pairs, imports)
    found = [(min(pair.one, pair.other), max(pair.one, pair.other)) for pair in pairs]
    session.execute(
        _FORGET_PAIRS, {"ids": ids, "first": [pair[0] for pair in found], "second": [pair[1] for pair in found]}
    )


def _recognisable(session: Session, ids: list[str]) -> list[Record]:
    contacts, addresses = (_by_customer(session, statement, ids) for statement in (_CONTACTS, _ADDRESSES))
    return [
        dict(row) | {"contacts": contacts[row["id"]], "addresses": addresses[row["id"]]}
        for row in session.execute(_NAMES, {"ids": ids}).mappings()
    ]


def _by_customer(session: Session, statement: TextClause, ids: list[str]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for row in session.execute(statement, {"ids": ids}).mappings():
        found[row["customer_id"]].append(dict(row))
    return found


_MARKS = text(
    """
    SELECT id, CAST(customer_id AS text) AS customer_id, CAST(import_id AS text) AS import_id FROM duplicate_checks
    ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
    """
)
_CHECKED = text("DELETE FROM duplicate_checks WHERE id = ANY (:marks)")
_NAMES = text(
    """
    SELECT CAST(id AS text) AS id, name, dba_name FROM customers
    WHERE id = ANY (CAST(:ids AS uuid[])) AND merged_into IS NULL
    """
)
_CONTACTS = text(
    """
    SELECT CAST(customer_id AS text) AS customer_id, emails, phones FROM contacts
    WHERE customer_id = ANY (CAST(:ids AS uuid[]))
    """
)
_ADDRESSES = text(
    """
    SELECT CAST(customer_id AS text) AS customer_id, line1, city, postal_code, country FROM addresses
    WHERE customer_id = ANY (CAST(:ids AS uuid[]))
    """
)
_FORGET_KEYS = text("DELETE FROM duplicate_keys WHERE customer_id = ANY (CAST(:ids AS uuid[]))")
# What people decided is kept: a dismissed pair may share its keys again.
_FORGET_PAIRS = text(
    """
    DELETE FROM duplicate_pairs
    WHERE state = 'open' AND (first_id = ANY (CAST(:ids AS uuid[])) OR second_id = ANY (CAST(:ids AS uuid[])))
      AND (first_id, second_id) NOT IN (
          SELECT * FROM unnest(CAST(:first AS uuid[]), CAST(:second AS uuid[])))
    """
)
