"""Why price lists and prices are refused."""

from common.errors import Conflict, Invalid, NotFound


class PriceListNotFound(NotFound):
    """There is no such price list."""

    code = "ordering.price_list_not_found"
    title = "No such price list"


class PriceListTaken(Conflict):
    """Another price list has this code."""

    code = "ordering.price_list_taken"
    title = "The code is taken"


class PriceListUnsuitable(Invalid):
    """The fields of a price list do not fit each other."""

    code = "ordering.price_list_unsuitable"
    title = "The price list does not fit"


class PricesUnsuitable(Invalid):
    """Prices name no listing that there is, or the same break twice."""

    code = "ordering.prices_unsuitable"
    title = "The prices do not fit"
