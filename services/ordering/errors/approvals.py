"""Why approval rules, decisions and delegations are refused."""

from common.errors import Conflict, Forbidden, Invalid, NotFound, Stale


class RuleNotFound(NotFound):
    """There is no such approval rule for the caller."""

    code = "ordering.approval_rule_not_found"
    title = "No such approval rule"


class RuleUnsuitable(Invalid):
    """The parts of an approval rule do not fit each other."""

    code = "ordering.approval_rule_unsuitable"
    title = "The approval rule does not fit"


class ApprovalNotFound(NotFound):
    """There is no such approval for the caller."""

    code = "ordering.approval_not_found"
    title = "No such approval"


class ApprovalChanged(Stale):
    """Somebody else decided since the approval was read."""

    code = "ordering.approval_changed"


class ApprovalEnded(Conflict):
    """The approval has been decided, cancelled or superseded."""

    code = "ordering.approval_ended"
    title = "The approval has ended"


class SelfApproval(Forbidden):
    """Who asked for the order cannot approve it, not for somebody else either."""

    code = "ordering.self_approval"
    title = "Nobody approves an order of their own"


class NotAnApprover(Forbidden):
    """The caller is none of those who may decide now."""

    code = "ordering.not_an_approver"
    title = "Somebody else decides"


class ReasonNeeded(Invalid):
    """A rejection says why."""

    code = "ordering.reason_needed"
    title = "Say why"


class DelegationNotFound(NotFound):
    """There is no such delegation for the caller."""

    code = "ordering.delegation_not_found"
    title = "No such delegation"


class DelegationUnsuitable(Invalid):
    """The delegation has no length, is too long, or leads to nobody."""

    code = "ordering.delegation_unsuitable"
    title = "The delegation does not fit"
