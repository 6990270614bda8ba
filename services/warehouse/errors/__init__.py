"""Why this service refuses, each reason with a stable code."""

from common.errors import Conflict, Forbidden, Invalid, NotFound, Stale


class Changed(Stale):
    """Somebody else changed the thing since it was read."""

    code = "warehouse.stale"


class WarehouseNotFound(NotFound):
    """There is no such warehouse, or the caller may not know of it."""

    code = "warehouse.not_found"
    title = "No such warehouse"


class WarehouseUnknown(Invalid):
    """The warehouse that is named does not exist."""

    code = "warehouse.unknown"
    title = "No such warehouse"


class CodeTaken(Conflict):
    """Another warehouse has this code."""

    code = "warehouse.code_taken"
    title = "The code is taken"


class CustomerHasWarehouse(Conflict):
    """A customer has one dedicated warehouse at most."""

    code = "warehouse.customer_has_warehouse"
    title = "The customer has a warehouse"


class NotOpen(Conflict):
    """A draining or closed warehouse takes nothing in."""

    code = "warehouse.not_open"
    title = "The warehouse takes nothing in"


class HasStock(Conflict):
    """A warehouse is closed only when it is empty and nothing is promised from it."""

    code = "warehouse.has_stock"
    title = "The warehouse is not empty"


class ModuleDisabled(Forbidden):
    """The customer has no warehouse of its own in the portal."""

    code = "warehouse.warehouse_disabled"
    title = "The warehouse is switched off"
