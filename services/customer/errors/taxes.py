"""Why tax ids and certificates are refused."""

from common.errors import Conflict, Invalid, NotFound


class TaxIdNotFound(NotFound):
    """The customer has no such tax id."""

    code = "customer.tax_id_not_found"
    title = "No such tax id"


class TaxSchemeUnknown(Invalid):
    """The country has no tax ids of this kind, as far as is known."""

    code = "customer.tax_scheme_unknown"
    title = "No such kind of tax id"


class TaxIdMalformed(Invalid):
    """The value cannot be a tax id of its kind."""

    code = "customer.tax_id_malformed"
    title = "This cannot be a tax id"


class DuplicateTaxId(Conflict):
    """Another customer has this tax id."""

    code = "customer.duplicate_tax_id"
    title = "The tax id belongs to another customer"


class ExemptionNotFound(NotFound):
    """The customer has no such certificate."""

    code = "customer.exemption_not_found"
    title = "No such certificate"


class ExemptionUnsuitable(Invalid):
    """The fields of a certificate do not fit each other."""

    code = "customer.exemption_unsuitable"
    title = "The certificate does not fit"
