"""What customers' imports show besides progress: possible duplicates, and how far a reversion is."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from common.importing import kinds
from common.paging import Key, keyset
from common.web import Page
from customer.errors import ImportNotFound
from customer.tables.duplicates import duplicate_checks, duplicate_pairs
from customer.tables.imports import imports, reversion_skips

# A dry run counts as it goes; of a real one the pairs are found by the sweep.
_PAIRS = (
    select(func.count())
    .select_from(duplicate_pairs)
    .where(duplicate_pairs.c.import_id == imports.c.id)
    .scalar_subquery()
)
STATEMENT: Final[Select[Any]] = select(
    imports,
    _PAIRS.label("pairs"),
    exists().where(duplicate_checks.c.import_id == imports.c.id).label("unchecked"),
)


def skipped_page(session: Session, import_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """What the reversion of an import left as it is, in the order in which it was met. Raises ImportNotFound."""
    check_import(session, import_id)
    statement = select(reversion_skips).where(reversion_skips.c.import_id == import_id)
    rows = keyset(session, statement, [Key(reversion_skips.c.position)], cursor=cursor, limit=limit, scope=scope)
    return Page(rows.rows, rows.next_cursor)


def check_import(session: Session, import_id: str) -> None:
    """Raises ImportNotFound where there is no such import."""
    if session.execute(select(imports.c.id).where(imports.c.id == import_id)).scalar() is None:
        raise ImportNotFound("There is no such import.")


def shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row of STATEMENT as it is answered."""
    reversion = None
    if row["reversion"]:
        reversion = {
            "state": row["reversion"],
            "dry_run": row["reversion_dry_run"],
            "reverted": row["reverted"],
            "skipped": row["reversion_skipped"],
        }
    return kinds.shown(row) | {
        "possible_duplicates": row["possible_duplicates"] + row["pairs"],
        "duplicates_checked": row["state"] in {"completed", "failed"} and not row["unchecked"],
        "reversion": reversion,
    }
