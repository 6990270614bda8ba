"""Why a person's data cannot be given out or erased."""

from common.errors import Conflict, Invalid, NotFound


class PrivacyRequestNotFound(NotFound):
    """There is no such request, or it has nothing to give out."""

    code = "customer.privacy_request_not_found"
    title = "No such privacy request"


class LegalHoldNotFound(NotFound):
    """The customer has no such legal hold."""

    code = "customer.legal_hold_not_found"
    title = "No such legal hold"


class UnderLegalHold(Conflict):
    """A legal hold keeps the customer's data; `holds` lists which."""

    code = "customer.under_legal_hold"
    title = "A legal hold keeps this data"


class ErasedAlready(Conflict):
    """This person was erased before; `request_id` names the receipt."""

    code = "customer.erased_already"
    title = "This person was erased already"


class NotAPerson(Invalid):
    """Only a customer that is a person can be the subject; of a business its contacts can."""

    code = "customer.not_a_person"
    title = "The customer is no person"
