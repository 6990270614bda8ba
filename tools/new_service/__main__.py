"""`python -m new_service NAME` makes a service that is green at once: rooms, one noun, tests, contracts, deployment."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from inventory.repository import ROOT
from new_service import places

TEMPLATE = Path(__file__).parent / "template"
NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


def main(arguments: list[str]) -> int:
    """Makes the service named in kebab or snake case."""
    if len(arguments) != 1 or not NAME.fullmatch(arguments[0]):
        sys.stderr.write("make new-service NAME=returns: small letters and digits, words joined by `-`\n")
        return 2
    module = arguments[0].replace("-", "_")
    if module in sys.stdlib_module_names:
        sys.stderr.write(f"{module} would hide a module of that name\n")
        return 2
    if (ROOT / "services" / module).exists():
        sys.stderr.write(f"services/{module} is there already\n")
        return 2
    make(ROOT, module)
    sys.stdout.write(_next_steps(module))
    return 0


def make(root: Path, module: str) -> None:
    """Copies the template into a repository, adds the service where services are named, and writes the documents."""
    for source in sorted(path for path in TEMPLATE.rglob("*") if path.is_file() and path.name != "compose.yml"):
        if "__pycache__" in source.parts:
            continue
        target = root / places.renamed(str(source.relative_to(TEMPLATE)), module)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(places.renamed(source.read_text(), module))
    places.add(root, module)
    # It has no dependency of its own yet, so it needs what a service without any needs.
    shutil.copy(root / "services" / "portal_settings" / "requirements.lock", root / "services" / module)
    # Longer names make longer lines.
    changed = [str(root / "services" / module)]
    subprocess.run([sys.executable, "-m", "ruff", "check", "--quiet", "--fix-only", *changed], cwd=root, check=True)
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", *changed], cwd=root, check=True)
    subprocess.run([sys.executable, "-m", "docs"], cwd=root, check=True, stdout=subprocess.DEVNULL)


def _next_steps(module: str) -> str:
    return f"""services/{module} is there. Next:
  1. __init__.py: say what it owns and what it never does
  2. domain.py and its tests: your first noun instead of `entry`
  3. tables.py, migrations/versions/0001_initial.py, use_cases.py, schemas.py, api.py
  4. events.py and contracts/events/{module.replace("_", "-")}.*; make new-event for more
  5. make docs lint test
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
