"""The export of one customer."""

from datetime import datetime

from flask import Response
from sqlalchemy.orm import Session

from common.outbox import last_event_id
from common.web import Call, Routes
from common.web.ranges import attachment
from customer.api.viewers import viewer_of
from customer.queries.exports import archive
from customer.schemas.files import ExportOptions
from customer.use_cases.exports import begin_export
from customer.use_cases.store import Record, moment

routes = Routes("Exports", "Everything about one customer in one file.")


@routes.post(
    "/customers/<uuid:customer_id>/export",
    permission="customers.export",
    body=ExportOptions,
    status=200,
    transaction=False,
    raw=True,
)
def export_customer(call: Call, customer_id: str) -> Response:
    """A ZIP file with the record as JSON and CSV and the files that the caller may see; `left-out.json` names what is
    not in it. Who exported, and why, is written down."""
    viewer = viewer_of(call)

    def begin(session: Session) -> tuple[Record, list[Record], str, datetime]:
        record, contents = begin_export(
            session, customer_id, call.body["reason"], viewer, call.client, with_files=call.body["files"]
        )
        return record, contents, last_event_id(session) or "", moment(session)

    record, contents, event_id, now = call.database.run(begin, call.scope, call.context)
    pieces = archive(call.database, call.deps.files.storage, customer_id, viewer, contents, now)
    headers = {"Content-Disposition": attachment(f"customer-{record['number']}.zip"), "Event-Id": event_id}
    return Response(pieces, mimetype="application/zip", headers=headers)
