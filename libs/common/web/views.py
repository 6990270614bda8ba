"""One operation as a Flask view: permission, parsing, one transaction, idempotency, versions, the answer."""

import hashlib
import re
import time
from collections.abc import Callable
from typing import Any

import orjson
from flask import Response, g, request
from flask.typing import ResponseReturnValue
from opentelemetry.trace import SpanKind
from sqlalchemy.orm import Session

from common import idempotency
from common.context import Context, context_for
from common.errors import PreconditionRequired, Stale, Unavailable
from common.ids import is_id
from common.outbox import last_event_id
from common.service import Service
from common.storage.spool import Spooled
from common.tokens import Principal, Verifier
from common.tracing import span
from common.web import uploads
from common.web.access import authorise
from common.web.call import Answer, Call, Page
from common.web.parsing import deadline_passed
from common.web.routes import Operation

_ETAG = re.compile(r'^(?:W/)?"v(\d{1,18})"$')
_KEPT_HEADERS = ("ETag", "Location", "Event-Id", "Content-Type")


class DeadlinePassed(Unavailable):
    """The caller no longer waits for the answer."""

    code = "deadline_passed"
    title = "Too late"


def build(operation: Operation, service: Service) -> Callable[..., ResponseReturnValue]:
    """The innermost view of an operation: takes the parsed parts in the order body, query, form, then the path."""
    parts = [
        name for name in ("body", "query", "form") if getattr(operation, name) is not None or _paged(operation, name)
    ]
    out = operation.out() if operation.out else None

    def view(*parsed: dict[str, Any], **path: Any) -> ResponseReturnValue:
        call: Call = g.call
        for name, value in zip(parts, parsed, strict=True):
            setattr(call, name, value)
        if operation.form:
            call.files = request.files
        if operation.before:
            call.prepared = operation.before(call, **path)
        if not operation.transaction:
            return _respond(operation, out, operation.view(call, **path), None)
        return service.db.run(
            lambda session: _in_transaction(operation, out, call, path, session), call.scope, call.context
        )

    view.__name__ = operation.name
    view.__doc__ = operation.view.__doc__
    return view


def guard(
    operation: Operation, service: Service, verifier: Verifier, deps: Any, view: Callable[..., ResponseReturnValue]
) -> Callable[..., ResponseReturnValue]:
    """The outermost layer: nothing of the content is read before the caller is known and permitted."""

    name = f"{operation.method} {operation.path}"

    def guarded(**path: Any) -> ResponseReturnValue:
        path = {part: str(value) for part, value in path.items()}
        if deadline_passed(time.time()):
            raise DeadlinePassed("The deadline of this request has passed; send it again.")
        with span(name, SpanKind.SERVER, request.headers.get("traceparent", "")) as traceparent:
            principal = authorise(operation, path, verifier)
            g.call = Call(
                service=service,
                deps=deps,
                caller=principal,
                context=_context(principal, traceparent),
                path=request.path,
                client=request.headers.get("X-Client-Address") or request.remote_addr or "",
                version=_if_match() if operation.versioned else 0,
            )
            if operation.spool:
                uploads.receive(operation.spool(deps))
            return view(**path)

    guarded.__dict__.update(view.__dict__)
    guarded.__name__ = operation.name
    guarded.__doc__ = operation.view.__doc__
    return guarded


def _paged(operation: Operation, name: str) -> bool:
    return name == "query" and operation.paged


def _context(principal: Principal | None, traceparent: str) -> Context:
    if principal is None:
        return context_for("system:anonymous", "", correlation_id=g.request_id, traceparent=traceparent)
    return context_for(principal.actor, principal.label, correlation_id=g.request_id, traceparent=traceparent)


def _if_match() -> int:
    header = request.headers.get("If-Match")
    if header is None:
        raise PreconditionRequired(
            "Send the `ETag` that you read as `If-Match`, so that nobody's change is overwritten unseen."
        )
    match = _ETAG.match(header.strip())
    if not match:
        raise Stale("If-Match names no version of this thing; read it again and send its `ETag`.")
    return int(match.group(1))


def _in_transaction(
    operation: Operation, out: Any, call: Call, path: dict[str, Any], session: Session
) -> ResponseReturnValue:
    call.current_session = session
    claim = None
    key = request.headers.get("Idempotency-Key")
    if key is not None and operation.method == "POST" and not operation.secret:
        claim = idempotency.claim_of(
            key, actor=call.context.actor, method="POST", path=request.path, content=_fingerprint(operation)
        )
        earlier = idempotency.take(session, claim)
        if earlier:
            headers = {**earlier.headers, "Idempotent-Replayed": "true"}
            return Response(earlier.body, status=earlier.status, headers=headers)
    response = _respond(operation, out, operation.view(call, **path), session)
    if claim:
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        body = response.get_data(as_text=True)
        idempotency.store(session, claim, idempotency.Reply(response.status_code, headers, body))
    return response


def _fingerprint(operation: Operation) -> bytes:
    if not operation.form:
        return request.get_data()
    # A form's boundary differs between retries; its fields and files do not.
    files = [(name, file.filename or "", _digest(file.stream)) for name, file in request.files.items()]
    # What the address says belongs to a form as its fields do.
    fields = [*request.form.items(), *request.args.items()]
    return orjson.dumps([sorted(fields), sorted(files)])


def _digest(stream: Any) -> str:
    if isinstance(stream, Spooled):
        return stream.sha256
    digest = hashlib.file_digest(stream, "sha256").hexdigest()
    stream.seek(0)
    return digest


def _respond(operation: Operation, out: Any, result: Any, session: Session | None) -> Response:
    response = result if isinstance(result, Response) else _json(operation, out, result)
    event_id = last_event_id(session) if session is not None else None
    if event_id:
        response.headers["Event-Id"] = event_id
    if operation.secret:
        response.headers["Cache-Control"] = "no-store"
    elif operation.method == "GET":
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _json(operation: Operation, out: Any, result: Any) -> Response:
    answer = result if isinstance(result, Answer) else Answer(result)
    status = answer.status or operation.status
    if status == 204:
        return Response(status=204, headers=dict(answer.headers))
    body = answer.body
    headers = dict(answer.headers)
    version = body.get("version") if isinstance(body, dict) or hasattr(body, "keys") else None
    if version is not None:
        headers["ETag"] = f'"v{version}"'
        # An answer that may not be stored holds more than its version tells; it is never "not modified".
        storable = "no-store" not in headers.get("Cache-Control", "")
        if operation.method == "GET" and storable and headers["ETag"] in request.headers.get("If-None-Match", ""):
            return Response(status=304, headers=headers)
    if isinstance(body, Page):
        items = out.dump(body.items, many=True) if out else list(body.items)
        body = {"items": items, "next_cursor": body.next_cursor}
    elif out is not None:
        body = out.dump(body)
    if status == 201 and operation.method == "POST" and isinstance(body, dict) and is_id(body.get("id")):
        headers.setdefault("Location", f"{request.path}/{body['id']}")
    return Response(orjson.dumps(body, default=str), status=status, headers=headers, content_type="application/json")
