"""Why this service refuses, each reason with a stable code."""

from common.errors import Conflict, NotFound, Stale


class CustomerNotFound(NotFound):
    """There is no such customer for the caller, or word of it has not arrived yet."""

    code = "portal_settings.customer_not_found"
    title = "No such customer"


class GroupNotFound(NotFound):
    """There is no such customer group, or word of it has not arrived yet."""

    code = "portal_settings.group_not_found"
    title = "No such customer group"


class Changed(Stale):
    """Somebody else changed the settings of the scope since they were read."""

    code = "portal_settings.stale"


class CustomerArchived(Conflict):
    """The settings of an archived customer are read-only."""

    code = "portal_settings.customer_archived"
    title = "The customer is archived"


class Locked(Conflict):
    """A scope above has fixed the switch."""

    code = "portal_settings.locked"
    title = "The switch is locked"


class DependentSetting(Conflict):
    """Another switch that is on needs what would go off."""

    code = "portal_settings.dependent_setting"
    title = "Another switch needs this one"


class LicenceNotAcknowledged(Conflict):
    """The switch may cost a fee, which has to be acknowledged first."""

    code = "portal_settings.licence_not_acknowledged"
    title = "The licence fee has to be acknowledged"
