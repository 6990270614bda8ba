"""Which column of a file goes to which field."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence


def key_of(heading: str) -> str:
    """A heading without accents, case and signs: ` Straße No. ` is `strasse_no`."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", heading) if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "_", plain.casefold().replace("ß", "ss")).strip("_")


def assign(
    columns: Sequence[str], mapping: Mapping[str, str | None], field_of: Callable[[str], str | None]
) -> list[str | None]:
    """The field of each column: what `mapping` says, else what the heading says, each field once (the leftmost column
    wins). A column mapped to null is left out."""
    given = {field for field in mapping.values() if field}
    used: set[str] = set()
    assigned: list[str | None] = []
    for column in columns:
        field = mapping[column] if column in mapping else field_of(column)
        if field is not None and (field in used or (column not in mapping and field in given)):
            field = None
        if field is not None:
            used.add(field)
        assigned.append(field)
    return assigned
