"""Why something cannot be done with a contract."""

from common.errors import Conflict, Invalid, NotFound


class ContractNotFound(NotFound):
    """There is no such contract for the caller."""

    code = "ordering.contract_not_found"
    title = "No such contract"


class ContractStatus(Conflict):
    """At its status the contract does not take this command."""

    code = "ordering.contract_status"
    title = "The contract is at another status"


class ContractNumberTaken(Conflict):
    """Another contract has this number."""

    code = "ordering.contract_number_taken"
    title = "The number is taken"


class ContractUnsuitable(Invalid):
    """The fields of a contract do not fit each other."""

    code = "ordering.contract_unsuitable"
    title = "The contract does not fit"


class NoticeTooShort(Invalid):
    """The contract cannot end that early."""

    code = "ordering.notice_too_short"
    title = "The notice is too short"
