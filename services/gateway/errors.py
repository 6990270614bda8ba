"""What the gateway itself refuses, each with a stable code."""

from common.errors import Invalid, Malformed, NotFound, Refusal, TooMany, Unauthenticated, Unavailable


class NoSuchPath(NotFound):
    """No public operation has this path."""

    code = "gateway.no_such_path"


class NoSuchAccount(NotFound):
    """There is no such account."""

    code = "gateway.no_such_account"


class NoSuchExport(NotFound):
    """There is no such privacy request, or it is none to give out data."""

    code = "gateway.no_such_export"


class MethodNotAllowed(Refusal):
    """The path exists, with other methods (405); the fact `allowed` names them."""

    kind = "method_not_allowed"
    code = "gateway.method_not_allowed"
    title = "This path does not have that method"


class BadHost(Malformed):
    """The request names a host that this gateway does not serve."""

    code = "gateway.unknown_host"


class BadRequestHead(Malformed):
    """The path or a header cannot be passed on."""

    code = "gateway.malformed_request"


class BodyTooLarge(Refusal):
    """The body is larger than the route takes (413)."""

    kind = "too_large"
    code = "gateway.body_too_large"
    title = "The body is too large"


class LengthRequired(Refusal):
    """A streamed upload must say its length first (411)."""

    kind = "length_required"
    code = "gateway.length_required"
    title = "Say how long the body is"


class HeadTooLarge(Refusal):
    """The headers are larger than the gateway takes (431)."""

    kind = "head_too_large"
    code = "gateway.headers_too_large"
    title = "The headers are too large"


class FieldMissing(Invalid):
    """Several services have this operation, and the field that tells them apart is missing or comes after a file
    (422)."""

    code = "gateway.field_missing"
    title = "Say first what it is about"


class ValueUnknown(Invalid):
    """No service has this operation for that value (422)."""

    code = "gateway.value_unknown"
    title = "There is nothing of that kind"


class SessionRevoked(Unauthenticated):
    """The session was ended; its access token has not expired yet."""

    code = "gateway.session_revoked"
    title = "The session has ended"


class AccountGone(Unauthenticated):
    """The account behind a token that still lives has been removed."""

    code = "gateway.account_gone"
    title = "The account does not exist any more"


class SessionsUnknown(Unavailable):
    """Identity has been silent for too long to tell which sessions still stand; reads go on, writes wait."""

    code = "gateway.sessions_unknown"


class ServiceUnavailable(Unavailable):
    """A service does not answer; the fact `service` names it."""

    code = "gateway.service_unavailable"
    title = "A part of the system does not answer"


class ServiceTimedOut(Unavailable):
    """A service did not answer inside the deadline (504); the fact `service` names it."""

    kind = "timed_out"
    code = "gateway.service_timed_out"
    title = "A part of the system did not answer in time"


class RateLimited(TooMany):
    """More requests than this account or address may send; the fact `retry_after` says how long to wait."""

    code = "gateway.rate_limited"


class StreamFull(Unavailable):
    """This process serves as many live connections as it takes."""

    code = "gateway.stream_full"
