"""Why something cannot be done with a standing order."""

from common.errors import Conflict, Forbidden, Invalid, NotFound


class StandingOrderNotFound(NotFound):
    """There is no such standing order for the caller."""

    code = "ordering.standing_order_not_found"
    title = "No such standing order"


class StandingOrderStatus(Conflict):
    """At its status the standing order does not take this command."""

    code = "ordering.standing_order_status"
    title = "The standing order is at another status"


class StandingOrderUnsuitable(Invalid):
    """Its days do not fit each other."""

    code = "ordering.standing_order_unsuitable"
    title = "The days do not fit"


class OwnerGone(Forbidden):
    """Who made the standing order has no role at the customer any more."""

    code = "ordering.owner_gone"
    title = "Nobody stands behind the standing order"
