"""The public operations of imports, the same for every service that has some; the gateway makes one of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask, Response, request
from marshmallow import Schema

from common.errors import FieldError
from common.importing import queries
from common.importing.accept import start_import
from common.importing.kinds import Importing, Record
from common.importing.refused import refused_file
from common.importing.schemas import ImportOut, ImportStarted, import_type, new_import
from common.web import Call, Page, Routes
from common.web.access import require
from common.web.dispatch import asked_in_turn, by_field, newest_first

# What a multipart form holds besides its file.
_FORM_BYTES = 100_000


def declare(
    routes: Routes,
    *,
    types: Sequence[str],
    matches: Sequence[str],
    permission: str,
    importing: Callable[[Any], Importing],
    max_bytes: Callable[[Any], int],
    out: type[Schema] = ImportOut,
) -> None:
    """Declares the operations. `permission` opens them, and each type's own is asked for besides; `importing` and
    `max_bytes` find the service's imports and its limit in the deps."""
    common = {"permission": permission}

    @routes.post(
        "/imports",
        form=new_import(types, matches),
        query=import_type(types),
        out=ImportStarted,
        status=202,
        dispatch=by_field("type", types),
        **common,
    )
    def create_import(call: Call) -> Mapping[str, Any]:
        """Takes a file in; its rows are read in the background.

        Send `type` before the file, or in the address as `?type=`. Columns are recognised by their headings, or named
        in `mapping`. An empty cell keeps what is stored, and `@clear` erases it. Rows that do not fit are refused one
        by one and can be downloaded with their reasons; a dry run checks every row and stores none.
        """
        known, options = importing(call.deps), _options(call, importing(call.deps))
        require(call.principal, known.kinds[options["type"]].permission)
        file = call.files.get("file")
        if file is None:
            raise known.refusals.options(
                "Send the file as the part `file`.", errors=[FieldError("/file", "Is missing.")]
            )
        return start_import(
            call.session,
            known,
            file.stream,
            file.filename or "file",
            options,
            requested_by=call.principal.account_id,
            label=call.principal.label,
            max_bytes=max_bytes(call.deps),
        )

    @routes.list("/imports", out=out, dispatch=newest_first("created_at", "id"), **common)
    def list_imports(call: Call) -> Page:
        """Imports of the types that the account may import, newest first."""
        known = importing(call.deps)
        types = [name for name, kind in known.kinds.items() if call.principal.can(kind.permission)]
        return queries.import_page(call.session, known, types, call.limit, call.cursor, call.cursor_scope)

    @routes.get("/imports/<uuid:import_id>", out=out, dispatch=asked_in_turn(), **common)
    def show_import(call: Call, import_id: str) -> Any:
        """One import: how far it is and what became of its rows. `Event-Id` names its last event."""
        shown = _permitted(call, importing(call.deps), queries.import_(call.session, importing(call.deps), import_id))
        event_id = shown["last_event_id"]
        return call.ok(shown, headers={"Event-Id": event_id} if event_id else {})

    @routes.get("/imports/<uuid:import_id>/rejected", transaction=False, raw=True, dispatch=asked_in_turn(), **common)
    def list_rejected_rows(call: Call, import_id: str) -> Response:
        """The refused rows as CSV: the original cells, then `error_code`, `error_detail` and `line`."""
        known = importing(call.deps)
        with call.database.transaction() as session:
            _permitted(call, known, queries.import_(session, known, import_id))
        lines = refused_file(call.database, known, import_id)
        headers = {"Content-Disposition": f'attachment; filename="rejected-{import_id}.csv"'}
        return Response(lines, mimetype="text/csv", headers=headers)


def allow_large_files(app: Flask, max_bytes: int) -> None:
    """Lets a form of an import be as large as its file may be."""

    def allow() -> None:
        if request.method == "POST" and request.path == "/imports":
            request.max_content_length = max_bytes + _FORM_BYTES

    app.before_request(allow)


def _options(call: Call, known: Importing) -> dict[str, Any]:
    in_form, in_address = call.form.get("type"), call.query.get("type")
    if in_form and in_address and in_form != in_address:
        detail = f"The form says {in_form} and the address says {in_address}."
        raise known.refusals.options(detail, errors=[FieldError("/type", detail)])
    if not in_form and not in_address:
        detail = f"Say what the file holds: {', '.join(known.kinds)}."
        raise known.refusals.options(detail, errors=[FieldError("/type", detail)])
    return {**call.form, "type": in_form or in_address}


def _permitted(call: Call, known: Importing, shown: Record) -> Record:
    require(call.principal, known.kinds[shown["type"]].permission)
    return shown
