"""Rows by their table, and the version that a caller has read of one."""

from common.records import Record, as_record, find, insert, insert_free, moment, remove, today, update
from ordering.errors import Changed

__all__ = [
    "Record",
    "as_record",
    "check_version",
    "find",
    "insert",
    "insert_free",
    "moment",
    "remove",
    "today",
    "update",
]


def check_version(record: Record, version: int) -> None:
    """Raises Changed where the record is not at the version that the caller has read."""
    if record["version"] != version:
        raise Changed(f"It is at version {record['version']} by now; read it again.")
