"""Operations on files."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Response

from common.errors import FieldError
from common.storage.port import BlobMissing
from common.storage.spool import Spooled
from common.web import Call, Page, Routes
from common.web.access import require
from common.web.ranges import content
from customer.api.viewers import viewer_of
from customer.errors.files import ContentLost, FileMissing
from customer.queries import files as queries
from customer.schemas.files import (
    Audience,
    AudienceOut,
    AudienceQuery,
    ContentQuery,
    FileAccessOut,
    FileChanges,
    FileFilter,
    FileOut,
    FileVersionOut,
    LegalHold,
    NewFile,
)
from customer.use_cases.files import audience, deletion, records
from customer.use_cases.files.receive import Received, receive

routes = Routes("Files", "Files of a customer, each with its versions and with who sees it: by default staff only.")

_LIST = "/customers/<uuid:customer_id>/files"
_ONE = f"{_LIST}/<uuid:file_id>"


@routes.list(_LIST, permission="customers.view", portal=True, query=FileFilter, out=FileOut)
def list_files(call: Call, customer_id: str) -> Page:
    """The files of a customer that the caller may see, newest first; `in_bin` lists the deleted ones. Contracts, NDAs,
    onboarding papers and certificates need `documents.view` or `documents.manage`, restricted files
    `documents.restricted`."""
    viewer = viewer_of(call)
    return queries.file_page(call.session, customer_id, viewer, call.query, call.limit, call.cursor, call.cursor_scope)


def _receive(call: Call, **_path: str) -> Received:
    if call.form.get("audience") == "restricted":
        require(call.principal, "documents.restricted")
    file = call.files.get("file")
    stream: object = file and file.stream
    if file is None or not isinstance(stream, Spooled):
        raise FileMissing("Send the file as the part `file`.", errors=[FieldError("/file", "Is missing.")])
    kept = call.deps.files
    return receive(
        call.database, kept.storage, kept.limits, stream, file.filename or "", file.mimetype, call.form["category"]
    )


@routes.post(
    _LIST,
    permission="documents.manage",
    portal=True,
    portal_permission="documents.view",
    form=NewFile,
    out=FileOut,
    spool=lambda deps: deps.files.spool,
    before=_receive,
)
def add_file(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Takes a file in, or the next version of one.

    Its type is told by its content: one that contradicts its name, that its category does not take, or that would
    unpack to too much is refused. A name that is taken is refused too, with the file that could be replaced. What a
    portal user sends is seen by the whole company.
    """
    viewer = viewer_of(call)
    made = records.add_file(call.session, customer_id, call.form, call.prepared, viewer)
    return queries.file(call.session, customer_id, made["id"], viewer)


@routes.get(_ONE, permission="customers.view", portal=True, out=FileOut)
def show_file(call: Call, customer_id: str, file_id: str) -> Mapping[str, Any]:
    """One file, also a deleted one."""
    return queries.file(call.session, customer_id, file_id, viewer_of(call))


@routes.get(
    f"{_ONE}/content", permission="customers.view", portal=True, query=ContentQuery, transaction=False, raw=True
)
def fetch_file(call: Call, customer_id: str, file_id: str) -> Response:
    """The content, whole or the part that `Range` asks for, always to be saved and never shown as a page. Who fetches a
    restricted or published file is written down."""
    viewer, revision = viewer_of(call), call.query.get("revision")
    found = call.database.run(
        lambda session: queries.content(session, customer_id, file_id, revision, viewer, call.client),
        call.scope,
        call.context,
    )
    try:
        return content(
            partial(call.deps.files.storage.open, found.sha256),
            size=found.bytes,
            etag=found.sha256,
            media_type=found.media_type,
            name=found.name,
        )
    except BlobMissing as error:
        raise ContentLost("The storage does not hold this content any more; tell your administrator.") from error


@routes.patch(_ONE, permission="documents.manage", body=FileChanges, out=FileOut)
def change_file(call: Call, customer_id: str, file_id: str) -> Mapping[str, Any]:
    """Changes what is said of a file. Who sees it is changed by its audience only."""
    viewer = viewer_of(call)
    records.change_file(call.session, customer_id, file_id, call.version, call.body, viewer)
    return queries.file(call.session, customer_id, file_id, viewer)


@routes.delete(_ONE, permission="documents.manage", versioned=True)
def delete_file(call: Call, customer_id: str, file_id: str) -> None:
    """Puts a file into the bin, where it lies for 90 days; one under legal hold stays."""
    deletion.delete_file(call.session, customer_id, file_id, call.version, viewer_of(call))


@routes.post(f"{_ONE}/restoration", permission="documents.manage", out=FileOut, status=200)
def restore_file(call: Call, customer_id: str, file_id: str) -> Mapping[str, Any]:
    """Takes a file out of the bin as it was."""
    viewer = viewer_of(call)
    deletion.restore_file(call.session, customer_id, file_id, viewer)
    return queries.file(call.session, customer_id, file_id, viewer)


@routes.list(f"{_ONE}/versions", permission="customers.view", out=FileVersionOut)
def list_file_versions(call: Call, customer_id: str, file_id: str) -> Page:
    """All versions of a file, newest first."""
    return queries.version_page(
        call.session, customer_id, file_id, viewer_of(call), call.limit, call.cursor, call.cursor_scope
    )


@routes.list(f"{_ONE}/accesses", permission="documents.manage", out=FileAccessOut)
def list_file_accesses(call: Call, customer_id: str, file_id: str) -> Page:
    """Who fetched a restricted or published file, newest first."""
    return queries.access_page(
        call.session, customer_id, file_id, viewer_of(call), call.limit, call.cursor, call.cursor_scope
    )


@routes.get(f"{_ONE}/audience", permission="documents.manage", query=AudienceQuery, out=AudienceOut)
def show_file_audience(call: Call, customer_id: str, file_id: str) -> Mapping[str, Any]:
    """Which portal accounts see the file now, or would see it with another audience. Look here before you change it."""
    wanted = dict(call.query)
    wanted["portal_roles"] = [code.strip() for code in (wanted.get("portal_roles") or "").split(",") if code.strip()]
    return queries.audience(call.session, customer_id, file_id, viewer_of(call), wanted)


@routes.put(f"{_ONE}/audience", permission="documents.manage", body=Audience, out=AudienceOut)
def set_file_audience(call: Call, customer_id: str, file_id: str) -> Any:
    """Opens a file to an audience, or closes it; answers with the portal accounts that see it from now on."""
    if call.body["audience"] == "restricted":
        require(call.principal, "documents.restricted")
    viewer = viewer_of(call)
    changed = audience.set_audience(call.session, customer_id, file_id, call.version, call.body, viewer)
    shown = queries.audience(call.session, customer_id, file_id, viewer, {})
    return call.ok(shown, headers={"ETag": f'"v{changed["version"]}"'})


@routes.put(f"{_ONE}/legal-hold", permission="privacy.manage", body=LegalHold, out=FileOut)
def set_legal_hold(call: Call, customer_id: str, file_id: str) -> Mapping[str, Any]:
    """Holds a file against deletion and replacement, with a reason, or ends the hold."""
    viewer = viewer_of(call)
    records.hold_file(call.session, customer_id, file_id, call.version, call.body, viewer)
    return queries.file(call.session, customer_id, file_id, viewer)
