"""Every check of the code that needs no server, each to its end; the exit status tells whether all passed."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = {
    "ruff": ["-m", "ruff", "check", "--quiet", "--output-format=concise", "."],
    "format": ["-m", "ruff", "format", "--check", "--quiet", "--output-format=concise", "."],
    "types": ["-m", "mypy", "--no-error-summary", "libs", "services", "tools"],
    "layers": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
    "deployment": ["-m", "deployment"],
    "documents": ["-m", "docs", "--check"],
}


def main() -> int:
    """Runs them in order and prints what the failing ones say."""
    failed = [name for name, arguments in CHECKS.items() if not _passes(name, arguments)]
    sys.stdout.write(f"lint: {len(CHECKS) - len(failed)} of {len(CHECKS)} checks passed\n")
    return 1 if failed else 0


def _passes(name: str, arguments: list[str]) -> bool:
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"FORCE_COLOR": "", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    sys.stdout.write(f"{name:<12} {verdict:<7} {time.monotonic() - started:5.1f} s\n")
    if done.returncode:
        sys.stdout.write(done.stdout.rstrip() + "\n")
    sys.stdout.flush()
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
