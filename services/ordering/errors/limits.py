"""Why purchase limits are refused."""

from common.errors import Invalid, NotFound


class LimitNotFound(NotFound):
    """There is no such purchase limit for the caller."""

    code = "ordering.purchase_limit_not_found"
    title = "No such purchase limit"


class LimitUnsuitable(Invalid):
    """The parts of a purchase limit do not fit each other."""

    code = "ordering.purchase_limit_unsuitable"
    title = "The purchase limit does not fit"


class RateUnsuitable(Invalid):
    """The rate cannot be kept."""

    code = "ordering.exchange_rate_unsuitable"
    title = "The exchange rate does not fit"
