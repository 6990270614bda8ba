"""The contracts as they were where this branch left the main one."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inventory.repository import ROOT


@dataclass(frozen=True, slots=True)
class Base:
    """A commit, and the JSON files below `contracts/events` in it by path."""

    commit: str
    files: Mapping[str, Any]


def base() -> Base | None:
    """The merge base with the main branch, on the main branch its parent; None where there is nothing before."""
    commit = _commit()
    if commit is None:
        return None
    names = _git("ls-tree", "-r", "--name-only", commit, "contracts/events").split()
    wanted = [name for name in names if name.endswith(".json")]
    return Base(commit, dict(zip(wanted, map(json.loads, _contents(commit, wanted)), strict=True)))


def _commit() -> str | None:
    head = _git("rev-parse", "--verify", "--quiet", "HEAD")
    for candidate in filter(None, (os.environ.get("CONTRACTS_BASE"), "origin/main", "main")):
        found = _git("merge-base", "HEAD", candidate)
        if found and found != head:
            return found
    return _git("rev-parse", "--verify", "--quiet", "HEAD~1") or None


def _contents(commit: str, names: list[str]) -> list[str]:
    asked = "".join(f"{commit}:{name}\n" for name in names)
    output = subprocess.run(
        ["git", "cat-file", "--batch"], cwd=ROOT, input=asked.encode(), capture_output=True, check=True
    ).stdout
    found = []
    while output:
        header, _, output = output.partition(b"\n")
        size = int(header.split()[-1])
        found.append(output[:size].decode())
        output = output[size + 1 :]
    return found


def _git(*arguments: str) -> str:
    """What git says, or nothing where it knows no such thing."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
