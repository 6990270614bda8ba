"""The table of a run: for people on the terminal, as Markdown for the documentation, as JSON for comparisons."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from bench.harness import Row
from bench.plan import Plan

COLUMNS = ("line", "what", "value", "goal", "spread", "ours", "ceiling", "CPU ms ours", "CPU ms ceiling", "verdict")


def cells(row: Row) -> tuple[str, ...]:
    """One row as text."""
    return (
        row.line,
        row.what,
        _ratio(row.value),
        "-" if row.goal is None else str(row.goal),
        f"{_ratio(min(row.per_round))}-{_ratio(max(row.per_round))}",
        f"{_number(median(row.ours))} {row.unit}",
        f"{_number(median(row.ceiling))} {row.unit}" if row.ceiling else "-",
        _cpu(row.cpu_ours),
        _cpu(row.cpu_ceiling),
        row.verdict,
    )


def table(rows: Sequence[Row]) -> str:
    """Aligned columns."""
    lines = [COLUMNS, *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def markdown(rows: Sequence[Row]) -> str:
    """The same as a Markdown table."""
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *(cells(row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write(folder: Path, plan: Plan, rows: Sequence[Row]) -> Path:
    """Keeps a run with the machine's size and load, and returns where."""
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n")
    path = folder / time.strftime("%Y%m%dT%H%M%SZ.json", time.gmtime())
    told = {
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "plan": asdict(plan),
        "rows": [asdict(row) | {"value": row.value, "drift": row.drift, "verdict": row.verdict} for row in rows],
    }
    path.write_text(json.dumps(told, indent=1, default=str))
    return path


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _cpu(by_tree: Mapping[str, float]) -> str:
    return ", ".join(f"{tree} {ms:.2f}" for tree, ms in by_tree.items()) or "-"
