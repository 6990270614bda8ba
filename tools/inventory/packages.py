"""One service as its own modules describe it; nothing is built and no server is needed."""

import ast
import base64
import dataclasses
import importlib
import inspect
import io
import pkgutil
import tokenize
import typing
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from common import errors
from common.errors import PreconditionRequired, Refusal, Stale
from common.service import Handler, Service
from common.settings import Settings
from common.web.documents import openapi_document
from common.web.routes import Operation, Routes
from inventory.repository import ROOT

_GIVEN = {PreconditionRequired, Stale}


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its default is None where it must be given."""

    name: str
    kind: str
    default: str | None
    meaning: str


@dataclasses.dataclass(frozen=True)
class Package:
    """A service's folder, and what its rooms declare."""

    folder: Path

    @property
    def module(self) -> str:
        """The package's name, as in `portal_settings`."""
        return self.folder.name

    @property
    def name(self) -> str:
        """The service's name, as in `portal-settings`."""
        return self.folder.name.replace("_", "-")

    @property
    def has_database(self) -> bool:
        return (self.folder / "migrations").is_dir()

    @cached_property
    def operations(self) -> list[Operation]:
        """Every HTTP operation, by path and method."""
        found = {id(routes): routes for module in self.room("api") for routes in _instances(module, Routes)}
        return sorted(
            (operation for routes in found.values() for operation in routes.operations),
            key=lambda operation: (operation.path, operation.method),
        )

    @cached_property
    def built(self) -> Service:
        """The service as its bootstrap builds it, with keys of the moment and connected to nothing."""
        return self.build()

    @cached_property
    def publishes(self) -> frozenset[str]:
        """The event types that it may publish."""
        return self.built.publishes

    @cached_property
    def handlers(self) -> Mapping[str, Handler]:
        """The function for each event type that it reads."""
        return self.built.handlers

    @cached_property
    def settings(self) -> list[Setting]:
        """Its environment variables: the common ones, then its own."""
        kind: type[Settings] = self.room("settings")[0].Settings
        comments = _comments(Settings) | _comments(kind)
        hints = typing.get_type_hints(kind)
        return [
            Setting(field.name.upper(), hints[field.name].__name__, _default(field), comments.get(field.name, ""))
            for field in dataclasses.fields(kind)
        ]

    @cached_property
    def refusals(self) -> list[type[Refusal]]:
        """Its errors with a code of their own, by code; one of two kinds is there twice."""
        found = [
            each
            for module in self.room("errors")
            for each in vars(module).values()
            if _is_own(each, Refusal, module) and "code" in vars(each)
        ]
        return sorted(found, key=lambda each: (each.code, each.kind))

    def build(self, **environment: str) -> Service:
        """The same, with more told by the environment."""
        settings = self.room("settings")[0].Settings.from_env(_made_up_environment() | environment)
        service: Service = self.room("bootstrap")[0].build(settings)
        return service

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document of its application."""
        document: dict[str, Any] = orjson.loads(openapi_document(self.built.create_app()))
        return document

    def room(self, name: str) -> list[ModuleType]:
        """A room's modules: one file, or a package with all in it; none where the service has no such room."""
        if not (self.folder / f"{name}.py").exists() and not (self.folder / name / "__init__.py").exists():
            return []
        return list(_with_submodules(importlib.import_module(f"{self.module}.{name}")))


def shared_refusals() -> list[type[Refusal]]:
    """The errors that every service has from `common`, by code; the kinds that services make theirs of only where they
    are given as they are."""
    for package in packages():
        assert package.built, "what `common` declares is imported by then"
    found = [kind for kind in _below(Refusal) if kind.__module__.startswith("common.")]
    given = [kind for kind in found if kind.__module__ != errors.__name__ or kind in _GIVEN]
    return sorted(given, key=lambda each: each.code)


def packages() -> list[Package]:
    """Every service, by name."""
    return [Package(path.parent) for path in sorted((ROOT / "services").glob("*/__main__.py"))]


def _below(base: type[Refusal]) -> Iterator[type[Refusal]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _below(kind)


def _with_submodules(module: ModuleType) -> Iterator[ModuleType]:
    yield module
    for found in pkgutil.walk_packages(getattr(module, "__path__", []), f"{module.__name__}."):
        yield importlib.import_module(found.name)


def _instances(module: ModuleType, kind: type[Routes]) -> list[Routes]:
    return [each for each in vars(module).values() if isinstance(each, kind)]


def _is_own(each: object, base: type, module: ModuleType) -> bool:
    return inspect.isclass(each) and issubclass(each, base) and each.__module__ == module.__name__


@cache
def _made_up_environment() -> dict[str, str]:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "IDENTITY_PRIVATE_KEY": private.decode(),
        "IDENTITY_PUBLIC_KEY": public.decode(),
        "IDENTITY_SECRET_KEY": base64.b64encode(bytes(32)).decode(),
    }


def _default(field: "dataclasses.Field[Any]") -> str | None:
    if field.default is not dataclasses.MISSING:
        value = field.default
    elif field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
    else:
        return None
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        return str(value.relative_to(ROOT))
    if isinstance(value, (set, frozenset)):
        return " ".join(sorted(value))
    return " ".join(f"{name}={item}" for name, item in value.items()) if isinstance(value, dict) else str(value)


def _comments(kind: type) -> dict[str, str]:
    """The remark that stands beside each field."""
    source = inspect.getsource(kind)
    remarks = {
        token.start[0]: token.string.removeprefix("#").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and not token.string.startswith(("# noqa", "# type:"))
    }
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            found[node.target.id] = " ".join(remarks[line] for line in lines if line in remarks)
    return found
