"""Why duplicates are refused."""

from common.errors import Conflict, Invalid, NotFound


class DuplicateCustomer(Conflict):
    """The new customer is very likely there already."""

    code = "customer.duplicate"
    title = "This customer is very likely there already"


class OverrideReasonMissing(Invalid):
    """Who creates a likely duplicate says why it is none."""

    code = "customer.override_reason_missing"
    title = "Say why this is another customer"


class PairNotFound(NotFound):
    """There is no such pair of possible duplicates."""

    code = "customer.duplicate_not_found"
    title = "No such pair"
