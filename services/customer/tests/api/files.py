"""Contents for the tests of files: small, and really of the type that they are named after."""

import io
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

from werkzeug.test import TestResponse

from common.testing import Client

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(200)


def upload(client: Client, customer_id: str, name: str, content: bytes, **form: Any) -> TestResponse:
    """Sends a file with its fields."""
    data = {**form, "file": (io.BytesIO(content), name)}
    return client.post(f"/customers/{customer_id}/files", data=data)


def archive(entries: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return made.getvalue()


def word_document() -> bytes:
    """As much of a word processor's file as tells what it is."""
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"})


def claiming(entries: int, unpacked: int) -> bytes:
    """An archive of a few bytes whose headers promise so many files of so many bytes each."""
    name = b"0"
    local = (
        struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, 10, unpacked, len(name), 0) + name + bytes(10)
    )
    header = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, 10, unpacked, len(name), 0, 0, 0, 0, 0, 0
    )
    directory = (header + name) * min(entries, 100)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, entries, entries, len(directory), len(local), 0)
    return local + directory + end
