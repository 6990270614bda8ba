"""`make bench`: measures every line, or those that ONLY names, and prints the table; QUICK=1 for a short look.

Ends with 1 where a line failed or missed its goal.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from bench import ROOT, load, report
from bench.harness import Row
from bench.plan import Plan, plan_of

# In the order of the report; a line's module is imported only when it is measured.
LINES = {
    "P6": "bench.lines.customer_read",
    "P7": "bench.lines.gateway_read",
    "P9": "bench.lines.drain",
    "P10": "bench.lines.freshness",
    "P12": "bench.lines.growth",
    "P12-outbox": "bench.lines.long_outbox",
    "bulk": "bench.lines.bulk_lane",
    "import": "bench.lines.import_copy",
    "orders": "bench.lines.orders",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("lines", nargs="*", help=f"which: {', '.join(LINES)} (or ONLY=P9,P10)")
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table at the end")
    asked = parser.parse_args(argv)
    names = asked.lines or os.environ.get("ONLY", "").replace(",", " ").split() or list(LINES)
    unknown = [name for name in names if name not in LINES]
    if unknown:
        parser.error(f"there is no line {', '.join(unknown)}; there are {', '.join(LINES)}")
    plan = plan_of(os.environ)
    if not load.has_wrk():
        print(load.WITHOUT_WRK)
    rows = _measured(names, plan)
    print(f"\n{report.markdown(rows) if asked.markdown else report.table(rows)}")
    print(f"\n{os.cpu_count()} cores, load at the end {os.getloadavg()[0]:.1f}; kept in", end=" ")
    print(report.write(ROOT / ".bench", plan, rows).relative_to(ROOT))
    return 0 if all(row.verdict.endswith(("met", "told")) for row in rows) else 1


def _measured(names: Sequence[str], plan: Plan) -> list[Row]:
    rows: list[Row] = []
    for name in names:
        print(f"{name} …", flush=True)
        measure: Callable[[Plan], list[Row]] = import_module(LINES[name]).run
        found = measure(plan)
        print(report.table(found), flush=True)
        rows += found
    return rows


if __name__ == "__main__":
    sys.exit(main())
