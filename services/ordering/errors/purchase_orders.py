"""Why purchase order numbers are refused."""

from common.errors import Conflict, Invalid, NotFound


class PoRuleNotFound(NotFound):
    """There is no such rule for the caller."""

    code = "ordering.po_rule_not_found"
    title = "No such rule of purchase order numbers"


class PoRuleTaken(Conflict):
    """A customer has one rule."""

    code = "ordering.po_rule_taken"
    title = "The customer has a rule already"


class PoRuleUnsuitable(Invalid):
    """The rule says nothing."""

    code = "ordering.po_rule_unsuitable"
    title = "The rule does not fit"


class PurchaseOrderNotFound(NotFound):
    """There is no such purchase order for the caller."""

    code = "ordering.purchase_order_not_found"
    title = "No such purchase order"


class PurchaseOrderTaken(Conflict):
    """The customer has a purchase order of this number."""

    code = "ordering.purchase_order_taken"
    title = "The number is taken"


class PurchaseOrderUnsuitable(Invalid):
    """The parts of a purchase order do not fit each other."""

    code = "ordering.purchase_order_unsuitable"
    title = "The purchase order does not fit"


class PoNumberRequired(Invalid):
    """The company asks for a purchase order number."""

    code = "ordering.po_number_required"
    title = "A purchase order number is needed"


class PoNumberUnsuitable(Invalid):
    """The number does not look as the company's numbers do."""

    code = "ordering.po_number_unsuitable"
    title = "The purchase order number does not fit"


class PoNumberUsed(Invalid):
    """Another order of the company has this number."""

    code = "ordering.po_number_used"
    title = "The purchase order number is used"


class PoNotValid(Invalid):
    """The purchase order is closed, or not valid today."""

    code = "ordering.po_not_valid"
    title = "The purchase order cannot be drawn today"


class PoBudgetExceeded(Invalid):
    """The purchase order has not so much left."""

    code = "ordering.po_budget_exceeded"
    title = "The purchase order is used up"
