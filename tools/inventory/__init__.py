"""What the repository holds, read from the code itself: for the generated documents and for the guard tests."""

from inventory.packages import Package, packages, shared_refusals
from inventory.repository import ROOT, tracked_files

__all__ = ["ROOT", "Package", "packages", "shared_refusals", "tracked_files"]
