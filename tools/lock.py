"""Writes the lock files: exact versions with hashes for every platform, without the addresses of package indexes."""

import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = [
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--no-annotate",
]


def main() -> None:
    """Locks everything for development, the demo, and each service by itself."""
    uv = _uv()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    services = sorted(path.parent.name for path in (ROOT / "services").glob("*/__init__.py"))
    _compile(uv, "requirements.lock", ["pyproject.toml", "--extra=dev"])
    # One resolution for all: the others may only choose what the first one chose.
    same = ["--constraint", "requirements.lock"]
    jobs = [
        ("requirements-demo.lock", ["pyproject.toml", "--extra=demo", *same]),
        ("requirements-build.lock", ["--group=build", *same]),
    ]
    for name in services:
        extra = [f"--extra={name}"] if name in extras else []
        jobs.append((f"services/{name}/requirements.lock", ["pyproject.toml", *extra, *same]))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda job: _compile(uv, *job), jobs))


def _uv() -> str:
    found = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if found:
        return found
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    return str(Path(sys.executable).parent / "uv")


def _compile(uv: str, lock: str, what: list[str]) -> None:
    # What is locked already stays, unless it no longer fits or an argument (`--upgrade`) says otherwise.
    subprocess.run([uv, "pip", "compile", *OPTIONS, *what, *sys.argv[1:], "-o", lock], cwd=ROOT, check=True)
    sys.stdout.write(f"{lock}\n")


if __name__ == "__main__":
    main()
