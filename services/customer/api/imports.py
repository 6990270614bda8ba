"""Operations on imports."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from common.errors import FieldError
from common.web import Call, Page, Routes
from customer.errors import ImportOptions
from customer.queries import duplicates
from customer.queries import imports as queries
from customer.schemas.duplicates import PairOut, PairsOfCustomer
from customer.schemas.imports import ImportOut, ImportStarted, NewImport, NewReversion, SkippedOut
from customer.use_cases.imports.accept import start_import
from customer.use_cases.imports.reversion import start_reversion

routes = Routes("Imports", "Customers and contacts from CSV, XLSX or NDJSON files.")


@routes.post("/imports", permission="customers.import", form=NewImport, out=ImportStarted, status=202)
def create_import(call: Call) -> Mapping[str, Any]:
    """Takes a file in; its rows are read in the background.

    Columns are recognised by their headings, or named in `mapping`. An empty cell keeps what is stored, and
    `@clear` erases it. Rows that do not fit are refused one by one and can be downloaded with their reasons; a dry run
    checks every row and stores none.
    """
    file = call.files.get("file")
    if file is None:
        raise ImportOptions("Send the file as the part `file`.", errors=[FieldError("/file", "Is missing.")])
    return start_import(
        call.session,
        file.stream,
        file.filename or "file",
        call.form,
        requested_by=call.principal.account_id,
        label=call.principal.label,
        max_bytes=call.deps.import_max_bytes,
    )


@routes.list("/imports", permission="customers.import", out=ImportOut)
def list_imports(call: Call) -> Page:
    """All imports, newest first."""
    return queries.import_page(call.session, call.limit, call.cursor, call.cursor_scope)


@routes.get("/imports/<uuid:import_id>", permission="customers.import", out=ImportOut)
def show_import(call: Call, import_id: str) -> Any:
    """One import: how far it is and what became of its rows. `Event-Id` names its last event."""
    shown = queries.import_(call.session, import_id)
    event_id = shown["last_event_id"]
    return call.ok(shown, headers={"Event-Id": event_id} if event_id else {})


@routes.get("/imports/<uuid:import_id>/rejected", permission="customers.import", transaction=False, raw=True)
def list_rejected_rows(call: Call, import_id: str) -> Response:
    """The refused rows as CSV: the original cells, then `error_code`, `error_detail` and `line`."""
    lines = queries.rejected_file(call.database, import_id)
    headers = {"Content-Disposition": f'attachment; filename="rejected-{import_id}.csv"'}
    return Response(lines, mimetype="text/csv", headers=headers)


@routes.list("/imports/<uuid:import_id>/duplicates", permission="customers.import", query=PairsOfCustomer, out=PairOut)
def list_duplicates_of_import(call: Call, import_id: str) -> Page:
    """Customers of an import that may have been there already. They were created; merge or dismiss them."""
    queries.import_(call.session, import_id)
    state = call.query["state"]
    return duplicates.pair_page(call.session, state, call.limit, call.cursor, call.cursor_scope, import_id=import_id)


@routes.post(
    "/imports/<uuid:import_id>/reversion", permission="customers.import", body=NewReversion, out=ImportOut, status=202
)
def revert_import(call: Call, import_id: str) -> Mapping[str, Any]:
    """Takes back what an import wrote, in the background: what it created goes, what it changed gets its former values.

    What somebody has touched since stays and is listed. `dry_run` only counts and lists.
    """
    start_reversion(call.session, import_id, dry_run=call.body["dry_run"], requested_by=call.principal.account_id)
    return queries.import_(call.session, import_id)


@routes.list("/imports/<uuid:import_id>/reversion/skipped", permission="customers.import", out=SkippedOut)
def list_skipped_of_reversion(call: Call, import_id: str) -> Page:
    """What the reversion of an import left as it is, and why."""
    return queries.skipped_page(call.session, import_id, call.limit, call.cursor, call.cursor_scope)
