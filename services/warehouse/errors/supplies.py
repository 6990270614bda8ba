"""Why an inbound supply is not noted, changed or received."""

from common.errors import Conflict, Invalid, NotFound


class SupplyNotFound(NotFound):
    """There is no such supply."""

    code = "warehouse.supply_not_found"
    title = "No such supply"


class SupplyState(Conflict):
    """What is received or cancelled is expected no more."""

    code = "warehouse.supply_state"
    title = "The supply is not expected any more"


class SupplyUnsuitable(Invalid):
    """The supply does not fit: its quantities, its warehouse or what is received for it."""

    code = "warehouse.supply_unsuitable"
    title = "The supply does not fit"
