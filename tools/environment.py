"""Makes `.venv` from a lock file, with plain pip or with uv where it is installed; does nothing when nothing changed.

Run by whatever Python the machine has, so that an old one gets a sentence and no stack trace: nothing here is newer
than Python 3.6, and only the standard library is used.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
CANDIDATES = ("python3", "python3.13", "python3.12", "python3.11", "python3.14", "python")
DEVELOPMENT = "requirements.lock"
WITHOUT_PIP = (
    "This Python cannot make a virtual environment with pip. Debian, Ubuntu: apt-get install python3-venv;"
    " elsewhere install pip for it, or install uv, which needs neither."
)


def main(lock: str) -> None:
    """Brings `.venv` up to the lock file of that name."""
    if _is_current(lock):
        return
    uv = shutil.which("uv") or ""
    if not PYTHON.exists():
        _make(uv)
    sys.stderr.write(f"Installing {lock} into .venv ...\n")
    sys.stderr.flush()
    _install(uv, "--require-hashes", "-r", lock)
    # The project itself: editable; its dependencies and its build tool are in the lock.
    _install(uv, "--no-deps", "--no-build-isolation", "--editable", ".")
    _stamp(lock).write_text(_fingerprint(lock))


def _make(uv: str) -> None:
    python = _python(uv)
    if uv:
        _run(uv, "--quiet", "venv", "--seed", "--allow-existing", "--python", python, str(VENV))
        return
    made = subprocess.run([python, "-m", "venv", str(VENV)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        shutil.rmtree(str(VENV), ignore_errors=True)
        sys.stderr.write(made.stdout.decode(errors="replace"))
        sys.exit(WITHOUT_PIP)


def _install(uv: str, *what: str) -> None:
    if uv:
        _run(uv, "--quiet", "pip", "install", "--python", str(PYTHON), *what)
        return
    if subprocess.call([str(PYTHON), "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        sys.exit(WITHOUT_PIP)
    _run(str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "install", *what)


def _python(uv: str) -> str:
    """The name of a Python that is new enough."""
    asked = os.environ.get("PYTHON", "")
    old = []
    for name in (asked,) if asked else CANDIDATES:
        told = _version(name)
        if told and told >= (3, 11):
            return name
        if told:
            old.append("{} is {}.{}".format(name, *told))
    if uv and not asked:
        return "3.12"
    found = "; found: " + ", ".join(old) if old else ""
    sys.exit(f"Python 3.11 or newer is needed{found}. Install one, or name it: make PYTHON=python3.12 ...")


def _version(name: str) -> "tuple[int, ...]":
    """Its version; empty where there is no such program."""
    code = "import sys; print(*sys.version_info[:2])"
    try:
        told = subprocess.run([name, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(int(part) for part in told.stdout.split()) if told.returncode == 0 else ()


def _is_current(lock: str) -> bool:
    # The lock for development holds everything that the smaller ones hold.
    return any(_stamp(name).exists() and _stamp(name).read_text() == _fingerprint(name) for name in (lock, DEVELOPMENT))


def _stamp(lock: str) -> Path:
    return VENV / f".installed-{lock}"


def _fingerprint(lock: str) -> str:
    contents = (ROOT / lock).read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(contents).hexdigest()


def _run(*command: str) -> None:
    if subprocess.call(command, cwd=str(ROOT), stdin=subprocess.DEVNULL):
        sys.exit("failed: " + " ".join(command))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else DEVELOPMENT)
