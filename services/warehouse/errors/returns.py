"""Why goods are not taken back."""

from typing import Self

from common.errors import Conflict, FieldError, Forbidden, Invalid, NotFound


class _AtField(Invalid):
    """A refusal of one field."""

    @classmethod
    def at(cls, pointer: str, detail: str) -> Self:
        """This refusal, of the field at `pointer`."""
        return cls(detail, errors=[FieldError(pointer, detail)])


class ReturnNotFound(NotFound):
    """There is no such return, or the caller may not know of it."""

    code = "warehouse.return_not_found"
    title = "No such return"


class ReturnState(Conflict):
    """The return is past that step, or not there yet."""

    code = "warehouse.return_state"
    title = "Not in this state"


class ReturnsByStaff(Forbidden):
    """Without a warehouse of its own a customer does not return goods by itself."""

    code = "warehouse.return_by_staff"
    title = "The provider makes this return"


class NoWarehouse(Conflict):
    """The customer has no dedicated warehouse that goods could go to."""

    code = "warehouse.no_warehouse"
    title = "There is no warehouse yet"


class ShippedLineUnknown(Invalid):
    """Nothing of the kind was shipped, or it has not left."""

    code = "warehouse.shipped_line_unknown"
    title = "Nothing like it was shipped"


class SeveralCustomers(Invalid):
    """A return is of one customer's goods."""

    code = "warehouse.return_of_several_customers"
    title = "Goods of several customers"


class LineTwice(_AtField):
    """The same line is named twice."""

    code = "warehouse.line_twice"
    title = "A line is named twice"


class LineUnknown(_AtField):
    """The return has no such line."""

    code = "warehouse.return_line_unknown"
    title = "No such line"


class MoreThanRequested(_AtField):
    """More is authorized than was asked for."""

    code = "warehouse.more_than_requested"
    title = "More than was requested"


class ReturnExceedsShipped(Conflict):
    """More would come back or be claimed than was shipped, all returns and claims counted."""

    code = "warehouse.return_exceeds_shipped"
    title = "More than was shipped"


class SerialUnknown(_AtField):
    """The serial number was not shipped with this line."""

    code = "warehouse.serial_unknown"
    title = "This serial number was not shipped"


class SerialReturned(Conflict):
    """The serial number is in another return."""

    code = "warehouse.serial_returned"
    title = "This serial number is in another return"


class SerialOut(Conflict):
    """The serial number is with a customer already."""

    code = "warehouse.serial_out"
    title = "This serial number has left already"


class WindowClosed(Conflict):
    """The time to return these goods is over."""

    code = "warehouse.return_window_closed"
    title = "Too late to return"


class ResolutionUnsuitable(_AtField):
    """What is wanted for the goods does not fit where they go."""

    code = "warehouse.return_resolution"
    title = "Not for these goods"


class OutcomeUnsuitable(_AtField):
    """Condition, disposition and resolution do not fit together."""

    code = "warehouse.return_outcome"
    title = "This does not fit together"


class InspectionIncomplete(_AtField):
    """An inspection decides about exactly what was received."""

    code = "warehouse.inspection_incomplete"
    title = "Not what was received"


class NotTheirs(Conflict):
    """The warehouse serves another customer."""

    code = "warehouse.not_their_warehouse"
    title = "Another customer's warehouse"


class NothingReceived(Conflict):
    """A receipt without anything ends nothing."""

    code = "warehouse.nothing_received"
    title = "Nothing has come"


class NothingAuthorized(_AtField):
    """An authorization of nothing is a denial."""

    code = "warehouse.nothing_authorized"
    title = "Nothing is authorized"


class ReplacementUnsuitable(_AtField):
    """What is to be sent instead is unknown, or nothing is to be sent."""

    code = "warehouse.replacement_unsuitable"
    title = "This cannot be sent instead"
