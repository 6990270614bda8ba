"""What every test run has: the servers of tests/support, and the fixtures of common.testing where it is there."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "tests"))

from support import run

# Before xdist starts its workers, so that they all share this run's servers.
run.folder()
os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")

pytest_plugins = ["support.fixtures", "common.testing.plugin"]
