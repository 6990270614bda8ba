"""Benchmarks: what our services do beside what the machine can do, as ratios measured in one run."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The servers come from the tests' support package, which is on nobody's path but the tests'.
sys.path.insert(0, str(ROOT / "tests"))
