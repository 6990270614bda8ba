"""What an operation says about itself in OpenAPI 3.1, and the document of a whole service."""

import inspect
from functools import cache
from typing import Any

import orjson
from flask import Flask
from marshmallow import Schema as MarshmallowSchema
from marshmallow import fields

from common.web.routes import PUBLIC, Operation

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable; act on this one"},
        "detail": {"type": "string", "description": "for the person"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "RFC 6901 JSON pointer into the content"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def describe(operation: Operation) -> dict[str, Any]:
    """The OpenAPI members of an operation that its schemas do not already give."""
    text = inspect.getdoc(operation.view) or operation.name.replace("_", " ")
    summary, _, description = text.partition("\n")
    doc: dict[str, Any] = {
        "operationId": operation.name,
        "summary": summary.strip().rstrip("."),
        "x-public": operation.public,
        "x-permission": operation.permission,
        "x-portal": operation.portal,
        **({"x-fresh-authentication": operation.fresh} if operation.fresh else {}),
        "security": [] if operation.permission == PUBLIC else [{"bearer": []}],
        "responses": {
            "default": {
                "description": "Refused; see `code`",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        },
    }
    if operation.dispatch:
        doc["x-dispatch"] = operation.dispatch
    if operation.portal_permission:
        doc["x-portal-permission"] = operation.portal_permission
    if description.strip():
        doc["description"] = description.strip()
    parameters = _headers(operation)
    if parameters:
        doc["parameters"] = parameters
    if operation.form:
        doc["requestBody"] = _multipart()
    return doc | dict(operation.doc)


def openapi_document(app: Flask) -> bytes:
    """The OpenAPI document of an application as JSON, in a stable order."""
    spec = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    components = spec.setdefault("components", {})
    # flask-smorest describes its own error shape and paging, which we do not use.
    components.pop("responses", None)
    for unused in ("Error", "PaginationMetadata"):
        components.get("schemas", {}).pop(unused, None)
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for methods in spec["paths"].values():
        for operation in methods.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"] = {
                    status: response
                    for status, response in operation["responses"].items()
                    if "#/components/responses/" not in str(response.get("$ref", ""))
                }
    return orjson.dumps(spec, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS, default=str)


def query_schema(operation: Operation, paging: type[MarshmallowSchema]) -> type[MarshmallowSchema]:
    """An operation's query with `limit` and `cursor` where it is a list."""
    if not operation.paged:
        assert operation.query is not None
        return operation.query
    if operation.query is None:
        return paging
    return type(f"{operation.query.__name__}Page", (operation.query, paging), {})


@cache
def paged_schema(out: type[MarshmallowSchema]) -> type[MarshmallowSchema]:
    """The shape of a page of items; one class for each shape of item, so that documents name it once."""
    name = out.__name__
    return MarshmallowSchema.from_dict(
        {
            "items": fields.List(fields.Nested(out), required=True),
            "next_cursor": fields.String(allow_none=True, required=True),
        },
        name=f"{name}List",
    )


def _headers(operation: Operation) -> list[dict[str, Any]]:
    found = []
    if operation.versioned:
        found.append(_header("If-Match", "the `ETag` that you read", required=True, example='"v1"'))
    if operation.method == "POST" and not operation.secret:
        found.append(_header("Idempotency-Key", "makes a retry safe: the first answer comes again", required=False))
    return found


def _header(name: str, description: str, *, required: bool, example: str | None = None) -> dict[str, Any]:
    parameter: dict[str, Any] = {
        "in": "header",
        "name": name,
        "required": required,
        "description": description,
        "schema": {"type": "string"},
    }
    return parameter | ({"example": example} if example else {})


def _multipart() -> dict[str, Any]:
    return {
        "content": {
            "multipart/form-data": {
                "schema": {"properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
            }
        }
    }
