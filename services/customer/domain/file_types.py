"""Which types of files are known, which categories take them, and when a name and a content contradict each other."""

from collections.abc import Mapping
from typing import Final

OCTETS: Final = "application/octet-stream"
PLAIN: Final = "text/plain"
OLE: Final = "application/x-ole-storage"
ZIP: Final = "application/zip"

_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

TEXTS: Final[Mapping[str, str]] = {
    "txt": PLAIN,
    "log": PLAIN,
    "md": "text/markdown",
    "csv": "text/csv",
    "json": "application/json",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "ini": PLAIN,
    "cfg": PLAIN,
    "conf": PLAIN,
    "sql": PLAIN,
    "dxf": "image/vnd.dxf",
    "svg": "image/svg+xml",
    "html": "text/html",
    "htm": "text/html",
    "eml": "message/rfc822",
    "ics": "text/calendar",
}
IMAGES: Final[Mapping[str, str]] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "bmp": "image/bmp",
    "heic": "image/heic",
    "heif": "image/heic",
}
# Kept in a ZIP container; what is inside tells them apart.
CONTAINED: Final[Mapping[str, str]] = {
    "zip": ZIP,
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "vsdx": "application/vnd.ms-visio.drawing",
    "odt": f"{_ODF}text",
    "ods": f"{_ODF}spreadsheet",
    "odp": f"{_ODF}presentation",
}
# One container for all of them; only the name tells them apart.
OLE_TYPES: Final[Mapping[str, str]] = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "vsd": "application/vnd.visio",
    "msg": "application/vnd.ms-outlook",
}
ARCHIVES: Final[Mapping[str, str]] = {
    "gz": "application/gzip",
    "tgz": "application/gzip",
    "7z": "application/x-7z-compressed",
    "rar": "application/vnd.rar",
    "tar": "application/x-tar",
    "bz2": "application/x-bzip2",
    "xz": "application/x-xz",
}
PROGRAMS: Final[Mapping[str, str]] = {
    "exe": "application/vnd.microsoft.portable-executable",
    "dll": "application/vnd.microsoft.portable-executable",
    "elf": "application/x-executable",
    "sh": "application/x-sh",
}
_OTHERS = {"pdf": "application/pdf", "dwg": "image/vnd.dwg", "mp4": "video/mp4", "sqlite": "application/vnd.sqlite3"}

TYPES: Final[Mapping[str, str]] = {
    **TEXTS,
    **IMAGES,
    **CONTAINED,
    **OLE_TYPES,
    **ARCHIVES,
    **PROGRAMS,
    **_OTHERS,
}

_PAPERS = frozenset(
    {"application/pdf", PLAIN, *IMAGES.values(), *OLE_TYPES.values(), *CONTAINED.values(), "message/rfc822"} - {ZIP}
)
_PLANS = frozenset({"application/pdf", "image/vnd.dwg", "image/vnd.dxf", "image/svg+xml", *IMAGES.values()})
_VISIO = frozenset({CONTAINED["vsdx"], OLE_TYPES["vsd"]})

ALLOWED: Final[Mapping[str, frozenset[str] | None]] = {
    "backup": None,
    "site_map": _PLANS | _VISIO,
    "contract": _PAPERS,
    "nda": _PAPERS,
    "onboarding": _PAPERS,
    "certificate": _PAPERS,
    "photo": frozenset(IMAGES.values()),
    "other": frozenset({*TYPES.values(), OCTETS} - {*PROGRAMS.values(), "text/html"}),
}


def extension(name: str) -> str:
    """The last extension of a file name in lower case, without its dot; empty where there is none."""
    stem, dot, last = name.rpartition(".")
    return last.lower() if dot and stem else ""


def said_by(name: str, announced: str | None) -> str | None:
    """The type that a file claims to be: by the extension of its name, else by what the sender announced; None where
    neither says anything."""
    by_name = TYPES.get(extension(name))
    if by_name:
        return by_name
    plain = (announced or "").partition(";")[0].strip().lower()
    return plain if plain in TYPES.values() else None


def settled(said: str | None, found: str) -> str | None:
    """The type of a file that says it is `said` and whose content looks like `found`; None where they contradict each
    other. `found` is PLAIN for any text and OLE for any old office file."""
    if said is None:
        return found
    if said == found or (found == PLAIN and said in TEXTS.values()) or (found == OLE and said in OLE_TYPES.values()):
        return said
    if found == PLAIN and said == PROGRAMS["sh"]:
        return said
    return None


def is_allowed(category: str, media_type: str) -> bool:
    """Whether a category takes files of a type."""
    types = ALLOWED[category]
    return types is None or media_type in types
