"""Why an import is not reverted."""

from common.errors import Conflict


class AlreadyReverted(Conflict):
    """The import was reverted, or is being reverted."""

    code = "customer.import_reverted"
    title = "The import is reverted already"
