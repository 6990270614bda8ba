"""Every service looks the same from outside, and keeps to its own data."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from inventory import ROOT, Package, packages

SERVICES = packages()
WITH_DATABASE = [package for package in SERVICES if package.has_database]
ROOMS = {"README.md", "__init__.py", "__main__.py", "bootstrap.py", "settings.py", "requirements.lock", "tests"}
ROOMS_WITH_DATABASE = {"api", "schemas", "use_cases", "queries", "domain", "tables", "errors", "migrations"}
SUITES = {"unit", "api", "contract", "postgres"}
MECHANICS = {"outbox", "inbox", "held", "deliveries", "idempotency_keys", "alembic_version"}
HTTP_CLIENTS = {"requests", "urllib3", "httpx", "aiohttp", "http.client", "urllib.request"}
TABLE_IN_SQL = re.compile(r"\b(?:from|join|into|update|table|truncate)\s+(?:only\s+)?([a-z_][a-z0-9_]*)", re.IGNORECASE)

each_service = pytest.mark.parametrize("package", SERVICES, ids=lambda package: package.name)
each_with_database = pytest.mark.parametrize("package", WITH_DATABASE, ids=lambda package: package.name)


def sources(package: Package, *, migrations: bool = True) -> list[Path]:
    found = package.folder.rglob("*.py")
    return [path for path in found if "tests" not in path.parts and (migrations or "migrations" not in path.parts)]


def strings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def tables_of(package: Package) -> set[str]:
    return {
        name
        for module in package.room("tables")
        for metadata in vars(module).values()
        if isinstance(metadata, MetaData)
        for name in metadata.tables
    }


@each_service
def test_the_rooms_are_the_same_in_every_service(package: Package) -> None:
    there = {path.name.removesuffix(".py") if path.name[0] != "_" else path.name for path in package.folder.iterdir()}
    wanted = {name.removesuffix(".py") if name[0] != "_" else name for name in ROOMS}
    wanted |= ROOMS_WITH_DATABASE if package.has_database else set()
    assert wanted - there == set()


@each_with_database
def test_a_service_with_a_database_has_the_four_suites(package: Package) -> None:
    suites = {path.parent.name for path in (package.folder / "tests").glob("*/test_*.py")}
    assert SUITES - suites == set()


@each_service
def test_a_service_says_what_it_owns_and_what_it_never_does(package: Package) -> None:
    text = ast.get_docstring(ast.parse((package.folder / "__init__.py").read_text())) or ""
    says_no = re.search(r"\b(?:never|nothing|not?)\b", text, re.IGNORECASE)
    assert says_no, f"services/{package.module}/__init__.py: say what it owns, and what it never does"


@each_with_database
def test_sql_names_no_table_of_another_service(package: Package) -> None:
    others = set().union(*(tables_of(other) for other in WITH_DATABASE if other.module != package.module))
    foreign = others - tables_of(package) - MECHANICS
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources(package)
        for text in strings(path)
        for name in TABLE_IN_SQL.findall(text)
        if name.lower() in foreign
    }
    assert found == set(), "another service's facts arrive as events and live in replica tables"


@each_service
def test_no_service_knows_the_one_process_runner(package: Package) -> None:
    found = [path for path in sources(package) if re.search(r"\bembedded\b|pgserver", path.read_text())]
    assert found == [], "the first run swaps the database's address and the transport, and nothing else"


@each_service
def test_only_the_gateway_calls_http(package: Package) -> None:
    if package.name == "gateway":
        return
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources(package)
        for name in _imports(path)
        if name in HTTP_CLIENTS or name.split(".")[0] in HTTP_CLIENTS
    }
    assert found == set()


@each_service
def test_the_project_names_every_service(package: Package) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    assert package.module in extras
    assert f"services/{package.module}" in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert any(package.module in line for line in extras["demo"]), "the demo runs every service"


@each_service
def test_the_import_rules_name_every_service(package: Package) -> None:
    assert re.search(rf"^    {package.module}$", (ROOT / ".importlinter").read_text(), re.MULTILINE)


@each_with_database
def test_migrations_have_one_head_and_go_forward_only(package: Package) -> None:
    files = sorted((package.folder / "migrations" / "versions").glob("*.py"))
    revisions = {name: _assigned(path, "revision") for name, path in ((path.name, path) for path in files)}
    parents = [_assigned(path, "down_revision") for path in files]
    heads = set(revisions.values()) - set(parents)
    assert len(heads) == 1, f"heads: {heads}"
    assert parents.count(None) == 1, "one first migration"
    going_back = [path.name for path in files if "def downgrade" in path.read_text()]
    assert going_back == []


def _assigned(path: Path, name: str) -> str | None:
    for node in ast.parse(path.read_text()).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{path} does not set {name}")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
