"""Why deals, their stages, and steps of the lifecycle are refused."""

from common.errors import Conflict, Invalid, NotFound


class DealNotFound(NotFound):
    """The customer has no such deal."""

    code = "customer.deal_not_found"
    title = "No such deal"


class DealUnsuitable(Invalid):
    """The fields of a deal do not fit each other."""

    code = "customer.deal_unsuitable"
    title = "The deal does not fit"


class MoneyUnsuitable(Invalid):
    """The currency is unknown, or the amount has more decimals than it."""

    code = "customer.money_unsuitable"
    title = "The amount does not fit its currency"


class DealStageNotFound(NotFound):
    """There is no such stage."""

    code = "customer.deal_stage_not_found"
    title = "No such stage"


class DealStageUnknown(Invalid):
    """The stage that is named does not exist."""

    code = "customer.deal_stage_unknown"
    title = "No such stage"


class DealStageTaken(Conflict):
    """Another stage has this code."""

    code = "customer.deal_stage_taken"
    title = "The code is taken"


class DealStageInUse(Conflict):
    """There are deals at this stage."""

    code = "customer.deal_stage_in_use"
    title = "The stage is in use"


class LifecycleBackwards(Conflict):
    """The customer's deals say that it is further than that."""

    code = "customer.lifecycle_backwards"
    title = "The customer is further than that"
