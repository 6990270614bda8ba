"""Every reason to refuse has a code of its own that programs can rely on, and is given by something."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from common.errors import Refusal
from common.web.problems import STATUS
from inventory import ROOT, Package, packages

SERVICES = packages()
# One code that every service gives, so that who may not know of a customer learns nothing.
EVERYWHERE = {"customer.not_found"}
_OF_ORDERS = {"automation", "billing", "ordering", "portal-settings", "warehouse"}
SHOWN = [package for package in SERVICES if package.name in _OF_ORDERS]

each_service = pytest.mark.parametrize("package", SERVICES, ids=lambda package: package.name)


@each_service
def test_a_code_names_its_service_and_one_reason(package: Package) -> None:
    codes = {each.code for each in package.refusals}
    wrong = {code for code in codes if not re.fullmatch(rf"{package.module}\.[a-z][a-z_]+", code)}
    assert wrong <= EVERYWHERE
    reasons = {(each.code, each.title) for each in package.refusals}
    answers = {(each.code, STATUS[each.kind]) for each in package.refusals}
    assert len(reasons) == len(codes), "one code, one reason"
    assert len(answers) == len(package.refusals), "a code that is declared twice differs in its status"
    assert all(each.__doc__ for each in package.refusals), "the tables of errors say when"


def test_no_two_services_have_a_code_in_common() -> None:
    owners = [(code, package.name) for package in SERVICES for code in {each.code for each in package.refusals}]
    shared = {code for code, _ in owners if [one for one, _ in owners].count(code) > 1}
    assert shared <= EVERYWHERE


@each_service
def test_reasons_stand_in_the_room_of_errors(package: Package) -> None:
    assert package.built, "all its modules are imported"
    rooms = (f"{package.module}.errors", f"{package.module}.tests")
    own = [each for each in _kinds(Refusal) if each.__module__.split(".")[0] == package.module]
    assert own
    assert [each for each in own if not each.__module__.startswith(rooms)] == []


@each_service
def test_something_gives_each_reason(package: Package) -> None:
    named = {name for path in _sources(package) for name in _read(path)}
    assert {each.__name__ for each in package.refusals} - named == set(), "nothing can give these"


@pytest.mark.parametrize("package", SHOWN, ids=lambda package: package.name)
def test_a_test_shows_each_code(package: Package) -> None:
    shown = {
        code
        for path in _tests(package)
        for text in _strings(path)
        for code in re.findall(r"[a-z_]+\.[a-z_]+(?![a-z_.])", text)
    }
    assert {each.code for each in package.refusals} - shown == set(), "no test asks for these"


def _kinds(base: type[Refusal]) -> Iterator[type[Refusal]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


def _sources(package: Package) -> list[Path]:
    outside = {"tests", "errors", "errors.py", "migrations"}
    return [path for path in package.folder.rglob("*.py") if not outside & set(path.parts)]


def _tests(package: Package) -> list[Path]:
    return [*package.folder.glob("tests/**/*.py"), *(ROOT / "tests" / "integration").rglob("*.py")]


def _read(path: Path) -> Iterator[str]:
    """Every name that a module uses, apart from its imports and words."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def _strings(path: Path) -> Iterator[str]:
    """Every string of a module but what documents it."""
    tree = _tree(path)
    words = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in words:
            yield node.value


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())
