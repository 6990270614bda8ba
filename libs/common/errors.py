"""The kinds of refusal that a use case can give; standard library only, so that a domain may raise them.

A service subclasses one of these per reason, each with a stable `code` (`<service>.<reason>`) and a sentence that says
what to do next. `common.web` turns the kind into a status of RFC 9457 problem details.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: a JSON pointer (RFC 6901) into the body, and what is wrong with it."""

    pointer: str
    detail: str
    code: str = "invalid"


class Refusal(Exception):
    """A request that was understood and is refused. Raised by domain rules and use cases, never caught by them."""

    kind: ClassVar[str] = "invalid"
    code: ClassVar[str] = "invalid"
    title: ClassVar[str] = "The request was refused"

    def __init__(
        self, detail: str, *, errors: Sequence[FieldError] = (), facts: Mapping[str, Any] | None = None
    ) -> None:
        """Takes the sentence for the person, the wrong fields, and facts that a program may act on (JSON values)."""
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.facts = dict(facts or {})


class Invalid(Refusal):
    """The content breaks a rule (422)."""

    code = "invalid"
    title = "The content breaks a rule"


class Malformed(Refusal):
    """The request cannot be read (400)."""

    kind = "malformed"
    code = "malformed"
    title = "The request cannot be read"


class Unauthenticated(Refusal):
    """Nobody, or nobody any more, stands behind the request (401)."""

    kind = "unauthenticated"
    code = "unauthenticated"
    title = "Sign in first"


class Forbidden(Refusal):
    """The caller is known and may not do this (403)."""

    kind = "forbidden"
    code = "forbidden"
    title = "Not permitted"


class NotFound(Refusal):
    """There is no such thing, or the caller may not know of it (404)."""

    kind = "not_found"
    code = "not_found"
    title = "Not found"


class Conflict(Refusal):
    """The state of the thing does not allow it (409)."""

    kind = "conflict"
    code = "conflict"
    title = "The present state does not allow this"


class Stale(Refusal):
    """Somebody else changed the thing since it was read (412)."""

    kind = "stale"
    code = "stale"
    title = "Changed by somebody else in the meantime"


class TooLarge(Refusal):
    """More content than is accepted here (413)."""

    kind = "too_large"
    code = "too_large"
    title = "Too large"


class PreconditionRequired(Refusal):
    """The caller must say which version it changes (428)."""

    kind = "precondition_required"
    code = "if_match_required"
    title = "Say which version you change"


class TooMany(Refusal):
    """Too often, or too much at once (429)."""

    kind = "too_many"
    code = "rate_limited"
    title = "Too many requests"


class Unavailable(Refusal):
    """A part that is needed does not answer; trying again later helps (503)."""

    kind = "unavailable"
    code = "unavailable"
    title = "For the moment not available"
