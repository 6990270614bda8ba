"""Runs the test suites one after another on the same servers, and ends with the counts.

python tests/suites.py                 all of them
python tests/suites.py unit postgres   only these
python tests/suites.py unit -- -k held more for pytest after the two dashes
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from support import run

ROOT = Path(__file__).resolve().parent.parent

# A test that asks for a server's fixture carries that server's marker; conftest.py sees to it.
SUITES = {
    "unit": ("not postgres and not rabbitmq and not faults and not slow", True),
    "postgres": ("postgres and not rabbitmq and not faults and not slow", True),
    "rabbitmq": ("rabbitmq and not faults and not slow", False),
    "faults": ("faults and not slow", False),
    "slow": ("slow", False),
}
NOTHING_COLLECTED = 5


@dataclass(frozen=True)
class Outcome:
    """What one suite came to; `status` is pytest's."""

    suite: str
    status: int
    passed: int
    failed: int
    skipped: int
    seconds: float
    figures: list[tuple[str, str]]

    @property
    def good(self) -> bool:
        return self.status == 0 and not self.skipped


def main(arguments: list[str]) -> int:
    """Returns 0 where every suite passed, had tests, and skipped none."""
    names, _, more = _split(arguments)
    unknown = sorted(set(names) - set(SUITES))
    if unknown:
        sys.stderr.write(f"no such suite: {', '.join(unknown)}; there are {', '.join(SUITES)}\n")
        return 2
    run.folder()
    outcomes = [_run(name, more) for name in names or SUITES]
    _report(outcomes)
    return 0 if all(outcome.good for outcome in outcomes) else 1


def _split(arguments: list[str]) -> tuple[list[str], str, list[str]]:
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:cut], "--", arguments[cut + 1 :]


def _run(suite: str, more: list[str]) -> Outcome:
    markers, parallel = SUITES[suite]
    sys.stdout.write(f"\n== {suite}\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-m", markers, f"--junitxml={report}", *more]
        if parallel:
            command += ["-n", "auto", "--dist", "loadfile"]
        environment = os.environ | ({"TEST_SERVERS": "none"} if suite == "unit" else {})
        started = time.monotonic()
        status = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode
        seconds = time.monotonic() - started
        tests, failed, skipped = _counts(report)
        measured = _figures(report)
    return Outcome(suite, status, tests - failed - skipped, failed, skipped, seconds, measured)


def _counts(report: Path) -> tuple[int, int, int]:
    if not report.exists():
        return 0, 0, 0
    totals = [suite.attrib for suite in ElementTree.parse(report).getroot().iter("testsuite")]  # noqa: S314  # our own

    def total(*names: str) -> int:
        return sum(int(one.get(name, 0)) for one in totals for name in names)

    return total("tests"), total("failures", "errors"), total("skipped")


def _figures(report: Path) -> list[tuple[str, str]]:
    """What tests told by the fixture `figure`."""
    if not report.exists():
        return []
    found = ElementTree.parse(report).getroot().iter("property")  # noqa: S314  # our own
    return [(one.get("name", ""), one.get("value", "")) for one in found]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _report(outcomes: list[Outcome]) -> None:
    for what, value in [figure for one in outcomes for figure in one.figures]:
        _say(f"{what}: {value}")
    _say(f"\n{'suite':<10} {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8}")
    for one in outcomes:
        remark = "" if one.good else "  no tests" if one.status == NOTHING_COLLECTED else "  FAILED"
        _say(f"{one.suite:<10} {one.passed:>7} {one.failed:>7} {one.skipped:>8} {one.seconds:>8.1f}{remark}")
    passed, failed, skipped = (sum(getattr(one, name) for one in outcomes) for name in ("passed", "failed", "skipped"))
    _say(f"{'total':<10} {passed:>7} {failed:>7} {skipped:>8} {sum(one.seconds for one in outcomes):>8.1f}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
