"""Why something cannot be done with a quote."""

from common.errors import Conflict, Invalid, NotFound


class QuoteNotFound(NotFound):
    """There is no such quote for the caller."""

    code = "ordering.quote_not_found"
    title = "No such quote"


class QuoteStatus(Conflict):
    """At its status the quote does not take this command."""

    code = "ordering.quote_status"
    title = "The quote is at another status"


class QuoteExpired(Conflict):
    """The day until which it held is over."""

    code = "ordering.quote_expired"
    title = "The quote has expired"


class QuoteUnsuitable(Invalid):
    """The quote is not complete."""

    code = "ordering.quote_unsuitable"
    title = "The quote is not complete"
