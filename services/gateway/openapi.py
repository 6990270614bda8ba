"""The public OpenAPI document: every service's public operations and the gateway's own, as one."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from common.web import SIGNED_IN
from gateway.routing import PREFIX, public_operations

_REFERENCE = "#/components/"
_PARAMETER = re.compile(r"\{(\w+)\}")

DESCRIPTION = """\
One clean source of truth for business customers, and the portal that they work in.

**Start**: `POST /sessions` with `username` and `password` gives an access token for `Authorization: Bearer …`; it lives
for five minutes, then `POST /sessions/refresh`. Programs use API tokens (`atr_…`) in the same header.

**Errors** are `application/problem+json` (RFC 9457): act on `code`, show `detail`, and find wrong fields in `errors`.
**Lists** take `limit` (1 to 200) and `cursor`, and answer `{"items": […], "next_cursor": …}`.
**Changes** of a thing need its `ETag` as `If-Match`; creations take an `Idempotency-Key`, which makes a retry safe.
A write answers with `Event-Id`; a read with `?after=<Event-Id>` sees that write. `X-Request-Id` names a request to us.
"""


class Merge:
    """Collects documents and gives one. The first document's name of a path parameter stands for the later ones'."""

    def __init__(self, version: str) -> None:
        self._document: dict[str, Any] = {
            "openapi": "3.1.0",
            "info": {"title": "Atrium", "version": version, "description": DESCRIPTION},
            "servers": [{"url": PREFIX}],
            "security": [{"bearer": []}],
            "tags": [],
            "paths": {},
            "components": {
                "securitySchemes": {
                    "bearer": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "an access token from `POST /sessions`, or an API token",
                    }
                }
            },
        }
        self._templates: dict[str, str] = {}

    def add(self, service: str, document: Mapping[str, Any]) -> None:
        """Adds the operations of a document that are marked `x-public`, and the components that those refer to."""
        operations = list(public_operations(document))
        names = self._names(service, document, [operation for _, _, operation in operations])
        tags: set[str] = set()
        for method, path, operation in operations:
            item = self._path(path, document["paths"][path])
            described = _renamed(self._with_known_parameters(path, operation), names)
            known = item.get(method.lower())
            item[method.lower()] = _shared(known, described) if known else described
            tags.update(operation.get("tags", ()))
        for (section, old), new in names.items():
            component = _renamed(document["components"][section][old], names)
            self._document["components"].setdefault(section, {})[new] = component
        self._document["tags"] += [tag for tag in document.get("tags", ()) if tag["name"] in tags]

    def document(self) -> bytes:
        """The merged document as JSON."""
        return orjson.dumps(self._document)

    def _path(self, path: str, item: Mapping[str, Any]) -> dict[str, Any]:
        template = _PARAMETER.sub("{}", path)
        known = self._templates.setdefault(template, path)
        found: dict[str, Any] = self._document["paths"].setdefault(known, {})
        if "parameters" in item and "parameters" not in found:
            found["parameters"] = item["parameters"]
        return found

    def _with_known_parameters(self, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
        known = self._templates[_PARAMETER.sub("{}", path)]
        renamed = dict(zip(_PARAMETER.findall(path), _PARAMETER.findall(known), strict=True))
        parameters = [
            {**parameter, "name": renamed[parameter["name"]]} if parameter.get("in") == "path" else parameter
            for parameter in operation.get("parameters", ())
        ]
        return {**operation, "parameters": parameters} if parameters else dict(operation)

    def _names(
        self, service: str, document: Mapping[str, Any], operations: list[dict[str, Any]]
    ) -> dict[tuple[str, str], str]:
        """The merged name of each component that the operations need: with the service's name in front where another
        service has a different component of that name."""
        components = document.get("components", {})
        needed: set[tuple[str, str]] = set()
        waiting: list[Any] = [operations, [document["paths"][path] for _, path, _ in public_operations(document)]]
        while waiting:
            for section, name in _references(waiting.pop()) - needed:
                needed.add((section, name))
                waiting.append(components[section][name])
        taken = self._document["components"]
        prefix = "".join(word.title() for word in service.split("-"))
        return {
            (section, name): name
            if taken.get(section, {}).get(name, components[section][name]) == components[section][name]
            else prefix + name
            for section, name in sorted(needed)
        }


def merged(version: str, documents: Iterable[tuple[str, Mapping[str, Any]]]) -> bytes:
    """The public document of (service, document) pairs, as JSON."""
    merge = Merge(version)
    for service, document in documents:
        merge.add(service, document)
    return merge.document()


def _shared(known: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """One operation of several services: what differs in contents is either the one or the other."""
    dispatch = dict(known["x-dispatch"])
    if "values" in dispatch:
        dispatch["values"] = [*dispatch["values"], *other["x-dispatch"]["values"]]
    permission = known["x-permission"] if known["x-permission"] == other["x-permission"] else SIGNED_IN
    shared = {**known, "x-dispatch": dispatch, "x-permission": permission}
    if "requestBody" in known:
        shared["requestBody"] = _either_content(known["requestBody"], other["requestBody"])
    shared["responses"] = {
        status: _either_content(response, other["responses"].get(status, response))
        for status, response in known["responses"].items()
    }
    return shared


def _either_content(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    content = dict(one.get("content", {}))
    for media, described in other.get("content", {}).items():
        known = content.get(media, described)
        content[media] = {**known, "schema": _either(known["schema"], described["schema"])}
    return {**one, "content": content} if content else dict(one)


def _either(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    known = one["anyOf"] if set(one) == {"anyOf"} else [one]
    return dict(one) if other in known else {"anyOf": [*known, other]}


def _references(node: Any) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(_REFERENCE):
            section, _, name = reference[len(_REFERENCE) :].partition("/")
            found.add((section, name))
        for value in node.values():
            found |= _references(value)
    elif isinstance(node, list):
        for value in node:
            found |= _references(value)
    return found


def _renamed(node: Any, names: Mapping[tuple[str, str], str]) -> Any:
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(_REFERENCE):
            section, _, name = reference[len(_REFERENCE) :].partition("/")
            return {**node, "$ref": f"{_REFERENCE}{section}/{names[section, name]}"}
        return {key: _renamed(value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [_renamed(value, names) for value in node]
    return node
