"""Why stock is not changed."""

from common.errors import Conflict, Invalid, NotFound


class BalanceNotFound(NotFound):
    """There is no such stock, or the caller may not know of it."""

    code = "warehouse.stock_not_found"
    title = "No such stock"


class CurrencyDiffers(Conflict):
    """The cost of an article in a warehouse is kept in one currency."""

    code = "warehouse.currency_differs"
    title = "The cost is in another currency"


class NotEnoughOnHand(Conflict):
    """Less is on hand than is to be taken away."""

    code = "warehouse.not_on_hand"
    title = "So much is not on hand"


class MoneyUnsuitable(Invalid):
    """The amount does not fit its currency."""

    code = "warehouse.money_invalid"
    title = "The amount does not fit its currency"
