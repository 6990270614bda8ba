"""Why goods are not sent."""

from common.errors import Conflict, Invalid, NotFound


class ShipmentNotFound(NotFound):
    """There is no such shipment, or the caller may not know of it."""

    code = "warehouse.shipment_not_found"
    title = "No such shipment"


class ReservationNotFound(NotFound):
    """Nothing has been reserved for such an order, or the caller may not know of it."""

    code = "warehouse.reservation_not_found"
    title = "Nothing is reserved"


class OrderUnknown(Invalid):
    """Nothing is allocated to an order of this id."""

    code = "warehouse.order_unknown"
    title = "Nothing is allocated to this order"


class OrderHeld(Conflict):
    """Nothing is sent for an order that is on hold."""

    code = "warehouse.order_held"
    title = "The order is on hold"


class NothingToShip(Conflict):
    """Nothing of the order is allocated that is not in a shipment already."""

    code = "warehouse.nothing_to_ship"
    title = "There is nothing to ship"


class NotAllocated(Conflict):
    """More is to be sent of a line than is allocated there."""

    code = "warehouse.not_allocated"
    title = "So much is not allocated"


class OrderIncomplete(Conflict):
    """The order goes out as a whole."""

    code = "warehouse.order_incomplete"
    title = "The order is not complete"


class WarehouseNeeded(Invalid):
    """The order's goods lie in several warehouses."""

    code = "warehouse.warehouse_needed"
    title = "Name the warehouse"


class ShipmentState(Conflict):
    """The shipment is past that step, or not there yet."""

    code = "warehouse.shipment_state"
    title = "Not in this state"


class StockMissing(Conflict):
    """Goods that were allocated are physically not there."""

    code = "warehouse.stock_missing"
    title = "Goods are missing"
