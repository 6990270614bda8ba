"""Contents out: whole, or the one part that was asked for (RFC 9110, 14), in pieces."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

from flask import Response, request
from werkzeug.http import quote_etag

from common.web.problems import problem

Open = Callable[[int, int], Iterator[bytes]]


def attachment(name: str) -> str:
    """`Content-Disposition` that saves under a name of any letters (RFC 6266)."""
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\%' else "_" for letter in name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def asked_part(size: int, etag: str) -> tuple[int, int] | None:
    """(first byte, length) of what a GET asks for; None where no part of it exists. More than one range, another unit,
    a range that cannot be read, or one of another version (If-Range): the whole."""
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1 or not _is_same(etag):
        return 0, size
    found = wanted.range_for_length(size)
    return None if found is None else (found[0], found[1] - found[0])


def not_modified(etag: str) -> bool:
    """Whether the caller has this version already (If-None-Match)."""
    return request.if_none_match.contains_weak(etag)


def content(open_part: Open, *, size: int, etag: str, media_type: str, name: str) -> Response:
    """The answer to a GET of a content: 200, 206, 304 or 416. `open_part(start, length)` is called once, and only where
    there is something to send."""
    headers = {
        "ETag": quote_etag(etag),
        "Accept-Ranges": "bytes",
        "Content-Disposition": attachment(name),
        "Cache-Control": "private, no-cache",
        # Whatever it holds, no browser runs it as a page of ours.
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    if not_modified(etag):
        return Response(status=304, headers=headers)
    part = asked_part(size, etag)
    if part is None:
        refused = problem(416, "range_not_satisfiable", f"This has {size:,} bytes; ask for a part of them.")
        refused.headers["Content-Range"] = f"bytes */{size}"
        return refused
    start, length = part
    status = 206 if length < size else 200
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{size}"
    headers["Content-Length"] = str(length)
    response = Response(open_part(start, length), status=status, headers=headers)
    response.content_type = media_type
    return response


def _is_same(etag: str) -> bool:
    condition = request.if_range
    return condition.etag == etag if condition.etag is not None else condition.date is None
