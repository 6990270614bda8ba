"""Why cost centres are refused."""

from common.errors import Conflict, Invalid, NotFound


class CostCentreNotFound(NotFound):
    """There is no such cost centre for the caller."""

    code = "ordering.cost_centre_not_found"
    title = "No such cost centre"


class CostCentreTaken(Conflict):
    """The customer has a cost centre of this code."""

    code = "ordering.cost_centre_taken"
    title = "The code is taken"


class CostCentreUnknown(Invalid):
    """Something names a code that is no active cost centre of the customer or of one above it."""

    code = "ordering.cost_centre_unknown"
    title = "Unknown cost centre"
