"""Taking an import in: its options are checked and its file is kept; the rows are the worker's."""

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Final

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common.errors import FieldError
from common.ids import new_id
from customer.errors import ImportOptions, ImportTooLarge
from customer.use_cases.imports.fields import FIELDS_OF, is_custom
from customer.use_cases.store import Record, moment

TYPES: Final = tuple(FIELDS_OF)
MODES: Final = ("create", "update", "upsert")
MATCHES: Final = ("number", "external_id")

_PART = 1024 * 1024


def start_import(
    session: Session,
    file: IO[bytes],
    file_name: str,
    options: Mapping[str, Any],
    *,
    requested_by: str,
    label: str,
    max_bytes: int,
) -> Record:
    """Keeps the file and queues the import. Raises ImportTooLarge, and ImportOptions for an empty file or a mapping to
    fields that do not exist."""
    mapping = _mapping(options.get("mapping"), FIELDS_OF[options["type"]])
    record = {
        "id": new_id(),
        "type": options["type"],
        "mode": options["mode"],
        "match": options["match"],
        "mapping": orjson.dumps(mapping).decode(),
        "dry_run": options["dry_run"],
        "file_name": "".join(letter for letter in file_name if letter.isprintable())[-200:] or "file",
        "requested_by": requested_by,
        "requested_label": label,
        "created_at": moment(session),
    }
    session.execute(_INSERT, record)
    size = 0
    for part, body in enumerate(_parts(file)):
        size += len(body)
        if size > max_bytes:
            raise ImportTooLarge(f"The file has more than {max_bytes:,} bytes; split it and send the parts.")
        session.execute(_INSERT_PART, {"id": record["id"], "part": part, "body": body})
    if not size:
        raise ImportOptions("The file is empty.", errors=[FieldError("/file", "Is empty.")])
    session.execute(_SIZE, {"id": record["id"], "bytes": size})
    return record | {"mapping": mapping, "state": "queued", "file_bytes": size}


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    while body := file.read(_PART):
        yield body


def _mapping(given: str | None, known: Sequence[str]) -> dict[str, str | None]:
    if not given:
        return {}
    try:
        mapping = orjson.loads(given)
    except orjson.JSONDecodeError as error:
        raise _mapping_wrong("Is not JSON.") from error
    if not isinstance(mapping, dict) or not all(value is None or isinstance(value, str) for value in mapping.values()):
        raise _mapping_wrong("Must be an object from headings to field names.")
    of_customers = known == FIELDS_OF["customers"]
    named = {value for value in mapping.values() if value and value not in known}
    unknown = sorted(value for value in named if not (of_customers and is_custom(value)))
    if unknown:
        raise _mapping_wrong(f"Unknown fields: {', '.join(unknown)[:200]}. Fields are {', '.join(known)}.")
    fields = [value for value in mapping.values() if value]
    if len(set(fields)) != len(fields):
        raise _mapping_wrong("Two columns cannot go to one field.")
    return {column: value or None for column, value in mapping.items()}


def _mapping_wrong(detail: str) -> ImportOptions:
    return ImportOptions(f"The mapping cannot be used. {detail}", errors=[FieldError("/mapping", detail)])


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
