"""Why listings and the rules of catalogues are refused."""

from common.errors import Conflict, Invalid, NotFound


class ListingNotFound(NotFound):
    """There is no such listing, or the caller may not know of it."""

    code = "ordering.listing_not_found"
    title = "No such listing"


class SkuTaken(Conflict):
    """Another listing has this SKU."""

    code = "ordering.sku_taken"
    title = "The SKU is taken"


class ListingUnsuitable(Invalid):
    """The fields of a listing do not fit each other."""

    code = "ordering.listing_unsuitable"
    title = "The listing does not fit"


class ListingStatusWrong(Conflict):
    """The listing is in a status that does not allow this."""

    code = "ordering.listing_status"
    title = "The listing's status does not allow this"


class CustomerNeeded(Invalid):
    """The caller buys for several customers and has to say for which."""

    code = "ordering.customer_needed"
    title = "Say for which customer"


class CatalogueRuleNotFound(NotFound):
    """There is no such rule."""

    code = "ordering.catalogue_rule_not_found"
    title = "No such rule"


class CatalogueRuleTaken(Conflict):
    """There is a rule for the same things and the same target."""

    code = "ordering.catalogue_rule_taken"
    title = "There is such a rule already"


class CatalogueRuleUnsuitable(Invalid):
    """A rule names exactly one of listing and category, and the target of its kind."""

    code = "ordering.catalogue_rule_unsuitable"
    title = "The rule does not fit"
