"""Why roles of contacts, and who is the default for them, are refused."""

from common.errors import Conflict, Invalid, NotFound


class ContactRoleNotFound(NotFound):
    """There is no such role."""

    code = "customer.contact_role_not_found"
    title = "No such role"


class ContactRoleUnknown(Invalid):
    """A role that is named is not in the list."""

    code = "customer.contact_role_unknown"
    title = "No such role"


class ContactRoleTaken(Conflict):
    """Another role has this code."""

    code = "customer.contact_role_taken"
    title = "The code is taken"


class ContactRoleInUse(Conflict):
    """There are contacts with this role."""

    code = "customer.contact_role_in_use"
    title = "The role is in use"


class DefaultUnsuitable(Invalid):
    """Only who has a role can be its default, and only one contact."""

    code = "customer.default_unsuitable"
    title = "The contact cannot be the default for this"
