"""Why carts are refused."""

from common.errors import Invalid, NotFound


class CartNotFound(NotFound):
    """There is no such cart, or the caller may not know of it."""

    code = "ordering.cart_not_found"
    title = "No such cart"


class SavedListNotFound(NotFound):
    """There is no such list, or the caller may not know of it."""

    code = "ordering.saved_list_not_found"
    title = "No such list"


class CartLineNotFound(NotFound):
    """The cart or list holds no such listing."""

    code = "ordering.cart_line_not_found"
    title = "No such line"


class CartFull(Invalid):
    """A cart or list holds so many different listings and no more."""

    code = "ordering.cart_full"
    title = "No more fits in"
