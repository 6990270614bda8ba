"""Why something cannot be done with a service in use."""

from common.errors import Conflict, Forbidden, Invalid, NotFound


class ServiceNotFound(NotFound):
    """There is no such service for the caller."""

    code = "ordering.service_not_found"
    title = "No such service"


class ServiceStatus(Conflict):
    """At its status the service does not take this command."""

    code = "ordering.service_status"
    title = "The service is at another status"


class WarehouseDisabled(Forbidden):
    """The customer does not return services by itself."""

    code = "ordering.warehouse_disabled"
    title = "The warehouse is switched off for this customer"


class TermUnsuitable(Invalid):
    """The days or months do not make a term."""

    code = "ordering.term_unsuitable"
    title = "This is no term"


class DayUnsuitable(Invalid):
    """The day is not one on which this can happen."""

    code = "ordering.day_unsuitable"
    title = "The day does not fit"
