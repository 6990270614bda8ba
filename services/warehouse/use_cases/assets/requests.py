"""Requests for assets: made by people of a company, decided by who keeps its inventory, fulfilled by handing out."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.context import Context
from common.errors import FieldError
from common.ids import new_id
from common.pipeline import send
from common.records import as_record, moment
from warehouse.domain import asset_requests as rules
from warehouse.domain import assets as asset_rules
from warehouse.errors.assets import (
    AssetDoesNotFit,
    AssetUnknown,
    NoAssetFree,
    NothingAsked,
    NotTheRequester,
)
from warehouse.tables.assets import asset_requests, assets
from warehouse.use_cases import rows
from warehouse.use_cases.assets import store
from warehouse.use_cases.assets.store import Changed
from warehouse.use_cases.assets.switch import check_customer, check_on

Row = dict[str, Any]
Body = Mapping[str, Any]

_WANTED = ("sku", "model")
_GIVEN = (*_WANTED, "property_id", "location", "needed_on", "note")


def request_asset(session: Session, body: Body) -> str:
    """Asks for the asset that is named, or for any of an article or model, for oneself or a custodian; returns the
    request's id. Raises CustomerUnknown, AssetCustomerArchived, InventoryHidden, InventoryDisabled, NothingAsked,
    AssetUnknown, AssetState."""
    customer_id, named = body["customer_id"], body.get("asset_id")
    check_customer(session, customer_id)
    if not named and not any(body.get(name) for name in _WANTED):
        raise NothingAsked(
            "Name an asset, or the article or model of which any will do.",
            errors=[FieldError("/asset_id", "Or sku, or model.")],
        )
    if named:
        asset_rules.check_changeable(_read(session, customer_id, named))
    now = moment(session)
    context: Context = session.info["context"]
    custodian = body.get("custodian") or {"id": None, "label": None}
    record = {
        **rows.blank(asset_requests),
        **{name: body.get(name) for name in _GIVEN},
        "id": new_id(),
        "number": send(session, [(_NUMBER, {})])[0][0][0],
        "customer_id": customer_id,
        "status": rules.REQUESTED,
        "named_asset_id": named,
        "custodian_id": custodian["id"],
        "custodian_label": custodian["label"],
        "requested_by": context.actor,
        "requester_label": context.actor_label,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    store.insert_request(session, record)
    return str(record["id"])


def approve_request(session: Session, request_id: str, body: Body) -> None:
    """Promises an asset to a request: the one that is named, else the first that fits and lies ready. Of parallel
    approvals one gets it. Raises RequestNotFound, RequestState, AssetUnknown, AssetDoesNotFit, AssetState, NoAssetFree,
    InventoryHidden, InventoryDisabled."""
    seen = _known(session, request_id)
    rules.after(rules.resumed(seen), "approve")
    asset = _chosen(session, seen, body.get("asset_id") or seen["named_asset_id"])
    request = _locked(session, request_id)
    request |= {"status": rules.after(request, "approve"), "asset_id": asset["id"]}
    reserved = asset | {"status": asset_rules.after(asset, "reserve"), "request_id": request_id}
    store.save(session, [Changed(asset, reserved)], "reserve")
    _decide(session, request, "approve", body)


def deny_request(session: Session, request_id: str, body: Body) -> None:
    """Denies a request; what was promised to it lies ready again. Raises RequestNotFound, RequestState,
    InventoryHidden, InventoryDisabled."""
    _give_up(session, request_id, "deny", body)


def cancel_request(session: Session, request_id: str, body: Body, *, decides: bool) -> None:
    """Cancels a request, by who made it or by somebody who `decides` about assets; what was promised to it lies ready
    again. Raises RequestNotFound, NotTheRequester, RequestState, InventoryHidden, InventoryDisabled."""
    context: Context = session.info["context"]
    if not decides and _known(session, request_id)["requested_by"] != context.actor:
        raise NotTheRequester("Ask who made the request, or who keeps your company's inventory, to cancel it.")
    _give_up(session, request_id, "cancel", body)


def _give_up(session: Session, request_id: str, command: str, body: Body) -> None:
    seen = _known(session, request_id)
    held = {asset["id"]: asset for asset in store.locked(session, [seen["asset_id"]] if seen["asset_id"] else [])}
    request = _locked(session, request_id)
    status = rules.after(request, command)
    if request["asset_id"] and request["asset_id"] not in held:
        # It was approved between the look and the locks; it is read again with its asset.
        _give_up(session, request_id, command, body)
        return
    asset = held.get(request["asset_id"])
    if asset and asset["request_id"] == request_id:
        after = asset | {"status": asset_rules.after(asset, "release"), "request_id": None}
        store.save(session, [Changed(asset, after)], "release")
    request |= {"status": status, "asset_id": None}
    _decide(session, request, command, body)


def _decide(session: Session, request: Row, command: str, body: Body) -> None:
    context: Context = session.info["context"]
    request |= {"reason": body.get("reason"), "decided_at": moment(session)}
    request |= {"decided_by": context.actor, "decided_label": context.actor_label}
    store.save_requests(session, [request], command)


def _chosen(session: Session, request: Row, named: str | None) -> Row:
    """The asset that a request gets, locked."""
    if named is None:
        return _first_free(session, request)
    _read(session, request["customer_id"], named)
    asset = store.lock(session, named)
    if not rules.fits(request, asset):
        raise AssetDoesNotFit(
            f"{asset['tag']} is not what request {request['number']} asks for; name another, or deny the request.",
            facts={"asset_id": named},
        )
    if asset["status"] != asset_rules.IN_STOCK:
        asset_rules.after(asset, "reserve")
    return asset


def _first_free(session: Session, request: Row) -> Row:
    """Passes those by that somebody else is just taking, and waits for these only where there is no other."""
    table = assets.c
    fitting = [func.lower(table[name]) == request[name].lower() for name in _WANTED if request[name]]
    free = select(assets).where(
        table.customer_id == request["customer_id"], table.status == asset_rules.IN_STOCK, *fitting
    )
    first = free.order_by(table.id).limit(1)
    for statement in (first.with_for_update(skip_locked=True), first.with_for_update()):
        row = session.execute(statement).mappings().one_or_none()
        if row is not None:
            return as_record(row)
    wanted = " ".join(request[name] for name in _WANTED if request[name])
    raise NoAssetFree(
        f"No asset of {wanted} lies ready; take one back, buy one, name another one as `asset_id`, or deny the request."
    )


def _read(session: Session, customer_id: str, asset_id: str) -> Row:
    statement = select(assets).where(assets.c.id == asset_id, assets.c.customer_id == customer_id)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise AssetUnknown.at("/asset_id")
    return as_record(row)


def _known(session: Session, request_id: str) -> Row:
    row = session.execute(select(asset_requests).where(asset_requests.c.id == request_id)).mappings().one_or_none()
    if row is None:
        return store.lock_request(session, request_id)
    check_on(session, row["customer_id"])
    return as_record(row)


def _locked(session: Session, request_id: str) -> Row:
    return rules.resumed(store.lock_request(session, request_id))


_NUMBER = """
    SELECT 'AR-' || lpad(n.next, greatest(6, length(n.next)), '0')
    FROM (SELECT nextval('asset_request_numbers')::text AS next) AS n
    """
