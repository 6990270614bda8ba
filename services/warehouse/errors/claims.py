"""Why a claim is not taken."""

from common.errors import Conflict, NotFound
from warehouse.errors.returns import _AtField


class ClaimNotFound(NotFound):
    """There is no such claim, or the caller may not know of it."""

    code = "warehouse.claim_not_found"
    title = "No such claim"


class ClaimState(Conflict):
    """The claim was decided or taken back."""

    code = "warehouse.claim_state"
    title = "Not in this state"


class ClaimWindowClosed(Conflict):
    """The time to claim is over."""

    code = "warehouse.claim_window_closed"
    title = "Too late to claim"


class MoreThanClaimed(_AtField):
    """More is accepted than was claimed."""

    code = "warehouse.more_than_claimed"
    title = "More than was claimed"
