"""Why this service refuses, each reason with a stable code."""

from common.errors import Conflict, Invalid, NotFound, Stale


class CustomerUnknown(NotFound):
    """There is no such customer, or the caller may not know of it."""

    code = "customer.not_found"  # as everywhere, so that who may not know of it learns nothing
    title = "No such customer"


class SectionNotFound(NotFound):
    """Billing is off for the customer, so that its portal has no such section."""

    code = "billing.section_not_found"
    title = "Not found"


class BillingDisabled(Conflict):
    """Nothing is decided about parked charges while billing is off."""

    code = "billing.billing_disabled"
    title = "Billing is off for this customer"


class NothingParked(Conflict):
    """No charge is parked that the decision would be about."""

    code = "billing.nothing_parked"
    title = "Nothing is parked"


class DecisionUnsuitable(Invalid):
    """The parts of a decision do not fit each other."""

    code = "billing.decision_unsuitable"
    title = "The decision does not fit"


class Changed(Stale):
    """The customer's charges have changed since they were read."""

    code = "billing.stale"
