"""Operations on requests for assets."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from warehouse.api import inventory
from warehouse.api.inventory import EDIT, REQUEST, VIEW
from warehouse.queries import asset_requests as queries
from warehouse.schemas.asset_requests import AssetApproval, AssetRequestFilter, AssetRequestOut, NewAssetRequest
from warehouse.schemas.assets import AssetReason, NeededAssetReason
from warehouse.use_cases.assets import requests

routes = Routes(
    "Asset requests",
    "Who needs which asset: requested, approved with an asset that is promised, fulfilled when that is handed out."
    " While internal inventory is off they are on hold.",
)

_ONE = "/asset-requests/<uuid:request_id>"


@routes.list("/asset-requests", permission=VIEW, portal=True, query=AssetRequestFilter, out=AssetRequestOut)
def list_asset_requests(call: Call) -> Page:
    """Requests for assets, the newest first."""
    query = inventory.own_only(call, call.session)
    if query.get("mine"):
        query = query | {"requested_by": call.principal.actor}
    return queries.request_page(call.session, query, call.limit, call.cursor, call.cursor_scope)


@routes.post("/asset-requests", permission=REQUEST, portal=True, body=NewAssetRequest, out=AssetRequestOut)
def request_asset(call: Call) -> Mapping[str, Any]:
    """Asks for an asset, or for any of an article or model."""
    inventory.check_change(call, call.body["customer_id"], REQUEST)
    return queries.request(call.session, requests.request_asset(call.session, call.body))


@routes.get(_ONE, permission=VIEW, portal=True, out=AssetRequestOut)
def show_asset_request(call: Call, request_id: str) -> Mapping[str, Any]:
    """One request for an asset."""
    found = queries.request(call.session, request_id)
    inventory.check_view(call, found["customer_id"])
    return found


@routes.post(f"{_ONE}/approval", permission=EDIT, portal=True, status=200, body=AssetApproval, out=AssetRequestOut)
def approve_asset_request(call: Call, request_id: str) -> Mapping[str, Any]:
    """Promises an asset to a request; nobody else gets it until the request is over."""
    inventory.check_change(call, queries.customer_of_request(call.session, request_id))
    requests.approve_request(call.session, request_id, call.body)
    return queries.request(call.session, request_id)


@routes.post(f"{_ONE}/denial", permission=EDIT, portal=True, status=200, body=NeededAssetReason, out=AssetRequestOut)
def deny_asset_request(call: Call, request_id: str) -> Mapping[str, Any]:
    """Denies a request; what was promised to it lies ready again."""
    inventory.check_change(call, queries.customer_of_request(call.session, request_id))
    requests.deny_request(call.session, request_id, call.body)
    return queries.request(call.session, request_id)


@routes.post(f"{_ONE}/cancellation", permission=REQUEST, portal=True, status=200, body=AssetReason, out=AssetRequestOut)
def cancel_asset_request(call: Call, request_id: str) -> Mapping[str, Any]:
    """Cancels a request that is not fulfilled; by who made it, or by who keeps the inventory."""
    customer_id = queries.customer_of_request(call.session, request_id)
    inventory.check_change(call, customer_id, REQUEST)
    decides = call.principal.can(EDIT, customer_id)
    requests.cancel_request(call.session, request_id, call.body, decides=decides)
    return queries.request(call.session, request_id)
