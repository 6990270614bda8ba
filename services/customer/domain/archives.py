"""When an archive would become too large if somebody unpacked it. Nothing here unpacks anything: headers suffice."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

MAX_ENTRIES: Final = 20_000
MAX_DIRECTORY: Final = 8 * 1024 * 1024
MAX_UNPACKED: Final = 2 * 1024 * 1024 * 1024
MAX_RATIO: Final = 100
_SMALL = 10 * 1024 * 1024  # what unpacks to no more than this is no danger, whatever its ratio

_HEADER = 30  # before the name and data of each file
_END = b"PK\x05\x06"
_END_SIZE = 22
_LONGEST_COMMENT = 65_535
_END64 = b"PK\x06\x06"
_LOCATOR64 = b"PK\x06\x07"


class NoArchive(ValueError):
    """The content begins like a ZIP file and has no readable end."""


@dataclass(frozen=True, slots=True)
class Directory:
    """What the end of a ZIP file says about its table of contents."""

    entries: int
    size: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in an archive, by its header: packed and unpacked bytes, and where its data begin."""

    at: int
    packed: int
    unpacked: int


class Seekable(Protocol):
    """What can be read from any place."""

    def seek(self, offset: int, /) -> int: ...
    def read(self, size: int, /) -> bytes | None: ...


def directory(file: Seekable, size: int) -> Directory:
    """Reads only the end of a ZIP file of `size` bytes; raises NoArchive."""
    tail_size = min(size, _END_SIZE + _LONGEST_COMMENT)
    file.seek(size - tail_size)
    tail = file.read(tail_size) or b""
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise NoArchive("no end of the archive")
    entries, length, offset = struct.unpack_from("<HII", tail, at + 10)
    if entries == 0xFFFF or length == 0xFFFFFFFF or offset == 0xFFFFFFFF:
        return _directory64(file, size - tail_size + at)
    return Directory(entries, length)


def _directory64(file: Seekable, end: int) -> Directory:
    file.seek(max(0, end - 20))
    locator = file.read(20) or b""
    if not locator.startswith(_LOCATOR64):
        raise NoArchive("no end of the archive (ZIP64)")
    file.seek(struct.unpack_from("<Q", locator, 8)[0])
    record = file.read(56) or b""
    if len(record) < 56 or not record.startswith(_END64):
        raise NoArchive("no end of the archive (ZIP64)")
    entries, length = struct.unpack_from("<QQ", record, 32)
    return Directory(entries, length)


def danger(found: Directory) -> str | None:
    """Why even the table of contents is too large to be read; None where it is not."""
    if found.entries > MAX_ENTRIES:
        return f"it holds {found.entries:,} files, more than {MAX_ENTRIES:,}"
    if found.size > MAX_DIRECTORY:
        return f"its table of contents has {found.size:,} bytes, more than {MAX_DIRECTORY:,}"
    return None


def bomb(entries: Iterable[Entry], size: int) -> str | None:
    """Why an archive of `size` bytes would unpack to too much; None where it would not."""
    unpacked = end = 0
    overlapping = False
    for entry in sorted(entries, key=lambda one: one.at):
        unpacked += entry.unpacked
        overlapping = overlapping or entry.at < end
        end = entry.at + _HEADER + entry.packed
    if unpacked > MAX_UNPACKED:
        return f"it unpacks to {unpacked:,} bytes, more than {MAX_UNPACKED:,}"
    if overlapping or end > size:
        return "its files overlap each other"
    if unpacked > _SMALL and unpacked > MAX_RATIO * size:
        return f"it unpacks to {unpacked // size:,} times its size, more than {MAX_RATIO} times"
    return None


def contained_type(names: Iterable[str], mimetype: str) -> str:
    """The extension of what a ZIP container is, by the names in it and the content of its entry `mimetype` (empty where
    there is none): `docx`, `odt` …, else `zip`."""
    by_mimetype = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
    start, _, kind = mimetype.rpartition(".")
    if start == "application/vnd.oasis.opendocument" and kind in by_mimetype:
        return by_mimetype[kind]
    there = set(names)
    if "[Content_Types].xml" in there:
        for part, found in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"), ("visio/", "vsdx")):
            if any(name.startswith(part) for name in there):
                return found
    return "zip"
