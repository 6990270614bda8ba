"""The event of an import that stored something, `<service>.import.finished.v1` in every service."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from common import outbox
from common.importing.kinds import Record
from common.outbox import Draft

COUNTS = ("created", "updated", "unchanged", "duplicate", "invalid")


def tells(event_type: str) -> Callable[[Session, Record], None]:
    """What runs in the transaction that ends an import: it is told, unless it failed, was a dry run, or stored nothing,
    so that a second run of a file leaves no trace but its record."""

    def finished(session: Session, record: Record) -> None:
        if record["state"] == "completed" and not record["dry_run"] and record["created"] + record["updated"]:
            outbox.add(session, _event(event_type, record))

    return finished


def _event(event_type: str, record: Record) -> Draft:
    data = {name: record[name] for name in ("id", "type", "mode", "dry_run", "requested_by")}
    return Draft(event_type, record["id"], 1, data | {"counts": {name: record[name] for name in COUNTS}})
