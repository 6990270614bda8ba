"""Files of a customer: their names, categories and audiences, and the rules of compliance documents."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

CATEGORIES: Final = ("backup", "site_map", "contract", "nda", "onboarding", "certificate", "photo", "other")
# Papers: seen by who may see documents, and asked for by requirements.
DOCUMENT_CATEGORIES: Final = ("contract", "nda", "onboarding", "certificate")
AUDIENCES: Final = ("internal", "restricted", "portal", "portal_roles")
OPEN_TO_PORTAL: Final = ("portal", "portal_roles")
SIGNATURES: Final = ("not_needed", "requested", "signed", "declined")

NAME_LENGTH: Final = 200
MAX_FILES: Final = 2_000
BIN_DAYS: Final = 90

FILE_LABELS: Final = {
    "name": "Name",
    "category": "Category",
    "description": "Description",
    "revision": "Version",
    "audience": "Who sees it",
    "portal_roles": "Portal roles",
    "document_type": "Type of document",
    "expires_on": "Valid until",
    "signature": "Signature",
    "legal_hold": "Legal hold",
}

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class NameRefused(ValueError):
    """The text is no name of a file; says why."""


def file_name(given: str) -> str:
    """A name as it is kept: NFC, without marks that make it read as another. Raises NameRefused for one with parts of a
    path, and for one of which nothing is left."""
    name = unicodedata.normalize("NFC", given).strip()
    if "/" in name or "\\" in name or name == "." or name.startswith("..") or re.match(r"^[A-Za-z]:", name):
        raise NameRefused("Send the name of the file alone, without folders.")
    if "\x00" in name or _UNPRINTABLE.search(name):
        raise NameRefused("The name holds characters that cannot be seen; rename the file.")
    if not name.strip(". "):
        raise NameRefused("The file needs a name.")
    if len(name) > NAME_LENGTH:
        raise NameRefused(f"The name has {len(name)} characters; {NAME_LENGTH} are the most.")
    return name


def is_document(category: str) -> bool:
    """Whether files of a category are papers."""
    return category in DOCUMENT_CATEGORIES


def document_state(requirement: Mapping[str, Any], documents: Collection[Mapping[str, Any]], today: date) -> str:
    """How a requirement stands with the documents of its type: `met`, `missing`, `unsigned` or `expired`; the best of
    them counts."""
    states = {_state(requirement, document, today) for document in documents}
    return next((state for state in ("met", "unsigned", "expired") if state in states), "missing")


def _state(requirement: Mapping[str, Any], document: Mapping[str, Any], today: date) -> str:
    if document["expires_on"] is not None and document["expires_on"] < today:
        return "expired"
    if requirement["signed"] and document["signature"] != "signed":
        return "unsigned"
    return "met"
