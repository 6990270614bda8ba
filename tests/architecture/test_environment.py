"""The first thing that a newcomer's machine runs says in a sentence what is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inventory import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with as much of the repository as making the environment needs, and programs of its own."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "tools" / "environment.py", tmp_path / "tools")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "requirements.lock").write_text("")
    return tmp_path


def program(project: Path, name: str, script: str) -> None:
    path = project / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def make_environment(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, project / "tools" / "environment.py", "requirements.lock"],
        env={"PATH": str(project / "bin"), "HOME": os.environ.get("HOME", "/")} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_is_named(project: Path) -> None:
    program(project, "python3", "echo 3 9")
    done = make_environment(project)
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed; found: python3 is 3.9." in done.stderr


def test_no_python_at_all_is_said(project: Path) -> None:
    assert "Python 3.11 or newer is needed." in make_environment(project).stderr


def test_a_python_that_was_asked_for_is_not_replaced_by_another(project: Path) -> None:
    program(project, "python3", "echo 3 12")
    program(project, "old", "echo 3 10")
    assert "found: old is 3.10" in make_environment(project, PYTHON="old").stderr


def test_a_python_without_venv_gets_advice_and_leaves_nothing_half_made(project: Path) -> None:
    program(project, "python3", '[ "$1" = -c ] && echo 3 12 && exit; echo ensurepip is not available; exit 1')
    done = make_environment(project)
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert not (project / ".venv").exists()


def test_uv_is_used_where_it_is_installed_and_only_when_something_changed(project: Path) -> None:
    python = project / ".venv" / "bin" / "python"
    log = project / "log"
    made = f'case "$*" in *venv*) /bin/mkdir -p {python.parent}; : > {python};; esac'
    program(project, "uv", f'echo "$@" >> {log}; {made}')
    program(project, "python3", "echo 3 12")
    assert make_environment(project).returncode == 0
    assert "--require-hashes -r requirements.lock" in log.read_text()
    log.unlink()
    assert make_environment(project).returncode == 0
    assert not log.exists(), "nothing changed"
    (project / "requirements.lock").write_text("# newer\n")
    make_environment(project)
    assert log.exists(), "the lock file changed"
