"""Why this service refuses, each reason with a stable code."""

from common.errors import Invalid, NotFound, Stale


class Changed(Stale):
    """Somebody else changed the record since it was read."""

    code = "ordering.stale"


class CustomerUnknown(NotFound):
    """There is no such customer for the caller."""

    code = "ordering.customer_not_found"
    title = "No such customer"


class MoneyUnsuitable(Invalid):
    """The currency is unknown, or the amount has more decimals than it."""

    code = "ordering.money_unsuitable"
    title = "The amount does not fit its currency"
