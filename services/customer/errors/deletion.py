"""Why a customer is not deleted."""

from common.errors import Conflict


class DeletionBlocked(Conflict):
    """Something would lose its customer."""

    code = "customer.deletion_blocked"
    title = "The customer cannot be deleted now"
