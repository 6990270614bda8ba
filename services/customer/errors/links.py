"""Why links between customers, and their types, are refused."""

from common.errors import Conflict, Invalid, NotFound


class LinkNotFound(NotFound):
    """The customer has no such link."""

    code = "customer.link_not_found"
    title = "No such link"


class LinkExists(Conflict):
    """The two are linked like this already, at least for a part of the time."""

    code = "customer.link_exists"
    title = "They are linked already"


class SelfLink(Invalid):
    """A customer cannot be linked to itself."""

    code = "customer.self_link"
    title = "A customer cannot be linked to itself"


class LinkUnsuitable(Invalid):
    """The link does not fit its type, or its days do not fit each other."""

    code = "customer.link_unsuitable"
    title = "The link does not fit"


class LinkTypeNotFound(NotFound):
    """There is no such type of links."""

    code = "customer.link_type_not_found"
    title = "No such link type"


class LinkTypeUnknown(Invalid):
    """The type that is named does not exist."""

    code = "customer.link_type_unknown"
    title = "No such link type"


class LinkTypeTaken(Conflict):
    """Another link type has this code."""

    code = "customer.link_type_taken"
    title = "The code is taken"


class LinkTypeInUse(Conflict):
    """There are links of this type."""

    code = "customer.link_type_in_use"
    title = "The link type is in use"


class LinkTypeUneven(Invalid):
    """A symmetric type reads the same from both sides."""

    code = "customer.link_type_uneven"
    title = "The two sides must be the same"
