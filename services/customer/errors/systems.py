"""Why installed systems and their secrets are refused."""

from common.errors import Conflict, Invalid, NotFound, TooMany, Unavailable


class SystemTypeNotFound(NotFound):
    """There is no such system type."""

    code = "customer.system_type_not_found"
    title = "No such system type"


class SystemTypeUnknown(Invalid):
    """The system type that is named does not exist or is archived."""

    code = "customer.system_type_unknown"
    title = "No such system type"


class SystemTypeNameTaken(Conflict):
    """Another system type has this name."""

    code = "customer.system_type_name_taken"
    title = "The name is taken"


class SystemNotFound(NotFound):
    """The customer has no such system."""

    code = "customer.system_not_found"
    title = "No such system"


class SecretNotFound(NotFound):
    """The type of the system has no such secret field, or nothing is stored in it."""

    code = "customer.secret_not_found"
    title = "No such secret"


class SecretInvalid(Invalid):
    """The secret does not fit its field."""

    code = "customer.secret_invalid"
    title = "The secret is not right"


class RevealedTooOften(TooMany):
    """The account has revealed as many secrets as it may within an hour."""

    code = "customer.secret_reveal_limit"
    title = "Too many secrets revealed"


class SecretsUnavailable(Unavailable):
    """This installation has no key to seal secrets with, or not the one that this secret was sealed with."""

    code = "customer.secrets_unavailable"
    title = "Stored logins cannot be used"
