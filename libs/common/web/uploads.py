"""A form's file goes to disk while it arrives, where its operation says; memory holds a piece of it at a time."""

from typing import IO

import flask
from flask import g, request

from common.errors import Malformed
from common.storage.spool import Spool, UploadTooLarge

# What a multipart form holds besides its file.
FORM_BYTES = 100_000


class OneFileOnly(Malformed):
    """The form holds more than one file."""

    code = "one_file_only"
    title = "Send one file"


class Request(flask.Request):
    """A request whose operation may have named a spool for its file."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        spool: Spool | None = g.pop("spool", None)
        if spool is not None:
            return spool.open()  # type: ignore[return-value]  # all of IO[bytes] that a form uses
        if g.get("spooled"):
            raise OneFileOnly("A form holds one file; send the others in requests of their own.")
        return super()._get_file_stream(total_content_length, content_type, filename, content_length)


def receive(spool: Spool) -> None:
    """Lets this request bring one file as large as the spool takes; raises UploadTooLarge before anything of a body is
    read whose declared length is more."""
    if (request.content_length or 0) > spool.max_bytes + FORM_BYTES:
        raise UploadTooLarge(spool.max_bytes)
    request.max_content_length = spool.max_bytes + FORM_BYTES
    g.spool, g.spooled = spool, True
