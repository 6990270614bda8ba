"""Which service answers a public path: a tree of path segments, built at start from the services' OpenAPI documents."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
PREFIX = "/api"


@dataclass(frozen=True, slots=True)
class Route:
    """One public operation. `path` is its template below `/api`; an `anonymous` one takes no token; an `upload` has a
    body that is streamed and may be large; `service` is empty where the gateway answers itself. A route that several
    services share says by its `dispatch` how the owner is found; `owners` are they, each with its values of the field
    that decides."""

    method: str
    path: str
    service: str
    anonymous: bool = False
    upload: bool = False
    dispatch: Mapping[str, Any] = field(default_factory=dict)
    owners: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def shared_with(self, other: "Route") -> "Route":
        """This route for the owners of both; raises RoutesClash unless both declare the same way to find theirs."""
        if not self.dispatch or _way(self.dispatch) != _way(other.dispatch):
            raise RoutesClash(f"{other.name}: claimed by {self.service} and by {other.service}")
        known = {value for _service, values in self.owners for value in values}
        twice = known & {value for _service, values in other.owners for value in values}
        if twice:
            raise RoutesClash(f"{other.name}: {', '.join(sorted(twice))} claimed by {other.service} and another one")
        return replace(self, owners=self.owners + other.owners)


class RoutesClash(ValueError):
    """Two services claim the same operation; the gateway does not start."""


class _Node:
    """One segment's place in the tree."""

    __slots__ = ("literal", "parameter", "routes")

    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.routes: dict[str, Route] = {}


class Router:
    """Finds the route of a method and path. A literal segment wins over a parameter, as in the services."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Raises RoutesClash where two routes are the same operation and do not share it."""
        self._root = _Node()
        for route in routes:
            node = self._root
            for segment in route.path.strip("/").split("/"):
                if segment.startswith("{"):
                    node.parameter = node.parameter or _Node()
                    node = node.parameter
                else:
                    node = node.literal.setdefault(segment, _Node())
            other = node.routes.get(route.method)
            node.routes[route.method] = other.shared_with(route) if other else route

    def match(self, method: str, path: str) -> tuple[Route | None, frozenset[str]]:
        """The route of a path below `/api`, and the methods that the path has at all (none: there is no such path)."""
        node = _find(self._root, path.strip("/").split("/"), 0)
        if node is None:
            return None, frozenset()
        return node.routes.get(method), frozenset(node.routes)


def _find(node: _Node, segments: list[str], depth: int) -> _Node | None:
    if depth == len(segments):
        return node if node.routes else None
    segment = segments[depth]
    literal = node.literal.get(segment)
    if literal is not None:
        found = _find(literal, segments, depth + 1)
        if found is not None:
            return found
    if node.parameter is not None and segment:
        return _find(node.parameter, segments, depth + 1)
    return None


def public_operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of each operation that a service's OpenAPI document marks `x-public`."""
    for path, item in document["paths"].items():
        for method in METHODS:
            operation = item.get(method)
            if operation and operation.get("x-public"):
                yield method.upper(), path, operation


def below_prefix(document: Mapping[str, Any]) -> dict[str, Any]:
    """The gateway's own document with its paths as they are below `/api`, like the services' ones."""
    return {**document, "paths": {path.removeprefix(PREFIX): item for path, item in document["paths"].items()}}


def routes_of(service: str, document: Mapping[str, Any]) -> Iterator[Route]:
    """The routes that a service's OpenAPI document makes public; the gateway's own have no service."""
    for method, path, operation in public_operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        dispatch = operation.get("x-dispatch", {})
        yield Route(
            method=method,
            path=path,
            service=service,
            anonymous=operation.get("security", document.get("security")) == [],
            upload="multipart/form-data" in content,
            dispatch=dispatch,
            owners=((service, tuple(dispatch.get("values", ()))),) if dispatch else (),
        )


def _way(dispatch: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in dispatch.items() if name != "values"}
