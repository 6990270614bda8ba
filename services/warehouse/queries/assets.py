"""Assets and their history as they are shown."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from warehouse.domain.assets import commands
from warehouse.errors.assets import AssetNotFound
from warehouse.events.assets import custodian_of, origin_of
from warehouse.tables.assets import asset_history, assets

_EXACT = ("customer_id", "status", "custodian_id", "property_id", "warehouse_id", "sku", "serial", "order_id")


def asset(session: Session, asset_id: str) -> Mapping[str, Any]:
    """One asset; raises AssetNotFound."""
    return _shown(_row(session, asset_id))


def customer_of_asset(session: Session, asset_id: str) -> str:
    """Whose an asset is; raises AssetNotFound."""
    return str(_row(session, asset_id)["customer_id"])


def asset_page(session: Session, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str) -> Page:
    """Assets, the newest first."""
    found = keyset(
        session, narrowed(select(assets), query), [Key(assets.c.id, "desc")], cursor=cursor, limit=limit, scope=scope
    )
    return Page([_shown(row) for row in found.rows], found.next_cursor)


def history_page(session: Session, asset_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """What happened to an asset, the newest first."""
    statement = select(asset_history).where(asset_history.c.asset_id == asset_id)
    keys = [Key(asset_history.c.version, "desc")]
    found = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page([_told(row) for row in found.rows], found.next_cursor)


def narrowed(statement: Select[Any], query: Mapping[str, Any]) -> Select[Any]:
    """Those assets of a statement that a filter asks for."""
    for name in _EXACT:
        if name in query:
            statement = statement.where(assets.c[name] == query[name])
    if "customer_ids" in query:
        statement = statement.where(assets.c.customer_id.in_(query["customer_ids"]))
    if "custodian" in query:
        statement = statement.where(assets.c.custodian_label.icontains(query["custodian"], autoescape=True))
    if "q" in query:
        statement = statement.where(_words(query["q"]))
    return statement


def _row(session: Session, asset_id: str) -> Mapping[Any, Any]:
    row = session.execute(select(assets).where(assets.c.id == asset_id)).mappings().one_or_none()
    if row is None:
        raise AssetNotFound("There is no such asset.")
    return row


def _words(words: str) -> ColumnElement[bool]:
    begins = [
        func.lower(assets.c[name]).startswith(words.lower(), autoescape=True) for name in ("tag", "serial", "sku")
    ]
    holds = [assets.c[name].icontains(words, autoescape=True) for name in ("name", "model")]
    return or_(*begins, *holds)


def _shown(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    more = {"custodian": custodian_of(row), "origin": origin_of(row), "commands": commands(row["status"])}
    return {**row, **more}


def _told(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    kind, _, actor_id = row["actor"].partition(":")
    return {**row, "actor": {"type": kind, "id": actor_id, "label": row["actor_label"]}}
