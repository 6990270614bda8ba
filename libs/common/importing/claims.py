"""Which rows of a file repeat an earlier one: the keys of earlier chunks are in the database."""

from collections.abc import Collection, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.importing.kinds import Outcome
from common.importing.rows import Row


def claim(session: Session, import_id: str, rows: Sequence[Row], repeated: str) -> tuple[list[Row], Outcome]:
    """The first row of each key in the file; the others are refused, naming the line of the first."""
    lines: dict[str, int] = {}
    for row in rows:
        for key in row.keys:
            lines.setdefault(key, row.raw.line)
    if lines:
        parameters = {"id": import_id, "keys": list(lines), "lines": list(lines.values())}
        taken = set(lines) - set(session.execute(_CLAIM, parameters).scalars())
        if taken:
            lines |= lines_of(session, import_id, taken)
    first: list[Row] = []
    outcome = Outcome()
    for row in rows:
        earlier = next((lines[key] for key in row.keys if lines[key] != row.raw.line), None)
        if earlier is None:
            first.append(row)
        else:
            problem = ("duplicate_in_file", f"Line {earlier} of the file has the same {repeated}.")
            outcome.refused.append((row, [problem]))
    return first, outcome


def lines_of(session: Session, import_id: str, keys: Collection[str]) -> dict[str, int]:
    """The keys that rows of the file have claimed so far, each with its line."""
    found = session.execute(_LINES, {"id": import_id, "keys": list(keys)})
    return {known.key: known.line for known in found}


_CLAIM = text(
    """
    INSERT INTO import_keys (import_id, key, line)
    SELECT CAST(:id AS uuid), key, line FROM unnest(CAST(:keys AS text[]), CAST(:lines AS integer[])) AS k(key, line)
    ON CONFLICT DO NOTHING RETURNING key
    """
)
_LINES = text("SELECT key, line FROM import_keys WHERE import_id = CAST(:id AS uuid) AND key = ANY (:keys)")
