"""Assets and requests as they are locked, read and written: each change of an asset with its history and its event.

Whoever needs an asset and a request locks the asset first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from common import outbox
from common.context import Context
from common.ids import new_id
from common.pipeline import send
from common.records import Record, as_record, insert_free, moment
from warehouse.domain import asset_requests as request_rules
from warehouse.domain.assets import LABELS, RETIRED, event_of
from warehouse.domain.changes import changes
from warehouse.errors.assets import AssetNotFound, RequestNotFound, SerialTaken, TagTaken
from warehouse.events import assets as events
from warehouse.tables.assets import asset_history, asset_requests, assets
from warehouse.use_cases import rows


@dataclass(frozen=True, slots=True)
class Changed:
    """An asset before and after a command."""

    before: Record
    after: Record


def lock(session: Session, asset_id: str) -> Record:
    """Locks an asset and reads it. Raises AssetNotFound."""
    found = locked(session, [asset_id])
    if not found:
        raise AssetNotFound("There is no such asset.")
    return found[0]


def locked(session: Session, ids: Iterable[str]) -> list[Record]:
    """Locks assets, in one order, and reads them."""
    statement = select(assets).where(assets.c.id.in_(list(ids))).order_by(assets.c.id).with_for_update()
    return [as_record(row) for row in session.execute(statement).mappings()]


def lock_request(session: Session, request_id: str) -> Record:
    """Locks a request and reads it; its asset is locked before. Raises RequestNotFound."""
    statement = select(asset_requests).where(asset_requests.c.id == request_id).with_for_update()
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise RequestNotFound("There is no such request.")
    return as_record(row)


def tags(session: Session, customer_id: str, count: int) -> list[str]:
    """So many tags that no asset of the customer has."""
    found: list[str] = []
    while len(found) < count:
        found += [row[0] for row in send(session, [(_TAGS, {"customer": customer_id, "count": count - len(found)})])[0]]
    return found


def insert(session: Session, records: Sequence[Record], *, free: bool = False) -> list[Record]:
    """Writes new assets with the beginning of their history, and tells them; returns them. Where `free`, those are left
    aside whose tag or serial number is taken, else it raises TagTaken or SerialTaken."""
    new = list(records)
    if free:
        made = insert_free(session, assets, new)
        new = [record for record in new if record["id"] in made]
    else:
        _write(session, rows.insert(assets, new), new)
    _tell(session, [Changed({}, record) for record in new], "create")
    return new


def save(session: Session, changed: Sequence[Changed], command: str) -> None:
    """Writes the present state of locked assets as their next version, with its history, and tells it. Raises TagTaken,
    SerialTaken."""
    if not changed:
        return
    now = moment(session)
    for one in changed:
        one.after.update(version=one.before["version"] + 1, updated_at=now)
        one.after["retired_at"] = (one.before["retired_at"] or now) if one.after["status"] == RETIRED else None
    _write(session, rows.update(assets, [one.after for one in changed]), [one.after for one in changed])
    _tell(session, changed, command)


def insert_request(session: Session, request: Record) -> None:
    """Writes a new request, which is at version 1, and tells it."""
    rows.run(session, rows.insert(asset_requests, [request]))
    outbox.add(session, events.asset_request("requested", request))


def save_requests(session: Session, requests: Sequence[Record], command: str) -> None:
    """Writes the present state of locked requests as their next version, and tells it."""
    if not requests:
        return
    now = moment(session)
    for request in requests:
        request.update(version=request["version"] + 1, updated_at=now)
        if request["status"] in request_rules.ENDED:
            request["ended_at"] = now
    rows.run(session, rows.update(asset_requests, requests))
    for request in requests:
        outbox.add(session, events.asset_request(request_rules.EVENT_OF[command], request))


def _tell(session: Session, changed: Sequence[Changed], command: str) -> None:
    context: Context = session.info["context"]
    now, entries = moment(session), []
    for one in changed:
        told = changes(one.before, one.after, LABELS)
        if not one.before:
            told = [change for change in told if change["after"] is not None or change.get("after_label")]
        entry = {"id": new_id(), "asset_id": one.after["id"], "command": command, "changes": told}
        entry |= {name: one.after[name] for name in ("customer_id", "version")}
        entry["request_id"] = one.after["request_id"] or one.before.get("request_id")
        entries.append(entry | {"actor": context.actor, "actor_label": context.actor_label, "created_at": now})
        outbox.add(session, events.asset(event_of(command), one.after, told if one.before else ()))
    if entries:
        rows.run(session, rows.insert(asset_history, entries))


def _write(session: Session, statement: tuple[str, Any], records: Sequence[Record]) -> None:
    try:
        with session.begin_nested():
            rows.run(session, statement)
    except DBAPIError as error:
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        [record, *_] = records
        if constraint == "assets_tag":
            raise TagTaken(f"Another asset of this customer has the tag {record['tag']}; choose another.") from error
        if constraint == "assets_serial":
            raise SerialTaken(
                f"Another asset of this customer has the serial number {record['serial']}; look at that one"
                " (GET /api/assets?q=…), or retire it first.",
                facts={"serial": record["serial"]},
            ) from error
        raise


_TAGS = """
    SELECT t.tag FROM (
        SELECT 'A-' || lpad(n.next, greatest(6, length(n.next)), '0') AS tag
        FROM (SELECT nextval('asset_tags')::text AS next FROM generate_series(1, %(count)s)) AS n) AS t
    WHERE NOT EXISTS (SELECT 1 FROM assets a WHERE a.customer_id = %(customer)s AND lower(a.tag) = lower(t.tag))
    """
