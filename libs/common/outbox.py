"""The outbox: events written in the transaction that caused them, and kept as the owner's log for replays.

`add` only collects; one statement inserts all of a transaction's events just before its commit, when every aggregate
row that they speak of is locked or versioned, so that within an aggregate the sequence follows the commits.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from common.clock import Clock, SystemClock, rfc3339
from common.context import Context
from common.contracts import Contracts
from common.envelope import Event, encode
from common.ids import new_id
from common.pipeline import send

LANES = {"interactive": 0, "bulk": 1}


@dataclass(frozen=True, slots=True)
class Draft:
    """An event as a service's `events.py` builds it: who acts and why is added from the transaction's context.
    `version` is the aggregate's version after the change; `data` its state, not a difference."""

    type: str
    subject: str
    version: int
    data: dict[str, Any]
    customer_id: str = ""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes, checked against what, at which time: built once in `bootstrap` and given to the Database, which
    puts it on every session."""

    service: str
    contracts: Contracts
    clock: Clock = field(default_factory=SystemClock)


def add(session: Session, draft: Draft) -> str:
    """Adds an event to the transaction and returns its id; raises ContractBroken where it breaks its schema."""
    publisher: Publisher = session.info["publisher"]
    publisher.contracts.check(draft.type, draft.data)
    context: Context = session.info["context"]
    event = Event(
        id=new_id(),
        type=draft.type,
        source=f"urn:atrium:{publisher.service}",
        subject=draft.subject,
        time=rfc3339(publisher.clock.now()),
        version=draft.version,
        # Everything about one customer keeps its order, whichever aggregate it speaks of.
        partition_key=draft.customer_id or draft.subject,
        data=draft.data,
        customer_id=draft.customer_id,
        actor=context.actor,
        actor_label=context.actor_label,
        correlation_id=context.correlation_id,
        causation_id=context.causation_id,
        chain_depth=context.chain_depth,
        traceparent=context.traceparent,
    )
    pending(session).append(event)
    session.info.setdefault("event_ids", []).append(event.id)
    return event.id


def pending(session: Session) -> list[Event]:
    """The events that this transaction has collected and not yet inserted."""
    return session.info.setdefault("outbox", [])  # type: ignore[no-any-return]


def portal_actor(actor: str) -> str | None:
    """The account behind an actor where it is a customer's, by which its name is found when it is erased."""
    kind, _, account_id = actor.partition(":")
    return account_id if kind == "portal" else None


def last_event_id(session: Session) -> str | None:
    """The id of the last event that this transaction wrote, for the `Event-Id` header."""
    ids = session.info.get("event_ids")
    return ids[-1] if ids else None


@sqlalchemy_event.listens_for(Session, "before_commit")
def _flush(session: Session) -> None:
    events: list[Event] = session.info.pop("outbox", [])
    # A savepoint's release also arrives here; only the outermost commit writes.
    if session.in_nested_transaction():
        session.info["outbox"] = events
        return
    if not events:
        return
    session.flush()
    rows = [
        {
            "id": event.id,
            "type": event.type,
            "subject": event.subject,
            "version": event.version,
            "partition_key": event.partition_key,
            "customer_id": event.customer_id or None,
            "portal_actor": portal_actor(event.actor),
            "body": encode(event).decode(),
        }
        for event in events
    ]
    # As one JSON value: a driver that writes text arrays escapes every quotation mark of every body by itself.
    values = {"rows": orjson.dumps(rows).decode(), "lane": LANES[session.info["context"].lane]}
    send(session, [(_INSERT, values)])


_INSERT = """
    INSERT INTO outbox (id, type, subject, version, partition_key, customer_id, portal_actor, body, lane)
    SELECT id, type, subject, version, partition_key, customer_id, portal_actor, body, %(lane)s
    FROM ROWS FROM (json_to_recordset(CAST(%(rows)s AS json)) AS (
             id uuid, type text, subject text, version bigint, partition_key text, customer_id uuid,
             portal_actor uuid, body text))
         WITH ORDINALITY AS e(id, type, subject, version, partition_key, customer_id, portal_actor, body, position)
    ORDER BY position
    """
