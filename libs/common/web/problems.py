"""Errors out: every refusal and failure as problem details (RFC 9457) with a stable code; never an HTML page."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, g
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from common.errors import Refusal

log = logging.getLogger(__name__)

STATUS = {
    "malformed": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "length_required": 411,
    "stale": 412,
    "too_large": 413,
    "media_type": 415,
    "invalid": 422,
    "precondition_required": 428,
    "too_many": 429,
    "head_too_large": 431,
    "unavailable": 503,
    "timed_out": 504,
}

HTTP = {
    400: ("malformed", "The request cannot be read."),
    404: ("route_not_found", "There is nothing at this address; /api/docs lists what there is."),
    405: ("method_not_allowed", "This address does not know that method; the header Allow lists those that it knows."),
    408: ("request_timeout", "The request took too long to arrive; send it again."),
    413: ("body_too_large", "The content is larger than this address accepts; send less at once."),
    414: ("address_too_long", "The address is too long; send the values in the body."),
    415: ("media_type_not_supported", "Send the content as application/json (or as the form that the docs show)."),
    431: ("headers_too_large", "The headers are too large."),
}

# PostgreSQL's classes of errors that are the moment's, not the request's.
_PASSING = {"08", "53", "57", "55", "40", "25"}


def install(app: Flask) -> None:
    """Registers the handlers."""
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeout, _busy)
    app.register_error_handler(Exception, _bug)


def problem(
    status: int, code: str, detail: str, *, title: str | None = None, facts: Mapping[str, Any] | None = None
) -> Response:
    """A problem+json response. `facts` are extension members; empty ones are left out, and none replaces a standard
    member of the same name."""
    facts = facts or {}
    body: dict[str, Any] = {
        "type": f"urn:atrium:problem:{code}",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "instance": f"urn:atrium:request:{g.get('request_id', '')}",
    }
    body = {name: value for name, value in facts.items() if value} | body
    response = Response(orjson.dumps(body), status=status, content_type="application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = _challenge(facts.get("max_age"))
    if status in {429, 503}:
        response.headers["Retry-After"] = str(facts.get("retry_after") or 1)
    return response


def _challenge(max_age: int | None) -> str:
    """RFC 6750, and RFC 9470 where the caller is known but signed in too long ago."""
    return f'Bearer error="insufficient_user_authentication", max_age="{max_age}"' if max_age else "Bearer"


def _refusal(error: Refusal) -> Response:
    pointers = [{"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in error.errors]
    facts = error.facts | {"errors": pointers}
    return problem(STATUS[error.kind], error.code, error.detail, title=error.title, facts=facts)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    code, detail = HTTP.get(status, ("http_error", error.description or HTTPStatus(status).phrase))
    response = problem(status, code, detail)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(allowed)
    return response


def _database(error: DBAPIError) -> Response:
    state = str(getattr(error.orig, "sqlstate", None) or "08000")
    if error.connection_invalidated or state[:2] in _PASSING:
        log.warning("database did not serve", extra={"sqlstate": state})
        return _unavailable()
    if state == "42501":  # row-level security: the row's customer is outside of the caller's scope
        log.warning("the database refused a row out of scope")
        return problem(404, "not_found", "There is no such customer.")
    if state[:2] == "22":  # data exception: a value that no column can hold
        return problem(422, "value_not_storable", "A value is outside of what can be stored; check numbers and dates.")
    return _bug(error)


def _busy(_error: PoolTimeout) -> Response:
    log.warning("no free database connection")
    return _unavailable()


def _unavailable() -> Response:
    return problem(503, "database_unavailable", "The data cannot be reached for the moment; try again in a second.")


def _bug(error: Exception) -> Response:
    log.exception("unexpected failure", exc_info=error)
    return problem(
        500, "internal_error", "Something went wrong here. Nothing was changed; tell us the `instance` if it stays."
    )
