"""Why bundles are refused."""

from common.errors import Conflict, NotFound


class BundleNotFound(NotFound):
    """There is no such bundle for the caller."""

    code = "ordering.bundle_not_found"
    title = "No such bundle"


class BundleTaken(Conflict):
    """Another bundle of the same owner has this name."""

    code = "ordering.bundle_taken"
    title = "There is a bundle of this name"
