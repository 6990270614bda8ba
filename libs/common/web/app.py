"""A Flask application from a service's declared operations, the same for every service."""

import logging
import re
import time
from collections.abc import Sequence
from typing import Any

import orjson
from flask import Flask, Response, g, request
from flask.json.provider import JSONProvider
from flask_smorest import Api
from marshmallow import fields, validate

from common import metrics
from common.ids import new_id
from common.schemas import Schema, Text
from common.service import Service
from common.tokens import Verifier
from common.web import problems, uploads, views
from common.web.documents import describe, paged_schema, query_schema
from common.web.health import install as install_health
from common.web.parsing import Blueprint
from common.web.routes import Operation, Routes

access_log = logging.getLogger("atrium.access")

MAX_JSON = 10 * 1024 * 1024
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")


class Paging(Schema):
    """What every list takes."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200), metadata={"description": "rows a page"})
    cursor = Text(max=4000, metadata={"description": "`next_cursor` of the page before"})


def create_app(service: Service, routes: Routes | Sequence[Routes], verifier: Verifier, *, deps: Any = None) -> Flask:
    """Builds the application. Opens nothing: connections come with the first request."""
    app = Flask(service.name, static_folder=None)
    app.request_class = uploads.Request
    app.json = _Json(app)
    app.url_map.strict_slashes = False
    app.config.update(
        API_TITLE=f"Atrium {service.name}",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        MAX_CONTENT_LENGTH=MAX_JSON,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.extensions["atrium"] = service
    api = _Api(app)
    for group in [routes] if isinstance(routes, Routes) else routes:
        blueprint = Blueprint(group.tag, service.name, description=group.description)
        for operation in group.operations:
            _add(blueprint, operation, service, verifier, deps)
        api.register_blueprint(blueprint)
    install_health(app, service)
    problems.install(app)
    app.before_request(_start)
    app.after_request(_finish)
    return app


def operations_of(app: Flask) -> dict[str, Operation]:
    """Every declared operation of an application by its endpoint, for guard tests and tools."""
    found = {}
    for endpoint, view in app.view_functions.items():
        operation = getattr(view, "operation", None)
        if operation is not None:
            found[endpoint] = operation
    return found


class _Api(Api):  # type: ignore[misc,unused-ignore]
    """flask-smorest's documents without its error handlers: its answers are not problem+json."""

    def _register_error_handlers(self) -> None:
        return


class _Json(JSONProvider):
    def dumps(self, obj: Any, **_options: Any) -> str:
        return orjson.dumps(obj, default=str).decode()

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        return orjson.loads(s)


def _add(blueprint: Blueprint, operation: Operation, service: Service, verifier: Verifier, deps: Any) -> None:
    view = views.build(operation, service)
    # The outermost decorator is applied last and its value is passed first. Of a class, each request would make a new
    # instance, which copies every field.
    if operation.form:
        view = blueprint.arguments(operation.form(), location="form")(view)
    if operation.query or operation.paged:
        view = blueprint.arguments(query_schema(operation, Paging)(), location="query")(view)
    if operation.body:
        view = blueprint.arguments(operation.body(), location="json")(view)
    out = paged_schema(operation.out) if operation.paged and operation.out else operation.out
    view = blueprint.response(operation.status, out)(view)
    view = blueprint.doc(**describe(operation))(view)
    view = views.guard(operation, service, verifier, deps, view)
    view.operation = operation  # type: ignore[attr-defined]
    blueprint.route(operation.path, methods=[operation.method], endpoint=operation.name)(view)


def _start() -> None:
    g.started = time.perf_counter()
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.match(given) else new_id()


def _finish(response: Response) -> Response:
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    request_id = g.get("request_id", "")
    response.headers["X-Request-Id"] = request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    route = request.url_rule.rule if request.url_rule else "unknown"
    if not route.startswith(("/healthz", "/readyz", "/metrics")):
        metrics.observe_request(request.method, route, response.status_code, seconds)
        # The route, not the path: an address may hold what somebody searched for.
        access_log.info(
            "request",
            extra={
                "method": request.method,
                "route": route,
                "status": response.status_code,
                "ms": round(seconds * 1000, 1),
                "request_id": request_id,
            },
        )
    return response
