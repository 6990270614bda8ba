"""Answers that the edge gives itself: problem details (RFC 9457) as a WSGI status, headers and body."""

from http import HTTPStatus

import orjson

from common.errors import Refusal
from common.web.problems import STATUS

STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}

# Sent with every answer that says nothing else; `/api` is for programs, so a browser shows none of it as a page.
SECURITY = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)

Headers = list[tuple[str, str]]


def problem(refusal: Refusal, request_id: str) -> tuple[int, Headers, list[bytes]]:
    """(status, headers, body) of a refusal."""
    status = STATUS[refusal.kind]
    headers: Headers = []
    if status == HTTPStatus.UNAUTHORIZED:
        headers.append(("WWW-Authenticate", "Bearer"))
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append(("Allow", str(refusal.facts["allowed"])))
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        headers.append(("Retry-After", str(refusal.facts.get("retry_after", 1))))
    more: dict[str, object] = {**refusal.facts}
    if refusal.errors:
        more["errors"] = [
            {"pointer": error.pointer, "code": error.code, "detail": error.detail} for error in refusal.errors
        ]
    return _problem(status, headers, refusal.code, refusal.title, refusal.detail, request_id, more)


def failure(request_id: str) -> tuple[int, Headers, list[bytes]]:
    """(status, headers, body) of a failure of our own; it says nothing of the inside."""
    detail = "Something went wrong here; tell us the `instance` if it stays."
    return _problem(500, [], "internal_error", "Internal Server Error", detail, request_id, {})


def _problem(
    status: int, headers: Headers, code: str, title: str, detail: str, request_id: str, facts: dict[str, object]
) -> tuple[int, Headers, list[bytes]]:
    content = orjson.dumps(
        {
            "type": f"urn:atrium:problem:{code}",
            "title": title,
            "status": status,
            "code": code,
            "detail": detail,
            "instance": f"urn:atrium:request:{request_id}",
            **facts,
        }
    )
    headers += [("Content-Type", "application/problem+json"), ("Content-Length", str(len(content)))]
    return status, headers, [content]
