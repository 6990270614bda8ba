"""Why a customer that sells is refused."""

from common.errors import Conflict, Forbidden, NotFound


class ProviderDecides(Forbidden):
    """The provider decides this about what a customer sells."""

    code = "ordering.provider_decides"
    title = "Only the provider decides this"


class SaleNotFound(NotFound):
    """Nobody ordered that, or not of the caller."""

    code = "ordering.sale_not_found"
    title = "No such sale"


class SaleDecided(Conflict):
    """The seller has decided, or the order is not at its gate."""

    code = "ordering.sale_decided"
    title = "There is nothing to decide"


class SellerUndecided(Conflict):
    """A customer that sells something of the order has not said yes."""

    code = "ordering.seller_undecided"
    title = "A seller has not confirmed yet"
