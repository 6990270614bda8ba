"""Possible duplicates: the keys of customers, the pairs that share them, and what people decided about a pair.

Who creates customers writes their keys and pairs at once; who changes one marks it, and the sweep looks at it again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.ids import new_id
from common.pipeline import send
from customer import events
from customer.domain import duplicates as rules
from customer.domain.duplicates import Key
from customer.errors.duplicates import DuplicateCustomer, OverrideReasonMissing, PairNotFound
from customer.use_cases.store import Record, moment

# A key that so many customers share says nothing about two of them.
_MOST_SHARING = 20
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Pair:
    """Two customers that may be one; `keys` are the numbers of what they share."""

    one: str
    other: str
    score: float
    reasons: list[str]
    keys: list[int]

    @property
    def is_strong(self) -> bool:
        return self.score >= rules.STRONG


def mark(session: Session, customer_id: str) -> None:
    """Lets the sweep look at a customer again: what it is recognised by has changed."""
    mark_all(session, [customer_id])


def mark_all(session: Session, customer_ids: Collection[str]) -> None:
    """Lets the sweep look at customers again."""
    if customer_ids:
        send(session, [(_MARK, {"ids": list(customer_ids)})])


def check_new(
    session: Session,
    customer: Record,
    contacts: Sequence[Record],
    addresses: Sequence[Record],
    *,
    override: bool,
    reason: str | None,
) -> list[Record]:
    """Writes the keys of a customer that was just created, and returns its possible duplicates as they are shown.
    Raises DuplicateCustomer for a strong one, unless somebody overrides that with a reason."""
    keys = {customer["id"]: rules.keys_of(customer, contacts, addresses)}
    store_keys(session, keys)
    pairs = pairs_of(session, keys)
    if not pairs:
        return []
    shown = _shown(session, pairs)
    strong = [pair for pair in pairs if pair.is_strong]
    if strong and not override:
        raise DuplicateCustomer(
            f"{customer['name']} looks like {shown[0]['number']} {shown[0]['name']}: open or restore that one, or send"
            " `override_duplicate` with a reason.",
            facts={"duplicates": shown},
        )
    if strong and not reason:
        raise OverrideReasonMissing("Send `override_reason` with `override_duplicate`: why is this another customer?")
    store_pairs(session, pairs)
    for pair in strong:
        dismiss(session, _find(session, pair), str(reason))
    return shown


def store_keys(session: Session, keys: Mapping[str, Iterable[Key]]) -> None:
    """Adds the keys of customers that have none yet."""
    columns = _columns(keys)
    if columns["ids"]:
        session.execute(_ADD_KEYS, columns)


def pairs_of(session: Session, keys: Mapping[str, Iterable[Key]]) -> list[Pair]:
    """The pairs that customers with these keys form with any that are stored, the likeliest first; each pair once."""
    columns = _columns(keys)
    if not columns["ids"]:
        return []
    found: dict[tuple[str, str], Pair] = {}
    for row in session.execute(_PAIRS, {**columns, "most": _MOST_SHARING}):
        key = (min(row.one, row.other), max(row.one, row.other))
        reasons = rules.reasons_of(row.kinds)
        score = rules.score(reasons)
        if score >= rules.POSSIBLE and key not in found:
            found[key] = Pair(row.one, row.other, score, reasons, sorted(set(row.keys)))
    return sorted(found.values(), key=lambda pair: (-pair.score, pair.one, pair.other))


def store_pairs(session: Session, pairs: Sequence[Pair], imports: Mapping[str, str | None] | None = None) -> None:
    """Puts pairs into the queue, under the import that brought their first customer (`imports`: its id by customer). A
    dismissed one stays so until the two share something more than they did then."""
    if not pairs:
        return
    rows = [
        {
            "id": new_id(),
            "first_id": min(pair.one, pair.other),
            "second_id": max(pair.one, pair.other),
            "score": pair.score,
            "reasons": pair.reasons,
            "keys": pair.keys,
            "import_id": (imports or {}).get(pair.one),
        }
        for pair in pairs
    ]
    session.execute(_PUT_PAIRS, {"rows": orjson.dumps(rows).decode(), "now": moment(session)})


def forget_pairs(session: Session, customer_ids: Sequence[str]) -> None:
    """Takes every pair of these customers out of the queue: they were answered."""
    session.execute(_FORGET, {"ids": list(customer_ids)})


def dismiss_pair(session: Session, pair_id: str, reason: str) -> Record:
    """Marks a pair as two different customers; a dismissed one stays as it is. Raises PairNotFound."""
    row = session.execute(_LOCK_PAIR, {"id": pair_id}).mappings().one_or_none()
    if row is None:
        raise PairNotFound("There is no such pair of possible duplicates.")
    return dict(row) if row["state"] == "dismissed" else dismiss(session, dict(row), reason)


def dismiss(session: Session, pair: Record, reason: str) -> Record:
    """Marks a locked pair as two different customers, with an event."""
    after = pair | {
        "state": "dismissed",
        "dismissed_by": session.info["context"].actor_label,
        "dismissed_reason": reason,
        "dismissed_at": moment(session),
        "version": pair["version"] + 1,
    }
    session.execute(_DISMISS, after)
    outbox.add(session, events.duplicate_dismissed(after))
    return after


def _columns(keys: Mapping[str, Iterable[Key]]) -> dict[str, list[Any]]:
    rows = [(customer_id, kind, key) for customer_id, some in keys.items() for kind, key in some]
    return (
        dict(zip(("ids", "kinds", "keys"), map(list, zip(*rows, strict=True)), strict=False)) if rows else {"ids": []}
    )


def _find(session: Session, pair: Pair) -> Record:
    ids = {"first": min(pair.one, pair.other), "second": max(pair.one, pair.other)}
    return dict(session.execute(_LOCK_PAIR_OF, ids).mappings().one())


def _shown(session: Session, pairs: Sequence[Pair]) -> list[Record]:
    """The other side of each pair, with what the caller can do instead of creating it again."""
    shown = pairs[:_SHOWN]
    named = {row["id"]: row for row in session.execute(_NAMED, {"ids": [pair.other for pair in shown]}).mappings()}
    return [
        {
            **named[pair.other],
            "customer_id": pair.other,
            "score": pair.score,
            "reasons": pair.reasons,
            "instead": "restore" if named[pair.other]["status"] == "archived" else "open",
        }
        for pair in shown
        if pair.other in named
    ]


_MARK = "INSERT INTO duplicate_checks (customer_id) SELECT unnest(CAST(%(ids)s AS uuid[]))"
_ADD_KEYS = text(
    """
    INSERT INTO duplicate_keys (customer_id, kind, key)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS smallint[]), CAST(:keys AS bigint[]))
    """
)
# A single key is enough only where it is the name with its postal code, the first of the kinds.
_PAIRS = text(
    """
    SELECT CAST(shared.customer_id AS text) AS one, CAST(other.id AS text) AS other,
           array_agg(shared.kind) AS kinds, array_agg(shared.key) AS keys
    FROM (
        SELECT own.customer_id, own.kind, own.key, ARRAY(
            SELECT k.customer_id FROM duplicate_keys k
            WHERE k.key = own.key AND k.kind = own.kind AND k.customer_id <> own.customer_id LIMIT :most + 1) AS others
        FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS smallint[]), CAST(:keys AS bigint[]))
            AS own(customer_id, kind, key)
    ) AS shared
    CROSS JOIN LATERAL unnest(shared.others) AS other(id)
    WHERE cardinality(shared.others) <= :most
    GROUP BY shared.customer_id, other.id
    HAVING count(DISTINCT shared.kind) > 1 OR bool_or(shared.kind = 0)
    """
)
_PUT_PAIRS = text(
    """
    INSERT INTO duplicate_pairs AS old (id, first_id, second_id, score, reasons, keys, import_id, state, version,
                                        found_at)
    SELECT r.id, r.first_id, r.second_id, r.score, r.reasons, r.keys, r.import_id, 'open', 0, :now
    FROM jsonb_populate_recordset(NULL::duplicate_pairs, CAST(:rows AS jsonb)) AS r
    JOIN customers one ON one.id = r.first_id JOIN customers other ON other.id = r.second_id
    WHERE one.merged_into IS NULL AND other.merged_into IS NULL
    ON CONFLICT (first_id, second_id) DO UPDATE SET score = excluded.score, reasons = excluded.reasons,
        keys = excluded.keys, state = 'open'
    WHERE NOT (old.state = 'dismissed' AND excluded.keys <@ old.keys)
      AND (old.state, old.keys) IS DISTINCT FROM (excluded.state, excluded.keys)
    """
)
_FORGET = text(
    """
    DELETE FROM duplicate_pairs
    WHERE first_id = ANY (CAST(:ids AS uuid[])) OR second_id = ANY (CAST(:ids AS uuid[]))
    """
)
_PAIR = """
    SELECT CAST(id AS text) AS id, CAST(first_id AS text) AS first_id, CAST(second_id AS text) AS second_id, score,
           reasons, state, dismissed_by, dismissed_reason, dismissed_at, version, found_at
    FROM duplicate_pairs WHERE {} FOR UPDATE
"""
_LOCK_PAIR = text(_PAIR.format("id = CAST(:id AS uuid)"))
_LOCK_PAIR_OF = text(_PAIR.format("first_id = CAST(:first AS uuid) AND second_id = CAST(:second AS uuid)"))
_DISMISS = text(
    """
    UPDATE duplicate_pairs SET state = 'dismissed', dismissed_by = :dismissed_by, dismissed_reason = :dismissed_reason,
        dismissed_at = :dismissed_at, version = :version
    WHERE id = CAST(:id AS uuid)
    """
)
_NAMED = text(
    "SELECT CAST(id AS text) AS id, number, name, status FROM customers WHERE id = ANY (CAST(:ids AS uuid[]))"
)
