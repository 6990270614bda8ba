"""Why rules, tags, segments and saved filters are refused."""

from common.errors import Conflict, Forbidden, Invalid, NotFound


class RuleRefused(Invalid):
    """A rule cannot be read: `errors` names each place in it."""

    code = "customer.rule_invalid"
    title = "The rule cannot be read"


class TagNotFound(NotFound):
    """There is no such tag, or it was merged into another one."""

    code = "customer.tag_not_found"
    title = "No such tag"


class TagNameTaken(Conflict):
    """Another tag has this name."""

    code = "customer.tag_name_taken"
    title = "The tag's name is taken"


class TagUnknown(Invalid):
    """A tag that is named cannot be put on customers: it does not exist, or it is archived."""

    code = "customer.tag_unknown"
    title = "No such tag"


class TagInUse(Conflict):
    """Customers or segments have the tag."""

    code = "customer.tag_in_use"
    title = "The tag is in use"


class SegmentNotFound(NotFound):
    """There is no such segment."""

    code = "customer.segment_not_found"
    title = "No such segment"


class SegmentNameTaken(Conflict):
    """Another segment has this name."""

    code = "customer.segment_name_taken"
    title = "The segment's name is taken"


class SegmentInUse(Conflict):
    """The rules of other segments speak of this one."""

    code = "customer.segment_in_use"
    title = "Other segments need this one"


class SegmentCycle(Conflict):
    """The rule speaks, by way of others, of its own segment."""

    code = "customer.segment_cycle"
    title = "A segment cannot depend on itself"


class FilterNotFound(NotFound):
    """There is no such saved filter for the caller."""

    code = "customer.saved_filter_not_found"
    title = "No such saved filter"


class FilterNameTaken(Conflict):
    """The caller has another saved filter with this name."""

    code = "customer.saved_filter_name_taken"
    title = "The filter's name is taken"


class FilterNotYours(Forbidden):
    """Only its owner, or who manages segments where it is shared, changes a saved filter."""

    code = "customer.saved_filter_not_yours"
    title = "This is somebody else's filter"


class SharingForbidden(Forbidden):
    """Only who manages segments decides what filters others see."""

    code = "customer.saved_filter_sharing"
    title = "You cannot share filters"


class FilterHasNoRule(Conflict):
    """The filter is a query of the directory, which the directory answers."""

    code = "customer.saved_filter_has_no_rule"
    title = "The directory answers this filter"
