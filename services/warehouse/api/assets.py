"""Operations on the assets of customers."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from common.web import Call, Page, Routes
from common.web.ranges import attachment
from warehouse.api import inventory
from warehouse.api.inventory import EDIT, VIEW
from warehouse.queries import asset_export
from warehouse.queries import assets as queries
from warehouse.schemas.assets import (
    AssetChanges,
    AssetEntryOut,
    AssetFilter,
    AssetOut,
    AssetReason,
    CheckIn,
    CheckOut,
    NeededAssetReason,
    NewAsset,
)
from warehouse.use_cases.assets import keeping

Command = Callable[[Session, str, Mapping[str, Any]], None]

routes = Routes(
    "Assets",
    "What companies have: who or what place has it, its state and its history. For customers whose internal inventory"
    " is switched on; while it is off, staff of the provider read what is there and nothing changes.",
)

_ONE = "/assets/<uuid:asset_id>"


@routes.list("/assets", permission=VIEW, portal=True, query=AssetFilter, out=AssetOut)
def list_assets(call: Call) -> Page:
    """Assets, the newest first. A portal user sees those of its customers."""
    query = inventory.own_only(call, call.session)
    return queries.asset_page(call.session, query, call.limit, call.cursor, call.cursor_scope)


@routes.get("/assets/export", permission=VIEW, portal=True, query=AssetFilter, transaction=False, raw=True)
def export_assets(call: Call) -> Response:
    """Assets as CSV, with the columns that an import of assets reads; sent while it is read, however many there are."""
    query = call.database.run(lambda session: inventory.own_only(call, session), call.scope, call.context)
    lines = asset_export.asset_lines(call.database, call.scope, query)
    headers = {"Content-Disposition": attachment("assets.csv"), "Cache-Control": "no-store"}
    return Response(lines, content_type="text/csv; charset=utf-8", headers=headers)


@routes.post("/assets", permission=EDIT, portal=True, body=NewAsset, out=AssetOut)
def create_asset(call: Call) -> Mapping[str, Any]:
    """Notes something that a customer has; without a tag it gets one."""
    inventory.check_change(call, call.body["customer_id"])
    return queries.asset(call.session, keeping.create_asset(call.session, call.body))


@routes.get(_ONE, permission=VIEW, portal=True, out=AssetOut)
def show_asset(call: Call, asset_id: str) -> Mapping[str, Any]:
    """One asset."""
    found = queries.asset(call.session, asset_id)
    inventory.check_view(call, found["customer_id"])
    return found


@routes.patch(_ONE, permission=EDIT, portal=True, body=AssetChanges, out=AssetOut)
def change_asset(call: Call, asset_id: str) -> Mapping[str, Any]:
    """Changes what an asset is and where it is; its custodian changes by handing it out and taking it back."""
    inventory.check_change(call, queries.customer_of_asset(call.session, asset_id))
    keeping.change_asset(call.session, asset_id, call.version, call.body)
    return queries.asset(call.session, asset_id)


@routes.list(f"{_ONE}/history", permission=VIEW, portal=True, out=AssetEntryOut)
def show_asset_history(call: Call, asset_id: str) -> Page:
    """What happened to an asset, by whom, with the values before and after, the newest first."""
    inventory.check_view(call, queries.customer_of_asset(call.session, asset_id))
    return queries.history_page(call.session, asset_id, call.limit, call.cursor, call.cursor_scope)


@routes.post(f"{_ONE}/check-out", permission=EDIT, portal=True, status=200, body=CheckOut, out=AssetOut)
def check_out_asset(call: Call, asset_id: str) -> Mapping[str, Any]:
    """Hands an asset out, to a custodian or to a place; a request to which it is promised is fulfilled by that."""
    return _done(call, asset_id, keeping.check_out)


@routes.post(f"{_ONE}/check-in", permission=EDIT, portal=True, status=200, body=CheckIn, out=AssetOut)
def check_in_asset(call: Call, asset_id: str) -> Mapping[str, Any]:
    """Takes an asset back, or notes that it has arrived; it lies ready from then on."""
    return _done(call, asset_id, keeping.check_in)


@routes.post(f"{_ONE}/repair-start", permission=EDIT, portal=True, status=200, body=AssetReason, out=AssetOut)
def start_repair_of_asset(call: Call, asset_id: str) -> Mapping[str, Any]:
    """Notes that an asset is being mended."""
    return _done(call, asset_id, keeping.start_repair)


@routes.post(f"{_ONE}/repair-end", permission=EDIT, portal=True, status=200, body=AssetReason, out=AssetOut)
def end_repair_of_asset(call: Call, asset_id: str) -> Mapping[str, Any]:
    """Notes that an asset is mended; it goes back to whom or where it was."""
    return _done(call, asset_id, keeping.end_repair)


@routes.post(f"{_ONE}/loss", permission=EDIT, portal=True, status=200, body=AssetReason, out=AssetOut)
def lose_asset(call: Call, asset_id: str) -> Mapping[str, Any]:
    """Notes that an asset is lost."""
    return _done(call, asset_id, keeping.lose)


@routes.post(f"{_ONE}/recovery", permission=EDIT, portal=True, status=200, body=AssetReason, out=AssetOut)
def find_asset(call: Call, asset_id: str) -> Mapping[str, Any]:
    """Notes that a lost asset was found."""
    return _done(call, asset_id, keeping.find)


@routes.post(f"{_ONE}/retirement", permission=EDIT, portal=True, status=200, body=NeededAssetReason, out=AssetOut)
def retire_asset(call: Call, asset_id: str) -> Mapping[str, Any]:
    """Ends an asset for good; nothing of it changes any more."""
    return _done(call, asset_id, keeping.retire)


def _done(call: Call, asset_id: str, command: Command) -> Mapping[str, Any]:
    inventory.check_change(call, queries.customer_of_asset(call.session, asset_id))
    command(call.session, asset_id, call.body)
    return queries.asset(call.session, asset_id)
