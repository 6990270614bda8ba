"""Everything about one customer as an archive that is made while it is sent; memory holds a piece of it at a time."""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Column, ColumnElement, Table, false, select, true
from sqlalchemy.orm import Session

from common.db import Database
from common.spreadsheets import MARK, csv_line
from common.storage.port import CHUNK, BlobMissing, Storage, StorageUnavailable
from customer.domain.viewers import Viewer
from customer.queries.customers import customer
from customer.queries.files import seen_by_staff
from customer.queries.notes import visible as note_visible
from customer.tables.customers import addresses, contacts
from customer.tables.files import files
from customer.tables.notes import notes
from customer.tables.properties import assignments, moves
from customer.tables.systems import systems

_ROWS_AT_ONCE = 500


def _all(_viewer: Viewer) -> ColumnElement[bool]:
    return true()


def _systems(viewer: Viewer) -> ColumnElement[bool]:
    return true() if viewer.systems else false()


@dataclass(frozen=True, slots=True)
class Part:
    """A noun of the record: a table with `id` and `customer_id`, which of its rows exist for whom, and the columns that
    never leave."""

    name: str
    table: Table
    seen: Callable[[Viewer], ColumnElement[bool]] = _all
    kept: frozenset[str] = frozenset()

    @property
    def columns(self) -> list[Column[Any]]:
        """What is exported."""
        return [column for column in self.table.columns if column.name not in self.kept]


# What an export holds besides the customer itself.
PARTS: Sequence[Part] = (
    Part("contacts", contacts),
    Part("addresses", addresses),
    Part("assignments", assignments),
    Part("moves", moves),
    Part("systems", systems, _systems, frozenset(["secrets"])),
    Part("notes", notes, note_visible),
    Part("files", files, seen_by_staff),
)

_LEFT_OUT = (
    {"what": "timeline.json", "why": "The timeline is not this service's; GET /api/customers/{id}/timeline reads it."},
    {"what": "invoices, orders, tickets", "why": "They belong to other services; each exports its own."},
)


def export_files(session: Session, customer_id: str, viewer: Viewer) -> list[dict[str, Any]]:
    """The present files of a customer that somebody may see, with what is needed to send and to log them."""
    statement = select(files).where(
        files.c.customer_id == customer_id, files.c.deleted_at.is_(None), seen_by_staff(viewer)
    )
    return [dict(row) for row in session.execute(statement.order_by(files.c.id)).mappings()]


def archive(
    database: Database,
    storage: Storage,
    customer_id: str,
    viewer: Viewer,
    contents: Sequence[Mapping[str, Any]],
    now: datetime,
) -> Iterator[bytes]:
    """A ZIP file: JSON and CSV of every part, the `contents` as files, and what is left out with its reason."""
    sink = _Sink()
    left_out: list[Mapping[str, str]] = list(_LEFT_OUT)
    with zipfile.ZipFile(sink, "w", allowZip64=True) as made:
        with database.transaction() as session:
            shown = {str(name): value for name, value in customer(session, customer_id).items()}
        yield from _entry(made, sink, now, "customer.json", [_json(shown)])
        for part in PARTS:
            yield from _entry(made, sink, now, f"{part.name}.json", _as_json(database, part, customer_id, viewer))
            yield from _entry(made, sink, now, f"{part.name}.csv", _as_csv(database, part, customer_id, viewer))
        taken: set[str] = set()
        for file in contents:
            name = _place(file, taken)
            try:
                pieces = storage.open(file["sha256"])
            except (BlobMissing, StorageUnavailable):
                left_out.append({"what": name, "why": "The storage did not give its content; fetch it by itself."})
                continue
            yield from _entry(made, sink, now, name, pieces, zipfile.ZIP_STORED)
        yield from _entry(made, sink, now, "left-out.json", [_json(left_out)])
    yield sink.take()


def _entry(
    made: zipfile.ZipFile,
    sink: "_Sink",
    now: datetime,
    name: str,
    pieces: Iterable[bytes],
    method: int = zipfile.ZIP_DEFLATED,
) -> Iterator[bytes]:
    about = zipfile.ZipInfo(name, now.timetuple()[:6])
    about.compress_type = method
    with made.open(about, "w", force_zip64=True) as entry:
        for piece in pieces:
            entry.write(piece)
            if sink.waiting >= CHUNK:
                yield sink.take()
    yield sink.take()


def _place(file: Mapping[str, Any], taken: set[str]) -> str:
    name = f"files/{file['name']}"
    if name.lower() in taken:
        name = f"files/{file['id']}/{file['name']}"
    taken.add(name.lower())
    return name


def _as_json(database: Database, part: Part, customer_id: str, viewer: Viewer) -> Iterator[bytes]:
    start = b"[\n"
    for row in _rows(database, part, customer_id, viewer):
        yield start + _json(row)
        start = b",\n"
    yield b"\n]\n" if start == b",\n" else b"[]\n"


def _as_csv(database: Database, part: Part, customer_id: str, viewer: Viewer) -> Iterator[bytes]:
    yield (MARK + csv_line([column.name for column in part.columns])).encode()
    for row in _rows(database, part, customer_id, viewer):
        yield csv_line([_cell(value) for value in row.values()]).encode()


def _rows(database: Database, part: Part, customer_id: str, viewer: Viewer) -> Iterator[dict[str, Any]]:
    of = part.table.c
    after = None
    while True:
        statement = select(*part.columns).where(of.customer_id == customer_id, part.seen(viewer))
        if after is not None:
            statement = statement.where(of.id > after)
        # A transaction for each batch: the caller may read slowly.
        with database.transaction() as session:
            rows = session.execute(statement.order_by(of.id).limit(_ROWS_AT_ONCE)).mappings().all()
        yield from ({str(name): value for name, value in row.items()} for row in rows)
        if len(rows) < _ROWS_AT_ONCE:
            return
        after = rows[-1]["id"]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else _json(value).decode().strip('"')


def _json(value: Any) -> bytes:
    return orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z)


class _Sink(io.RawIOBase):
    """Takes what the archive writes, until somebody takes it away."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self.waiting = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        self.waiting += len(data)
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        self.waiting = 0
        return taken
