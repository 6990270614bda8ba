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
    _compile(uv, "requirements.lock", ["dev"])
    # One resolution for all: the others may only choose what the first one chose.
    same = ["--constraint", "requirements.lock"]
    jobs = [("requirements-demo.lock", ["demo"])]
    jobs += [(f"services/{name}/requirements.lock", [name] if name in extras else []) for name in services]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda job: _compile(uv, job[0], job[1], same), jobs))


def _uv() -> str:
    found = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if found:
        return found
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    return str(Path(sys.executable).parent / "uv")


def _compile(uv: str, lock: str, extras: list[str], more: list[str] | None = None) -> None:
    chosen = [f"--extra={extra}" for extra in extras]
    # What is locked already stays, unless it no longer fits or `make lock` is told to upgrade.
    command = [uv, "pip", "compile", *OPTIONS, *(more or []), *chosen, *sys.argv[1:], "pyproject.toml", "-o", lock]
    subprocess.run(command, cwd=ROOT, check=True)
    sys.stdout.write(f"{lock}\n")


if __name__ == "__main__":
    main()
