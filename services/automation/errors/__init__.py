"""Why this service refuses, each reason with a stable code."""

from common.errors import Forbidden, Invalid, Stale


class Changed(Stale):
    """Somebody else changed the thing since it was read."""

    code = "automation.stale"


class ModuleDisabled(Forbidden):
    """The customer's own rules are switched off."""

    code = "automation.automation_disabled"
    title = "Automation is switched off"


class CustomerUnknown(Invalid):
    """The customer that is named does not exist for the caller."""

    code = "automation.customer_unknown"
    title = "No such customer"


class CustomerRequired(Invalid):
    """In the portal everything is some customer's."""

    code = "automation.customer_required"
    title = "Say for which customer"
