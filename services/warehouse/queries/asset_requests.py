"""Requests for assets as they are shown."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from warehouse.domain.asset_requests import commands
from warehouse.errors.assets import RequestNotFound
from warehouse.events.assets import custodian_of
from warehouse.tables.assets import asset_requests, assets

# The tag of what is promised, was handed over, or was named.
_SHOWN = select(asset_requests, assets.c.tag.label("asset_tag")).outerjoin(
    assets, assets.c.id == asset_requests.c.asset_id
)


def request(session: Session, request_id: str) -> Mapping[str, Any]:
    """One request; raises RequestNotFound."""
    row = session.execute(_SHOWN.where(asset_requests.c.id == request_id)).mappings().one_or_none()
    if row is None:
        raise RequestNotFound("There is no such request.")
    return _as_shown(row)


def customer_of_request(session: Session, request_id: str) -> str:
    """Whose request it is; raises RequestNotFound."""
    return str(request(session, request_id)["customer_id"])


def request_page(session: Session, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str) -> Page:
    """Requests, the newest first."""
    statement, table = _SHOWN, asset_requests.c
    for name in ("customer_id", "status", "requested_by"):
        if name in query:
            statement = statement.where(table[name] == query[name])
    if "customer_ids" in query:
        statement = statement.where(table.customer_id.in_(query["customer_ids"]))
    if "asset_id" in query:
        wanted = query["asset_id"]
        statement = statement.where(or_(table.asset_id == wanted, table.named_asset_id == wanted))
    if "open" in query:
        statement = statement.where(table.ended_at.is_(None) == query["open"])
    found = keyset(session, statement, [Key(table.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([_as_shown(row) for row in found.rows], found.next_cursor)


def _as_shown(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    return {
        **row,
        "custodian": custodian_of(row),
        "requester": _person(row["requested_by"], row["requester_label"]),
        "decided_by": _person(row["decided_by"], row["decided_label"]) if row["decided_by"] else None,
        "commands": commands(row["status"]),
    }


def _person(actor: str, label: str) -> Mapping[str, Any]:
    kind, _, actor_id = actor.partition(":")
    return {"type": kind, "id": actor_id, "label": label}
