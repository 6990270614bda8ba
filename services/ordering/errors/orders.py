"""Why something cannot be done with an order."""

from common.errors import Conflict, Forbidden, Invalid, NotFound


class OrderNotFound(NotFound):
    """There is no such order for the caller."""

    code = "ordering.order_not_found"
    title = "No such order"


class OrderStatus(Conflict):
    """At its status the order does not take this command."""

    code = "ordering.order_status"
    title = "The order is at another status"


class RevisionChanged(Conflict):
    """The content is not the one that the caller has seen."""

    code = "ordering.revision_changed"
    title = "The order has other contents by now"


class OnHold(Conflict):
    """The order waits for the provider to look at it."""

    code = "ordering.on_hold"
    title = "The order is on hold"


class NotOnHold(Conflict):
    """There is nothing to release."""

    code = "ordering.not_on_hold"
    title = "The order is not on hold"


class AvailabilityUnknown(Conflict):
    """The warehouse has not answered yet."""

    code = "ordering.availability_unknown"
    title = "It is not known yet what is in stock"


class OutOfStock(Conflict):
    """Something is missing that may not wait for more."""

    code = "ordering.out_of_stock"
    title = "Not everything is in stock"


class PickingStarted(Conflict):
    """Somebody in the warehouse is at it."""

    code = "ordering.picking_started"
    title = "It is being picked"


class AlreadyShipped(Conflict):
    """Something of the order is on its way."""

    code = "ordering.already_shipped"
    title = "Something of the order is on its way"


class PriceChanged(Conflict):
    """Prices rose since the draft was made."""

    code = "ordering.price_changed"
    title = "Prices rose since the draft was made"


class ExternalNumberTaken(Conflict):
    """Another order of the customer has this number."""

    code = "ordering.external_number_taken"
    title = "The external number is taken"


class CustomerArchived(Conflict):
    """An archived customer orders nothing."""

    code = "ordering.customer_archived"
    title = "The customer is archived"


class OrderAuthorizationDisabled(Forbidden):
    """The customer's people may not order by themselves."""

    code = "ordering.order_authorization_disabled"
    title = "Ordering is switched off for this customer"


class PreordersDisabled(Forbidden):
    """The customer may not order ahead of what is there."""

    code = "ordering.preorders_disabled"
    title = "Pre-orders are switched off for this customer"


class InternalInventoryDisabled(Forbidden):
    """The customer does not use internal listings."""

    code = "ordering.internal_inventory_disabled"
    title = "Internal inventory is switched off for this customer"


class StaffFields(Forbidden):
    """Only the provider sets these."""

    code = "ordering.staff_fields"
    title = "Only the provider sets these fields"


class NoLines(Invalid):
    """An order without lines orders nothing."""

    code = "ordering.no_lines"
    title = "There is nothing to order"


class LinesUnavailable(Invalid):
    """Some lines cannot be ordered; each is named."""

    code = "ordering.lines_unavailable"
    title = "Some lines cannot be ordered"


class CurrenciesMixed(Invalid):
    """Prices of one order are in one currency."""

    code = "ordering.currencies_mixed"
    title = "The prices are in several currencies"


class LimitExceeded(Invalid):
    """A purchase limit of the company does not allow it."""

    code = "ordering.limit_exceeded"
    title = "A purchase limit is exceeded"


class LineUnsuitable(Invalid):
    """A line does not fit the command."""

    code = "ordering.line_unsuitable"
    title = "The line does not fit"


class DateNotInQuestion(Conflict):
    """The day of the line has not moved so far that anything is to be decided, or somebody has decided already."""

    code = "ordering.date_not_in_question"
    title = "There is nothing to decide about this day"
