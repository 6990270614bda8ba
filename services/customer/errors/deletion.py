"""Why a customer is not deleted."""

from common.errors import Conflict


class DeletionBlocked(Conflict):
    """Something would lose its customer."""

    code = "customer.deletion_blocked"
    title = "The customer cannot be deleted now"


class OnLegalHold(Conflict):
    """A court or an authority wants what belongs to the customer to stay."""

    code = "customer.legal_hold"
    title = "Something is on legal hold"
