"""What this service refuses, each with a stable code."""

from common.errors import Conflict, FieldError, Invalid, NotFound, TooMany


class CustomerUnknown(NotFound):
    """There is no such customer, or the caller may not know of it, or its own event has not arrived yet."""

    code = "overview.customer_unknown"
    title = "No such customer"


class FilterInvalid(Invalid):
    """A filter that cannot be read, or on a field that cannot be filtered."""

    code = "overview.filter_invalid"
    title = "The filter cannot be used"

    @classmethod
    def because(cls, detail: str) -> "FilterInvalid":
        return cls(detail, errors=[FieldError("/filter", detail)])


class SortInvalid(Invalid):
    """A list cannot be sorted like that."""

    code = "overview.sort_invalid"
    title = "The order cannot be used"


class FacetUnknown(Invalid):
    """There is no such facet."""

    code = "overview.facet_unknown"
    title = "No such facet"


class SheetTooLong(Invalid):
    """More customers than a workbook can be made of while somebody waits."""

    code = "overview.sheet_too_long"
    title = "Too many rows for a workbook"


class ColumnUnknown(Invalid):
    """An export has no such column."""

    code = "overview.column_unknown"
    title = "No such column"


class RebuildRunning(Conflict):
    """Somebody else rebuilds at this moment."""

    code = "overview.rebuild_running"
    title = "A rebuild is running"


class TooManyWaiting(TooMany):
    """As many requests as this process allows already wait for an event."""

    code = "overview.too_many_waiting"
    title = "Too many requests wait"
