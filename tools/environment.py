"""Makes `.venv` from a lock file, with plain pip or with uv where it is installed; does nothing when nothing changed.

Run by whatever Python the machine has, so that an old one gets a sentence and no stack trace: nothing here is newer than
Python 3.6, and only the standard library is used.
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
LOWEST = (3, 11)
CANDIDATES = ("python3", "python3.13", "python3.12", "python3.11", "python3.14", "python")
DEVELOPMENT = "requirements.lock"


def main(lock):
    """Brings `.venv` up to the lock file of that name."""
    if _is_current(lock):
        return
    uv = shutil.which("uv")
    if not PYTHON.exists():
        _make(uv)
    if uv:
        install = [uv, "--quiet", "pip", "install", "--python", str(PYTHON)]
    else:
        pip = [str(PYTHON), "-m", "pip"]
        install = pip + ["--quiet", "--disable-pip-version-check", "--no-input", "install"]
        if subprocess.call(pip + ["--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
            sys.exit(_without_pip())
    print("Installing {} into .venv ...".format(lock), file=sys.stderr, flush=True)
    _run(install + ["--require-hashes", "-r", lock])
    # The project itself: editable, its dependencies and its build tool are in the lock.
    _run(install + ["--no-deps", "--no-build-isolation", "--editable", "."])
    _stamp(lock).write_text(_fingerprint(lock))


def _make(uv):
    python = _python(uv)
    if uv:
        _run([uv, "--quiet", "venv", "--seed", "--allow-existing", "--python", python, str(VENV)])
        return
    made = subprocess.run([python, "-m", "venv", str(VENV)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        shutil.rmtree(str(VENV), ignore_errors=True)
        sys.stderr.write(made.stdout.decode(errors="replace"))
        sys.exit(_without_pip())


def _python(uv):
    asked = os.environ.get("PYTHON")
    seen = []
    for name in (asked,) if asked else CANDIDATES:
        version = _version(name)
        if version and version >= LOWEST:
            return name
        if version:
            seen.append("{} is {}.{}".format(name, *version))
    if uv and not asked:
        return "{}.{}".format(*LOWEST)
    found = "; found: " + ", ".join(seen) if seen else ""
    sys.exit(
        "Python {}.{} or newer is needed{}. Install one, or name it: make PYTHON=/path/to/python3.12 ...".format(
            *(LOWEST + (found,))
        )
    )


def _version(name):
    code = "import sys; print(*sys.version_info[:2])"
    try:
        told = subprocess.run([name, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return tuple(int(part) for part in told.stdout.split()) if told.returncode == 0 else None


def _without_pip():
    return (
        "This Python cannot make a virtual environment with pip. Debian, Ubuntu: apt-get install python3-venv;"
        " elsewhere install pip for it, or install uv, which needs neither."
    )


def _is_current(lock):
    # The lock for development holds everything that the smaller ones hold.
    return any(
        _stamp(name).exists() and _stamp(name).read_text() == _fingerprint(name) for name in {lock, DEVELOPMENT}
    )


def _stamp(lock):
    return VENV / (".installed-" + lock)


def _fingerprint(lock):
    contents = (ROOT / lock).read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(contents).hexdigest()


def _run(command):
    status = subprocess.call(command, cwd=str(ROOT), stdin=subprocess.DEVNULL)
    if status:
        sys.exit("failed: " + " ".join(command))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else DEVELOPMENT)
