"""Why merges are refused, and why a merged customer takes no changes."""

from common.errors import Conflict, Invalid, NotFound


class Merged(Conflict):
    """The customer was merged into another one, which lives on."""

    code = "customer.merged"
    title = "The customer was merged into another one"


class MergeRefused(Conflict):
    """These customers cannot be merged as they are."""

    code = "customer.merge_refused"
    title = "These customers cannot be merged"


class MergeChoice(Invalid):
    """A choice names what cannot be chosen."""

    code = "customer.merge_choice"
    title = "This cannot be chosen"


class PlanOutdated(Conflict):
    """Something has changed since the plan was made."""

    code = "customer.merge_plan_outdated"
    title = "The plan is out of date"


class MergeNotFound(NotFound):
    """The customer has no such merge."""

    code = "customer.merge_not_found"
    title = "No such merge"


class UndoRefused(Conflict):
    """The merge cannot be undone any more."""

    code = "customer.merge_undo_refused"
    title = "The merge cannot be undone"
