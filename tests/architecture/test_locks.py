"""The lock files hold what pyproject.toml asks for, with hashes and without an index's address."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from inventory import ROOT, packages

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
SERVICES = packages()
LOCKS = {"requirements.lock": ["dev"], "requirements-demo.lock": ["demo"]} | {
    f"services/{package.module}/requirements.lock": [package.module] for package in SERVICES
}


def asked_for(extras: list[str]) -> list[Requirement]:
    """What the project needs with these extras, those that they name in turn included."""
    found = [Requirement(text) for text in PROJECT["dependencies"]]
    for extra in extras:
        for requirement in map(Requirement, EXTRAS[extra]):
            found += asked_for(sorted(requirement.extras)) if requirement.name == PROJECT["name"] else [requirement]
    return found


def locked(path: Path) -> dict[str, str]:
    return {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", path.read_text(), re.MULTILINE)
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_what_is_asked_for(lock: str) -> None:
    versions = locked(ROOT / lock)
    missing = [
        str(wanted)
        for wanted in asked_for(LOCKS[lock])
        if not wanted.specifier.contains(versions.get(canonicalize_name(wanted.name), "0"), prereleases=True)
    ]
    assert missing == [], "make lock"


@pytest.mark.parametrize("lock", [*LOCKS, "requirements-build.lock"])
def test_a_lock_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "--index" not in text
    without = re.findall(r"^\S+==.*[^\\]$", text, re.MULTILINE)
    assert without == []


def test_every_lock_agrees_on_versions() -> None:
    all_versions = locked(ROOT / "requirements.lock")
    for lock in LOCKS:
        different = {name: version for name, version in locked(ROOT / lock).items() if all_versions[name] != version}
        assert different == {}, lock
