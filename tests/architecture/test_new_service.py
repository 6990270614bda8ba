"""`make new-service` and `make new-event` yield what passes every check, tried in a copy of the repository."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory import ROOT, tracked_files

pytestmark = [pytest.mark.slow, pytest.mark.postgres]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory, postgres_admin_url: str) -> Iterator[Path]:
    """The repository with a service `goods-returns`, in a place of its own."""
    root = tmp_path_factory.mktemp("copy")
    for path in tracked_files():
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    for command in (["init", "--quiet"], ["add", "--all"], [*NOBODY, "commit", "--quiet", "--message", "All"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    run(root, "-m", "new_service", "goods-returns")
    run(root, "-m", "new_service.event", "goods-returns.parcel.received.v1")
    yield root
    shutil.rmtree(root)


NOBODY = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.test"]


def run(root: Path, *arguments: str) -> None:
    """Runs Python with the copy's packages before those of this repository."""
    folders = os.pathsep.join(str(root / name) for name in ("libs", "services", "tools"))
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=os.environ | {"PYTHONPATH": folders},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]


def test_its_own_tests_pass(copy: Path) -> None:
    run(copy, "-m", "pytest", "services/goods_returns")


def test_the_guards_of_the_repository_know_it(copy: Path) -> None:
    chosen = "goods and not parcel"  # nobody publishes that one yet
    run(copy, "-m", "pytest", "tests/architecture", "tests/contracts", "-m", "not slow", "-k", chosen)


def test_the_new_event_has_a_sound_folder(copy: Path) -> None:
    run(copy, "-m", "pytest", "tests/contracts", "-k", "parcel")


def test_format_layers_and_types_are_in_order(copy: Path) -> None:
    run(copy, "-m", "ruff", "check", "services/goods_returns")
    run(copy, "-m", "ruff", "format", "--check", "services/goods_returns")
    run(copy, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")
    run(copy, "-m", "mypy", "--no-incremental", "services/goods_returns")


def test_deployment_is_in_order(copy: Path) -> None:
    run(copy, "-m", "deployment")
