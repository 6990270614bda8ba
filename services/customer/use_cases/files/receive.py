"""Receiving a file: named, checked, and brought to the storage before any row speaks of it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.db import Database
from common.errors import FieldError
from common.storage.port import Storage
from common.storage.spool import Spooled
from customer.domain.file_types import is_allowed, said_by, settled
from customer.domain.files import NameRefused, file_name
from customer.errors.files import ContentBusy, FileMissing, FileNameRefused, FileTooLarge, FileTypeRefused
from customer.use_cases.files.inspect import contradiction, type_of

# So long a content may be in the storage without a row that speaks of it.
_CLAIM = "1 hour"
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Received:
    """A content in the storage, with the name and type that it has."""

    name: str
    media_type: str
    bytes: int
    sha256: str


def receive(
    database: Database,
    storage: Storage,
    limits: Mapping[str, int],
    file: Spooled,
    given_name: str,
    announced: str | None,
    category: str,
) -> Received:
    """Checks a file and stores its content; a refused one leaves nothing behind. `limits` in bytes by category."""
    name = _name(given_name)
    if not file.size:
        raise FileMissing("The file is empty.", errors=[FieldError("/file", "Is empty.")])
    if file.size > limits[category]:
        raise FileTooLarge(
            f"A file of the category {category} may have at most {limits[category]:,} bytes; {name} has {file.size:,}.",
            facts={"limit": limits[category]},
        )
    media_type = _media_type(file, name, announced, category)
    store_content(database, storage, file)
    return Received(name, media_type, file.size, file.sha256)


def refuse_unsuitable_type(record: Mapping[str, Any]) -> None:
    """Raises FileTypeRefused where the category of a file does not take its type."""
    if not is_allowed(record["category"], record["media_type"]):
        raise FileTypeRefused(
            f"{record['name']} is {record['media_type']}, which the category {record['category']} does not take; "
            "choose another category.",
            facts={"found": record["media_type"]},
        )


def store_content(database: Database, storage: Storage, file: Spooled) -> None:
    """Brings a content to the storage, claimed first, so that whoever clears up leaves it alone."""
    for _ in range(_TRIES):
        if database.run(lambda session: _claim(session, file)):
            break
        time.sleep(0.1)  # the same content is being removed, which takes a moment
    else:
        raise ContentBusy("The same content is being removed at this moment; send the file again in a minute.")
    storage.put(file)


def _name(given: str) -> str:
    try:
        return file_name(given)
    except NameRefused as error:
        raise FileNameRefused(str(error), errors=[FieldError("/file", str(error))]) from error


def _media_type(file: Spooled, name: str, announced: str | None, category: str) -> str:
    said = said_by(name, announced)
    found = type_of(file, name)
    media_type = settled(said, found)
    if media_type is None:
        raise contradiction(name, str(said), found)
    refuse_unsuitable_type({"name": name, "category": category, "media_type": media_type})
    return media_type


def _claim(session: Session, file: Spooled) -> bool:
    claimed: Any = session.execute(_CLAIMED, {"sha256": file.sha256, "bytes": file.size}).first()
    return claimed is not None


_CLAIMED = text(
    f"""
    INSERT INTO blobs AS b (sha256, bytes, claimed_until)
    VALUES (:sha256, :bytes, now() + interval '{_CLAIM}')
    ON CONFLICT (sha256) DO UPDATE SET claimed_until = excluded.claimed_until WHERE NOT b.removing
    RETURNING 1
    """  # noqa: S608  # our own words
)
