"""What a file really is: by its first bytes and, of an archive, by its headers. Nothing is ever unpacked."""

import zipfile
from typing import Final

import puremagic

from common.storage.spool import Spooled
from customer.domain import archives
from customer.domain.file_types import ARCHIVES, CONTAINED, IMAGES, OCTETS, OLE, OLE_TYPES, PLAIN, PROGRAMS, TYPES, ZIP
from customer.errors.files import ArchiveRefused, FileTypeContradicted

_HEAD = 4096
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_MACHO = (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe")
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13, 27}
# Marks that other files begin with by chance: for these, puremagic's word is not enough to contradict a name.
_TELLING: Final = frozenset({*IMAGES.values(), *ARCHIVES.values(), *PROGRAMS.values(), "application/pdf"}) | {
    "image/vnd.dwg",
    "video/mp4",
    "application/vnd.sqlite3",
}


def type_of(file: Spooled, name: str) -> str:
    """The media type of a content: PLAIN for text of any kind, OLE for any old office file, OCTETS where nothing is
    known. Raises ArchiveRefused for an archive that would unpack to too much."""
    file.seek(0)
    head = file.read(_HEAD)
    if head.startswith(_ZIP_STARTS):
        return _archive(file, name)
    if head.startswith((b"\x7fELF", *_MACHO)):
        return PROGRAMS["elf"]
    if head.startswith(b"%PDF-"):  # which may be text from the first to the last letter
        return TYPES["pdf"]
    if _is_text(head, whole=len(head) == file.size):
        return PROGRAMS["sh"] if head.startswith(b"#!") else PLAIN
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return OCTETS
    for candidate in found:
        ending = candidate.extension.lstrip(".").lower()
        if ending in OLE_TYPES:
            return OLE
        media_type = TYPES.get(ending)
        if media_type in _TELLING:
            return media_type
    return OCTETS


def contradiction(name: str, said: str, found: str) -> FileTypeContradicted:
    """The refusal of a file that is not what it says."""
    return FileTypeContradicted(
        f"{name} says that it is {said}, but its content is {found}. Give it the name of what it is, or send the file "
        "that you meant.",
        facts={"said": said, "found": found},
    )


def _is_text(head: bytes, *, whole: bool) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decodes(head[: len(head) // 2 * 2], "utf-16")
    # A letter may be cut in two where the head ends.
    return not _CONTROL.intersection(head) and any(
        _decodes(head[: len(head) - cut], "utf-8") for cut in ((0,) if whole else range(4))
    )


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _archive(file: Spooled, name: str) -> str:
    try:
        reason = archives.danger(archives.directory(file, file.size))
        if reason is None:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
                reason = archives.bomb(
                    (archives.Entry(entry.header_offset, entry.compress_size, entry.file_size) for entry in entries),
                    file.size,
                )
                mimetype = _mimetype(archive, entries)
    # zipfile raises NotImplementedError for a compression or version that it does not know.
    except (archives.NoArchive, zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise ArchiveRefused(f"{name} begins like an archive and cannot be read as one; send it again.") from error
    if reason is not None:
        raise ArchiveRefused(f"{name} is not taken: {reason}.")
    return CONTAINED.get(archives.contained_type((entry.filename for entry in entries), mimetype), ZIP)


def _mimetype(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> str:
    """What OpenDocument files say of themselves: stored, not packed, and short."""
    first = entries[0] if entries else None
    if first is None or first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED:
        return ""
    if first.file_size > 100 or first.flag_bits & 1:
        return ""
    return archive.read(first).decode("ascii", "replace")
