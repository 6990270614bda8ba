"""An export of one customer: that it was made, by whom and why, stands before the first byte leaves."""

from typing import Any

from sqlalchemy.orm import Session

from common import outbox
from common.ids import new_id
from customer import events
from customer.domain.viewers import Viewer
from customer.queries.customers import customer
from customer.queries.exports import export_files
from customer.queries.files import log_accesses
from customer.use_cases.store import Record


def begin_export(
    session: Session, customer_id: str, reason: str, viewer: Viewer, client: str, *, with_files: bool
) -> tuple[Record, list[Record]]:
    """Writes down that a customer is exported; returns it with the files that go along. Raises CustomerNotFound."""
    number: Any = customer(session, customer_id)["number"]
    contents = export_files(session, customer_id, viewer) if with_files else []
    record = {
        "id": new_id(),
        "customer_id": customer_id,
        "number": number,
        "reason": reason,
        "files": len(contents),
        "requested_by": viewer.actor,
        "version": 1,
    }
    log_accesses(session, [file for file in contents if file["audience"] != "internal"], viewer, client)
    outbox.add(session, events.export_made(record))
    return record, contents
