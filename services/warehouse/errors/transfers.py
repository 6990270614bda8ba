"""Why goods are not moved between warehouses, and why a customer gets no warehouse."""

from common.errors import Conflict, Invalid, NotFound


class TransferNotFound(NotFound):
    """There is no such transfer, or the caller may not know of it."""

    code = "warehouse.transfer_not_found"
    title = "No such transfer"


class TransferState(Conflict):
    """The transfer is past that step, or not there yet."""

    code = "warehouse.transfer_state"
    title = "Not in this state"


class TransferDecided(Conflict):
    """A customer takes back only what the provider has not decided about."""

    code = "warehouse.transfer_decided"
    title = "The provider has decided already"


class TransferWithin(Invalid):
    """Goods are moved between two warehouses."""

    code = "warehouse.transfer_within"
    title = "Both are the same warehouse"


class TransferBetweenCustomers(Invalid):
    """Goods do not go from one customer's warehouse into another customer's, nor to it what a third owns."""

    code = "warehouse.transfer_between_customers"
    title = "These goods do not go there"


class NotAvailable(Conflict):
    """Less is free there than is to be moved."""

    code = "warehouse.not_available"
    title = "So much is not free"


class TransferExceeded(Conflict):
    """More is counted in than is on its way."""

    code = "warehouse.transfer_exceeded"
    title = "More than is on its way"


class TransferLineUnknown(Invalid):
    """The transfer has no such line."""

    code = "warehouse.transfer_line_unknown"
    title = "No such line"


class ReasonNeeded(Invalid):
    """What is missing is written off for a reason only."""

    code = "warehouse.reason_needed"
    title = "Give the reason"


class CustomerUnknown(NotFound):
    """There is no such customer, or the caller may not know of it."""

    code = "customer.not_found"  # as everywhere, so that who may not know of it learns nothing
    title = "No such customer"


class NotChoosable(Conflict):
    """Only an empty warehouse of the provider, or the customer's own, becomes a customer's."""

    code = "warehouse.not_choosable"
    title = "This warehouse cannot become the customer's"
