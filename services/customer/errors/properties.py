"""Why a property, or what somebody has to do with it, is refused."""

from common.errors import Conflict, Invalid, NotFound


class PropertyNotFound(NotFound):
    """There is no such property for the caller."""

    code = "customer.property_not_found"
    title = "No such property"


class PropertyUnknown(Invalid):
    """The property that is named does not exist."""

    code = "customer.property_unknown"
    title = "No such property"


class PropertyNumberTaken(Conflict):
    """Another property has this number."""

    code = "customer.property_number_taken"
    title = "The property number is taken"


class PropertyClosed(Conflict):
    """Nobody can be assigned to a closed property."""

    code = "customer.property_closed"
    title = "The property is closed"


class PropertyInUse(Conflict):
    """A property that somebody has, or had, cannot be closed or deleted."""

    code = "customer.property_in_use"
    title = "Somebody has the property"


class PropertyOccupied(Conflict):
    """Somebody else occupies the property on one of the days."""

    code = "customer.property_occupied"
    title = "The property is occupied"


class AssignmentNotFound(NotFound):
    """The customer has no such assignment."""

    code = "customer.assignment_not_found"
    title = "No such assignment"


class PeriodInvalid(Invalid):
    """A period must end after it begins."""

    code = "customer.period_invalid"
    title = "The period is empty"


class AlreadyAssigned(Conflict):
    """The customer has this role at the property already."""

    code = "customer.already_assigned"
    title = "Assigned already"


class ReasonNeeded(Invalid):
    """Days that have passed are corrected with a reason."""

    code = "customer.reason_needed"
    title = "Say why the past changes"


class AssignmentBegun(Conflict):
    """Only an assignment that has not begun can be removed."""

    code = "customer.assignment_begun"
    title = "The assignment has begun"


class AssignmentOfMove(Conflict):
    """The assignment belongs to a planned move."""

    code = "customer.assignment_of_move"
    title = "A planned move decides this"


class HasAssignments(Conflict):
    """A customer that has properties, now or later, cannot be deleted."""

    code = "customer.has_assignments"
    title = "The customer has properties"


class NotAssigned(Conflict):
    """The customer does not have this role at the property on that day."""

    code = "customer.not_assigned"
    title = "Not assigned on that day"


class MoveNotFound(NotFound):
    """There is no such move."""

    code = "customer.move_not_found"
    title = "No such move"


class MoveExecuted(Conflict):
    """A move that has been executed cannot be cancelled."""

    code = "customer.move_executed"
    title = "The move has been executed"


class MoveHasSuccessor(Conflict):
    """A later move builds on this one."""

    code = "customer.move_has_successor"
    title = "A later move builds on this one"


class HasPlannedMoves(Conflict):
    """The customer is about to move in somewhere."""

    code = "customer.has_planned_moves"
    title = "The customer is about to move in"
