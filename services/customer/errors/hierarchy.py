"""Why a place among head offices and branches is refused."""

from common.errors import Conflict


class NoGrandparent(Conflict):
    """There is no head office above, under which the branches could go."""

    code = "customer.no_grandparent"
    title = "There is no head office above"
