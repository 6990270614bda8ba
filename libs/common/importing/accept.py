"""Taking an import in: its options are checked and its file is kept; the rows are the worker's."""

from collections.abc import Iterator, Mapping
from typing import IO, Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common.errors import FieldError, Invalid
from common.ids import new_id
from common.importing.kinds import Importing, Kind, Record

_PART = 1024 * 1024


def start_import(
    session: Session,
    importing: Importing,
    file: IO[bytes],
    file_name: str,
    options: Mapping[str, Any],
    *,
    requested_by: str,
    label: str,
    max_bytes: int,
) -> Record:
    """Keeps the file and queues the import. Raises the service's refusals: too large, and options for an empty file or
    a mapping to fields that do not exist."""
    kind, refusals = importing.kinds[options["type"]], importing.refusals
    mapping = _Mapping(kind, refusals.options).read(options.get("mapping"))
    record = {
        "id": new_id(),
        "type": kind.name,
        "mode": options["mode"],
        "match": _match(kind, options.get("match"), refusals.options),
        "mapping": orjson.dumps(mapping).decode(),
        "dry_run": options["dry_run"],
        "file_name": "".join(letter for letter in file_name if letter.isprintable())[-200:] or "file",
        "requested_by": requested_by,
        "requested_label": label,
        "created_at": session.info["publisher"].clock.now(),
    }
    session.execute(_INSERT, record)
    size = 0
    for part, body in enumerate(_parts(file)):
        size += len(body)
        if size > max_bytes:
            raise refusals.too_large(f"The file has more than {max_bytes:,} bytes; split it and send the parts.")
        session.execute(_INSERT_PART, {"id": record["id"], "part": part, "body": body})
    if not size:
        raise refusals.options("The file is empty.", errors=[FieldError("/file", "Is empty.")])
    session.execute(_SIZE, {"id": record["id"], "bytes": size})
    return record | {"mapping": mapping, "state": "queued", "file_bytes": size}


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    while body := file.read(_PART):
        yield body


def _match(kind: Kind, given: str | None, refusal: type[Invalid]) -> str:
    match = given or kind.matches[0]
    if match not in kind.matches:
        detail = f"Rows of {kind.name} are matched by {' or '.join(kind.matches)}."
        raise refusal(detail, errors=[FieldError("/match", detail)])
    return match


class _Mapping:
    """Reads the option `mapping` of one type of import."""

    def __init__(self, kind: Kind, refusal: type[Invalid]) -> None:
        self._kind = kind
        self._refusal = refusal

    def read(self, given: str | None) -> dict[str, str | None]:
        """The field by heading, null for a column that is left out."""
        if not given:
            return {}
        try:
            mapping = orjson.loads(given)
        except orjson.JSONDecodeError as error:
            raise self._wrong("Is not JSON.") from error
        if not isinstance(mapping, dict) or not all(
            value is None or isinstance(value, str) for value in mapping.values()
        ):
            raise self._wrong("Must be an object from headings to field names.")
        fields = [value for value in mapping.values() if value]
        unknown = sorted({value for value in fields if not self._kind.may_be_mapped(value)})
        if unknown:
            raise self._wrong(f"Unknown fields: {', '.join(unknown)[:200]}. Fields are {', '.join(self._kind.fields)}.")
        if len(set(fields)) != len(fields):
            raise self._wrong("Two columns cannot go to one field.")
        return {column: value or None for column, value in mapping.items()}

    def _wrong(self, detail: str) -> Invalid:
        return self._refusal(f"The mapping cannot be used. {detail}", errors=[FieldError("/mapping", detail)])


_INSERT = text(
    """
    INSERT INTO imports (id, type, mode, match, mapping, dry_run, file_name, file_bytes, requested_by, requested_label,
                         created_at)
    VALUES (:id, :type, :mode, :match, CAST(:mapping AS jsonb), :dry_run, :file_name, 0, :requested_by,
            :requested_label, :created_at)
    """
)
_INSERT_PART = text("INSERT INTO import_parts (import_id, part, body) VALUES (:id, :part, :body)")
_SIZE = text("UPDATE imports SET file_bytes = :bytes WHERE id = CAST(:id AS uuid)")
