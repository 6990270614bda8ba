"""Bundles: what can be said of one."""

from typing import Final

MAX_LINES: Final = 100
LENGTHS: Final = {"name": 120, "description": 1_000, "for_role": 80, "for_org_unit": 120}

LABELS: Final = {
    "name": "Name",
    "description": "Description",
    "for_role": "Role",
    "for_org_unit": "Department",
    "lines": "Lines",
}
