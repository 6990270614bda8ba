"""One service as its own modules describe it; nothing is built and no server is needed."""

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from common.errors import Refusal
from common.settings import Settings
from common.web.routes import Operation, Routes
from inventory.repository import ROOT


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
    def publishes(self) -> frozenset[str]:
        """The event types that it declares in `events.PUBLISHES`."""
        return frozenset().union(*(getattr(module, "PUBLISHES", ()) for module in self.room("events")))

    @cached_property
    def handlers(self) -> Mapping[str, Any]:
        """The event types that it handles: `consumers.HANDLERS`."""
        modules = self.room("consumers")
        return dict(modules[0].HANDLERS) if modules else {}

    @cached_property
    def settings(self) -> list[Setting]:
        """Its environment variables: the common ones, then its own."""
        modules = self.room("settings")
        own = [each for module in modules for each in vars(module).values() if _is_own(each, Settings, module)]
        kind = own[0] if own else Settings
        comments = _comments(Settings) | _comments(kind)
        hints = typing.get_type_hints(kind)
        return [
            Setting(field.name.upper(), hints[field.name].__name__, _default(field), comments.get(field.name, ""))
            for field in dataclasses.fields(kind)
        ]

    @cached_property
    def refusals(self) -> list[type[Refusal]]:
        """Its errors with a code of their own, by code."""
        found = {
            each.code: each
            for module in self.room("errors")
            for each in vars(module).values()
            if _is_own(each, Refusal, module) and "code" in vars(each)
        }
        return [found[code] for code in sorted(found)]

    def room(self, name: str) -> list[ModuleType]:
        """A room's modules: one file, or a package with all in it; none where the service has no such room."""
        if not (self.folder / f"{name}.py").exists() and not (self.folder / name / "__init__.py").exists():
            return []
        return list(_with_submodules(importlib.import_module(f"{self.module}.{name}")))


def packages() -> list[Package]:
    """Every service, by name."""
    return [Package(path.parent) for path in sorted((ROOT / "services").glob("*/__main__.py"))]


def _with_submodules(module: ModuleType) -> Iterator[ModuleType]:
    yield module
    for found in pkgutil.walk_packages(getattr(module, "__path__", []), f"{module.__name__}."):
        yield importlib.import_module(found.name)


def _instances(module: ModuleType, kind: type[Routes]) -> list[Routes]:
    return [each for each in vars(module).values() if isinstance(each, kind)]


def _is_own(each: object, base: type, module: ModuleType) -> bool:
    return inspect.isclass(each) and issubclass(each, base) and each.__module__ == module.__name__


def _default(field: "dataclasses.Field[Any]") -> str | None:
    if field.default is not dataclasses.MISSING:
        value = field.default
    elif field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
    else:
        return None
    # A path inside the repository is told from the repository's root.
    return str(value.relative_to(ROOT)) if isinstance(value, Path) and value.is_relative_to(ROOT) else str(value)


def _comments(kind: type) -> dict[str, str]:
    """The remark that stands behind each field."""
    lines, _ = inspect.getsourcelines(kind)
    tree = ast.parse("".join(lines))
    fields = (node for node in ast.walk(tree) if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name))
    found = {}
    for node in fields:
        _, mark, remark = lines[(node.end_lineno or 1) - 1].partition("  # ")
        if mark and not remark.startswith(("noqa", "type:")):
            found[typing.cast("ast.Name", node.target).id] = remark.strip()
    return found
