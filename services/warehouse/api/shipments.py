"""Operations on shipments."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from common.web import Call, Page, Routes
from common.web.ranges import attachment
from warehouse.api.stock import sees_costs
from warehouse.queries import shipments as queries
from warehouse.queries.packing_slips import packing_slip
from warehouse.schemas.shipments import Delivery, Dispatch, NewShipment, ShipmentFailure, ShipmentFilter, ShipmentOut
from warehouse.use_cases import claims, shipments

VIEW = "orders.view"
EDIT = "shipments.edit"

routes = Routes(
    "Shipments",
    "Allocated goods on their way: planned, picked, packed, dispatched, delivered, or cancelled before they left; and"
    " what went wrong.",
)

_ONE = "/shipments/<uuid:shipment_id>"


@routes.list("/shipments", permission=VIEW, portal=True, query=ShipmentFilter, out=ShipmentOut)
def list_shipments(call: Call) -> Page:
    """Shipments, the newest first."""
    return queries.shipment_page(
        call.session, call.query, call.limit, call.cursor, call.cursor_scope, costs=sees_costs(call)
    )


@routes.post("/shipments", permission=EDIT, body=NewShipment, out=ShipmentOut)
def create_shipment(call: Call) -> Mapping[str, Any]:
    """Plans a shipment of what is allocated to an order."""
    return _shown(call, shipments.create_shipment(call.session, call.body))


@routes.get(_ONE, permission=VIEW, portal=True, out=ShipmentOut)
def show_shipment(call: Call, shipment_id: str) -> Mapping[str, Any]:
    """One shipment."""
    return _shown(call, shipment_id)


@routes.post(f"{_ONE}/picking", permission=EDIT, status=200, out=ShipmentOut)
def pick_shipment(call: Call, shipment_id: str) -> Mapping[str, Any]:
    """Notes that its goods are being picked; its customer cancels the order no more."""
    shipments.pick_shipment(call.session, shipment_id)
    return _shown(call, shipment_id)


@routes.post(f"{_ONE}/packing", permission=EDIT, status=200, out=ShipmentOut)
def pack_shipment(call: Call, shipment_id: str) -> Mapping[str, Any]:
    """Notes that its goods are packed."""
    shipments.pack_shipment(call.session, shipment_id)
    return _shown(call, shipment_id)


@routes.post(f"{_ONE}/exception", permission=EDIT, status=200, body=ShipmentFailure, out=ShipmentOut)
def fail_shipment(call: Call, shipment_id: str) -> Mapping[str, Any]:
    """Notes that a shipment was lost, refused or damaged on its way. What was lost or damaged is claimed by that, as
    far as it is in no return or claim yet; what was refused comes back as a return."""
    shipment = shipments.fail_shipment(call.session, shipment_id, call.body)
    claims.claim_failed(call.session, shipment, call.body["resolution"])
    return _shown(call, shipment_id)


@routes.post(f"{_ONE}/dispatch", permission=EDIT, status=200, body=Dispatch, out=ShipmentOut)
def dispatch_shipment(call: Call, shipment_id: str) -> Mapping[str, Any]:
    """Lets a shipment leave."""
    shipments.dispatch_shipment(call.session, shipment_id, call.body)
    return _shown(call, shipment_id)


@routes.post(f"{_ONE}/delivery", permission=EDIT, status=200, body=Delivery, out=ShipmentOut)
def deliver_shipment(call: Call, shipment_id: str) -> Mapping[str, Any]:
    """Notes that a shipment has arrived."""
    shipments.deliver_shipment(call.session, shipment_id, call.body)
    return _shown(call, shipment_id)


@routes.post(f"{_ONE}/cancellation", permission=EDIT, status=200, out=ShipmentOut)
def cancel_shipment(call: Call, shipment_id: str) -> Mapping[str, Any]:
    """Cancels a shipment that has not left; its goods stay allocated to the order."""
    shipments.cancel_shipment(call.session, shipment_id)
    return _shown(call, shipment_id)


@routes.get(f"{_ONE}/packing-slip", permission=VIEW, portal=True, raw=True)
def show_packing_slip(call: Call, shipment_id: str) -> Response:
    """The packing slip as a PDF document: goods, quantities and where they go, no prices."""
    number, document = packing_slip(call.session, shipment_id)
    headers = {"Content-Disposition": attachment(f"{number}.pdf")}
    return Response(document, mimetype="application/pdf", headers=headers)


def _shown(call: Call, shipment_id: str) -> Mapping[str, Any]:
    return queries.shipment(call.session, shipment_id, costs=sees_costs(call))
