"""Why this service refuses, each reason with a stable code."""

from common.errors import Conflict, Invalid, NotFound, Stale, TooLarge


class CustomerNotFound(NotFound):
    """There is no such customer for the caller."""

    code = "customer.not_found"
    title = "No such customer"


class ContactNotFound(NotFound):
    """The customer has no such contact."""

    code = "customer.contact_not_found"
    title = "No such contact"


class AddressNotFound(NotFound):
    """The customer has no such address."""

    code = "customer.address_not_found"
    title = "No such address"


class GroupNotFound(NotFound):
    """There is no such customer group."""

    code = "customer.group_not_found"
    title = "No such customer group"


class ImportNotFound(NotFound):
    """There is no such import."""

    code = "customer.import_not_found"
    title = "No such import"


class Changed(Stale):
    """Somebody else changed the record since it was read."""

    code = "customer.stale"


class Archived(Conflict):
    """An archived customer is read-only."""

    code = "customer.archived"
    title = "The customer is archived"


class NotArchived(Conflict):
    """Only an archived customer can be deleted."""

    code = "customer.not_archived"
    title = "The customer is not archived"


class NumberTaken(Conflict):
    """The number belongs, or belonged, to another customer."""

    code = "customer.number_taken"
    title = "The customer number is taken"


class NumberPattern(Invalid):
    """The number does not have the form that this installation asks for."""

    code = "customer.number_pattern"
    title = "The customer number has the wrong form"


class ExternalIdTaken(Conflict):
    """Another customer has this id in that system."""

    code = "customer.external_id_taken"
    title = "The external id is taken"


class Unsuitable(Invalid):
    """A field holds a value that the record cannot take."""

    code = "customer.field_invalid"
    title = "Some fields are not right"


class ParentNotFound(Invalid):
    """The head office that is named does not exist."""

    code = "customer.parent_not_found"
    title = "No such head office"


class ParentUnsuitable(Conflict):
    """A head office must be an active business."""

    code = "customer.parent_unsuitable"
    title = "This customer cannot be a head office"


class HierarchyCycle(Conflict):
    """The move would put a customer below itself."""

    code = "customer.hierarchy_cycle"
    title = "A customer cannot be below itself"


class HierarchyTooDeep(Conflict):
    """The move would make the tree deeper than allowed."""

    code = "customer.hierarchy_too_deep"
    title = "The hierarchy would be too deep"


class HasBranches(Conflict):
    """The customer has branches that need a decision first."""

    code = "customer.has_branches"
    title = "The customer has branches"


class KindFixed(Conflict):
    """The customer has what a person cannot have."""

    code = "customer.kind_fixed"
    title = "The kind cannot be changed now"


class PersonHasNoPrimary(Invalid):
    """Only a business has a primary contact."""

    code = "customer.person_has_no_primary_contact"
    title = "A person has no primary contact"


class GroupUnknown(Invalid):
    """The group that is named does not exist."""

    code = "customer.group_unknown"
    title = "No such customer group"


class GroupNameTaken(Conflict):
    """Another group has this name."""

    code = "customer.group_name_taken"
    title = "The name is taken"


class GroupHasMembers(Conflict):
    """A group with members cannot be deleted."""

    code = "customer.group_has_members"
    title = "The group has members"


class ImportOptions(Invalid):
    """The options of an import do not fit each other or the file."""

    code = "customer.import_options"
    title = "The import cannot start like this"


class ImportTooLarge(TooLarge):
    """The file is larger than this installation accepts."""

    code = "customer.import_too_large"
    title = "The file is too large"


class ImportUnfinished(Conflict):
    """The import has not finished."""

    code = "customer.import_unfinished"
    title = "The import has not finished"
