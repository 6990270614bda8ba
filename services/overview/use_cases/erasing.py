"""Erasing a person from the read models: rows, search terms, and what the timeline says."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common import erasure, outbox
from common.envelope import Event
from common.erasure import Erasure, erasure_of
from common.pipeline import send
from overview import events
from overview.domain.nouns import ALL
from overview.domain.redaction import redacted
from overview.use_cases import directory, statements
from overview.use_cases.batch import collect, section, settle
from overview.use_cases.rows import Projected

_PORTION = 500


def erase(
    session: Session, building: int | None, event: Event, projected: Iterable[Projected], committed: Callable[[], None]
) -> None:
    """Takes the event as any other, then redacts what came before it. The generation that serves answers the request;
    one that is being built reads a log in which the person is erased already."""
    wanted = erasure_of(event)
    assert wanted is not None, f"{event.type} erases nothing"
    collect(session, building, event, projected, committed)
    settle(session)
    counts = {"rows": _erase_parts(session, event, wanted) if event.customer_id else 0}
    counts["entries"] = _redact(session, _entries(session, event, wanted), wanted, bool(event.customer_id))
    if building is not None:
        return
    counts |= erasure.erase(session, wanted)
    if event.type.startswith("customer.") and event.data["request_id"] is not None:
        outbox.add(session, events.erasure_completed(event.data["request_id"], event.customer_id, counts))


def _erase_parts(session: Session, event: Event, wanted: Erasure) -> int:
    """Ends the rows of a customer for whose end no events of their own come; returns how many."""
    names: dict[str, Any] = {"customer_id": event.customer_id, "ids": [event.customer_id], "most": 0}
    which = {**names, "erased": sorted(wanted.ids), "everything": wanted.everything}
    ended = send(session, [(_END_RECORDS, which), *((part, names) for part in _END_PARTS if wanted.everything)])
    touched = [section(event.customer_id, noun) for noun in ALL if noun.kind in {row[0] for row in ended[0]}]
    after = [(statements.WRITE_SECTIONS, {"touched": _text([row for row in touched if row["section"]])})]
    if wanted.everything:
        after += [(statements.WRITE_CONTACTS, names), (statements.WRITE_ADDRESSES, names)]
    send(session, [(_END_TERMS, which), *after, (directory.REFRESH, names), (directory.FORGET_COMBINATIONS, {})])
    return sum(len(rows) for rows in ended)


def _entries(session: Session, event: Event, wanted: Erasure) -> Sequence[Any]:
    if event.customer_id:
        parts = [f"%{id_}%" for id_ in wanted.ids]
        names = {"customer_id": event.customer_id, "parts": parts, "everything": wanted.everything}
        return session.execute(_OF_CUSTOMER, names).all()
    actors = [f"portal:{id_}" for id_ in wanted.ids]
    return session.execute(_OF_ACCOUNT, {"ids": sorted(wanted.ids), "actors": actors}).all()


def _redact(session: Session, rows: Sequence[Any], wanted: Erasure, of_customer: bool) -> int:
    # An account's own partition is not that of a customer: there only what names the account goes.
    everything = wanted.everything and of_customer

    def after(body: str) -> Mapping[str, Any] | None:
        before = orjson.loads(body)
        left = redacted(before, wanted.ids, everything=everything)
        return None if left is before else left

    changed = []
    for row in rows:
        body = after(row.body)
        if body is None:
            continue
        portal = after(row.portal_body) if row.portal_body is not None else None
        entry = {"event_id": row.event_id, "customer_id": row.customer_id, "body": _text(body)}
        changed.append(entry | {"portal_body": row.portal_body if portal is None else _text(portal)})
    for first in range(0, len(changed), _PORTION):
        session.execute(_WRITE, {"rows": _text(changed[first : first + _PORTION])})
    return len(changed)


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()


_COLUMNS = "event_id::text AS event_id, customer_id::text AS customer_id, body, portal_body"
_OF_CUSTOMER = text(
    f"SELECT {_COLUMNS} FROM timeline WHERE customer_id = :customer_id"  # noqa: S608  # our own names
    " AND (:everything OR body LIKE ANY (CAST(:parts AS text[])))"
)
_OF_ACCOUNT = text(
    f"SELECT {_COLUMNS} FROM timeline WHERE actor LIKE 'portal:%' AND actor = ANY (:actors)"  # noqa: S608
    f" UNION SELECT {_COLUMNS} FROM timeline"
    " WHERE kind = 'account' AND subject = ANY (:ids)"
)
_WRITE = text(
    """
    UPDATE timeline SET body = e.body, portal_body = e.portal_body
    FROM json_to_recordset(CAST(:rows AS json)) AS e (event_id uuid, customer_id uuid, body text, portal_body text)
    WHERE timeline.event_id = e.event_id AND timeline.customer_id = e.customer_id
    """
)
_END_PARTS = (
    """
    UPDATE contacts SET removed = true, sort_name = '', has_email = false, has_phone = false, body = '', card = ''
    WHERE customer_id = CAST(%(customer_id)s AS uuid) RETURNING id
    """,
    """
    UPDATE addresses SET removed = true, city = '', city_key = '', body = ''
    WHERE customer_id = CAST(%(customer_id)s AS uuid) RETURNING id
    """,
)
_END_RECORDS = """
    UPDATE records SET removed = true, place = '', label = '', parent_id = NULL, body = '', portal_body = NULL
    WHERE customer_id = CAST(%(customer_id)s AS uuid) AND NOT removed
      AND (%(everything)s OR id = ANY (CAST(%(erased)s AS uuid[])))
    RETURNING kind
    """
_END_TERMS = """
    DELETE FROM terms
    WHERE customer_id = CAST(%(customer_id)s AS uuid) AND source_id <> CAST(%(customer_id)s AS uuid)
      AND (%(everything)s OR source_id = ANY (CAST(%(erased)s AS uuid[])))
    """
