"""Erasing a person from a service's own log, from what its consumer holds, and from answers that it would repeat.

An owner erases in the transaction that changes its rows and publishes `<service>.<entity>.erased.v1`; each reader does
the same to what it keeps when that event arrives, even where it has to wait behind a held one. A replay afterwards
yields the erased state. Every `….erased.…` event says what is erased: `erased_ids` and `everything`, of its partition.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from common import outbox
from common.contracts import Contracts
from common.envelope import Event, decode, encode
from common.personal import MARKER, Personal

_PORTION = 500


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is erased in the events of one partition key: whole events whose subject is one of `ids` (`everything`: of
    any subject), and in the others what mentions one of `ids`."""

    key: str
    ids: frozenset[str]
    everything: bool = False


def erasure_of(event: Event) -> Erasure | None:
    """What an event tells its readers to erase, or None where it tells no such thing."""
    if event.type.split(".")[-2] != "erased":
        return None
    return Erasure(event.partition_key, frozenset(event.data["erased_ids"]), bool(event.data["everything"]))


def erase(session: Session, erasure: Erasure) -> dict[str, int]:
    """Erases from everything of the mechanics; returns how many rows changed: `{events, held, answers}`.

    The service's own rows are its own affair. Call it last: it also covers what the transaction is about to publish."""
    contracts: Contracts = session.info["publisher"].contracts
    return {
        "events": erase_log(session, contracts, erasure),
        "held": erase_held(session, contracts, erasure),
        "answers": erase_answers(session, sorted(erasure.ids)),
    }


def erase_log(session: Session, contracts: Contracts, erasure: Erasure) -> int:
    """Rewrites the personal values in the log, in portions; ids, structure and times stay. Returns how many events."""
    # The events of this transaction are not in the log yet.
    waiting = outbox.pending(session)
    waiting[:] = [erased_event(contracts, event, erasure) for event in waiting]
    return _rewrite(session, _LOG, erasure.key, lambda event: erased_event(contracts, event, erasure))


def erase_held(session: Session, contracts: Contracts, erasure: Erasure) -> int:
    """Rewrites the events that wait in `held`, whoever published them; returns how many."""
    return _rewrite(session, _HELD, erasure.key, lambda event: erased_event(contracts, event, erasure))


def erase_answers(session: Session, ids: Sequence[str]) -> int:
    """Empties the stored answers that name one of the ids: a repeated request still has no second effect, and its
    answer says so and nothing else. Returns how many."""
    changed = session.execute(_ANSWERS, {"parts": [f"%{id_}%" for id_ in ids], "body": _EMPTY_ANSWER})
    return int(changed.rowcount)  # type: ignore[attr-defined]


def erase_actor(session: Session, account_id: str) -> int:
    """Removes the name of a portal account from the events that it caused; returns how many."""

    def nameless(event: Event) -> Event:
        return replace(event, actor_label=MARKER) if event.actor_label else event

    waiting = outbox.pending(session)
    waiting[:] = [nameless(event) if outbox.portal_actor(event.actor) == account_id else event for event in waiting]
    return _rewrite(session, _BY_ACTOR, account_id, nameless)


def erased_event(contracts: Contracts, event: Event, erasure: Erasure) -> Event:
    """The event after an erasure, which still fits its schema; the same one where nothing in it is touched. Raises
    CannotErase, and ContractBroken where it fits no more."""
    if event.partition_key != erasure.key:
        return event
    whole = erasure.everything or event.subject in erasure.ids
    data = _personal(contracts, event.type).erase(event.data, erasure.ids, whole=whole)
    if data == event.data:
        return event
    contracts.check(event.type, data)
    return replace(event, data=data)


@lru_cache(maxsize=512)
def _personal(contracts: Contracts, event_type: str) -> Personal:
    return Personal(event_type, contracts.schema(event_type))


def _rewrite(session: Session, which: "_Rows", key: str, change: Callable[[Event], Event]) -> int:
    places = [tuple(row) for row in session.execute(which.find, {"key": key})]
    changed = 0
    for first in range(0, len(places), _PORTION):
        portion = _json([{"place": place, "made": str(made)} for place, made in places[first : first + _PORTION]])
        rewritten = []
        for row in session.execute(which.read, {"rows": portion}).all():
            before = decode(row.body.encode())
            event = change(before)
            if event is not before:
                rewritten.append({"place": row.place, "made": str(row.made), "body": encode(event).decode()})
        if rewritten:
            session.execute(which.write, {"rows": _json(rewritten)})
            changed += len(rewritten)
    return changed


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where events are stored: how those of a key are found, read by their places, and written."""

    find: TextClause
    read: TextClause
    write: TextClause


def _stored(table: str, place: str, made: str, condition: str) -> _Rows:
    # A place and its moment, because the log is parted by time.
    given = "json_to_recordset(CAST(:rows AS json)) AS e (place bigint, made timestamptz, body text)"
    here = f"{table}.{place} = e.place AND {table}.{made} = e.made"
    columns = f"{table}.{place} AS place, {table}.{made} AS made"
    return _Rows(
        text(f"SELECT {columns} FROM {table} WHERE {condition}"),  # noqa: S608  # our own names
        text(f"SELECT {columns}, {table}.body FROM {table} JOIN {given} ON {here} ORDER BY place"),  # noqa: S608
        text(f"UPDATE {table} SET body = e.body FROM {given} WHERE {here}"),  # noqa: S608
    )


_LOG = _stored("outbox", "seq", "created_at", "partition_key = :key")
_BY_ACTOR = _stored("outbox", "seq", "created_at", "portal_actor = CAST(:key AS uuid)")
_HELD = _stored("held", "position", "held_at", "partition_key = :key")
_EMPTY_ANSWER = orjson.dumps({"erased": True}).decode()
_ANSWERS = text(
    "UPDATE idempotency_keys SET body = :body WHERE body LIKE ANY (CAST(:parts AS text[])) AND body <> :body"
)
