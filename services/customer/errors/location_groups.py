"""Why a location group is refused."""

from common.errors import Conflict, Invalid, NotFound


class LocationGroupNotFound(NotFound):
    """There is no such location group."""

    code = "customer.location_group_not_found"
    title = "No such location group"


class LocationGroupUnknown(Invalid):
    """The location group that is named does not exist."""

    code = "customer.location_group_unknown"
    title = "No such location group"


class LocationNameTaken(Conflict):
    """A location group beside it has this name."""

    code = "customer.location_name_taken"
    title = "The name is taken here"


class LocationCycle(Conflict):
    """The move would put a location group below itself."""

    code = "customer.location_cycle"
    title = "A location group cannot be below itself"


class LocationTooDeep(Conflict):
    """The move would make the tree of location groups deeper than allowed."""

    code = "customer.location_too_deep"
    title = "The tree would be too deep"


class LocationGroupInUse(Conflict):
    """A location group with properties or groups below it cannot be deleted."""

    code = "customer.location_group_in_use"
    title = "The location group is not empty"
