"""A batch of events on its way into the read models: collected by the handlers, written set-based before the commit.

Every replica row takes only a newer version, and what follows from several rows (sections, directory) is computed from
those rows again, so that the result is the same whatever the order in which events arrive.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from common.envelope import Event
from overview.domain.sections import MAX_PEOPLE
from overview.use_cases import directory, statements
from overview.use_cases.rows import Projected, Row, arrival_row, timeline_row

_PLACE = "overview.batch"
_COMMITTED = "overview.committed"
_FOUND_BY_TERMS = ("customers", "contacts", "addresses")


@dataclass(slots=True)
class Batch:
    """What one transaction writes: into the generation that serves, or into the one of a number that is being built."""

    building: int | None
    timeline: list[Row] = field(default_factory=list)
    arrivals: list[Row] = field(default_factory=list)
    newest: dict[str, dict[str, Projected]] = field(default_factory=dict)

    def add(self, event: Event, projected: Projected | None) -> None:
        """Takes an event and its row; of several versions of one row only the newest is kept."""
        entry = timeline_row(event)
        self.timeline.append(entry)
        self.arrivals.append(arrival_row(event, entry))
        if projected is not None:
            rows = self.newest.setdefault(projected.table, {})
            key = projected.row[statements.KEY_OF[projected.table]]
            known = rows.get(key)
            if known is None or known.row["version"] < projected.row["version"]:
                rows[key] = projected

    def write(self, session: Session) -> None:
        """Writes everything, in a fixed number of statements."""
        self._enter(session)
        written = {table: self._upsert(session, table) for table in statements.UPSERT if table in self.newest}
        self._write_terms(session, written)
        session.execute(statements.INSERT_TIMELINE, {"rows": _text(self.timeline)})
        self._write_sections(session, written)
        if self.building is None:
            session.execute(statements.QUEUE_ARRIVALS, {"rows": _text(self.arrivals)})

    def _enter(self, session: Session) -> None:
        # In order, so that two processes wait for each other in one direction only.
        ids = sorted({row["customer_id"] for row in self.timeline})
        if self.building is None:
            session.execute(statements.ENTER_SERVING, {"ids": ids}).one()
        else:
            session.execute(statements.ENTER_BUILT, {"ids": ids, "number": self.building}).one()

    def _upsert(self, session: Session, table: str) -> dict[str, bool]:
        # In key order, so that two processes lock rows in the same order.
        rows = [projected.row for _, projected in sorted(self.newest[table].items())]
        result = session.execute(statements.UPSERT[table], {"rows": _text(rows)})
        return {str(row.key): row.is_new for row in result}

    def _write_terms(self, session: Session, written: dict[str, dict[str, bool]]) -> None:
        stale: list[dict[str, str]] = []
        fresh: list[dict[str, Any]] = []
        for table in _FOUND_BY_TERMS:
            for key, is_new in written.get(table, {}).items():
                projected = self.newest[table][key]
                source = {"customer_id": projected.row.get("customer_id", key), "source_id": key}
                if not is_new:
                    stale.append(source)
                fresh += [{**source, "rank": rank, "field": of, "term": term} for rank, of, term in projected.found_by]
        if stale:
            session.execute(statements.DELETE_TERMS, {"rows": _text(stale)})
        if fresh:
            session.execute(statements.INSERT_TERMS, {"rows": _text(fresh)})
        if written.get("customers"):
            session.execute(statements.RENAME_TERMS, {"ids": list(written["customers"])})

    def _write_sections(self, session: Session, written: dict[str, dict[str, bool]]) -> None:
        customers = list(written.get("customers", ()))
        of_contacts = self._customers_of("contacts", written)
        of_addresses = self._customers_of("addresses", written)
        of_access = list(written.get("accesses", ()))
        if customers or of_contacts:
            ids = sorted({*customers, *of_contacts})
            session.execute(statements.WRITE_CONTACTS, {"ids": ids, "most": MAX_PEOPLE})
        if of_addresses:
            session.execute(statements.WRITE_ADDRESSES, {"ids": sorted({*of_addresses}), "most": MAX_PEOPLE})
        if of_access:
            session.execute(statements.WRITE_ACCESS, {"ids": sorted(of_access)})
        touched = sorted({*customers, *of_contacts, *of_addresses, *of_access})
        if touched:
            session.execute(directory.REFRESH, {"ids": touched})

    def _customers_of(self, table: str, written: dict[str, dict[str, bool]]) -> list[str]:
        return [self.newest[table][key].row["customer_id"] for key in written.get(table, ())]


def collect(
    session: Session, building: int | None, event: Event, projected: Projected | None, committed: Callable[[], None]
) -> None:
    """Adds an event to the transaction's batch. `committed` is called once after the commit."""
    batch: Batch | None = session.info.get(_PLACE)
    if batch is None:
        batch = session.info[_PLACE] = Batch(building)
    batch.add(event, projected)
    session.info[_COMMITTED] = committed


@sqlalchemy_event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    # Also where a savepoint is released: a row that the database refuses then fails its own event, not the batch.
    batch: Batch | None = session.info.pop(_PLACE, None)
    if batch is not None:
        batch.write(session)


@sqlalchemy_event.listens_for(Session, "after_commit")
def _tell(session: Session) -> None:
    if session.in_nested_transaction():
        return
    committed: Callable[[], None] | None = session.info.pop(_COMMITTED, None)
    if committed is not None:
        committed()


def _text(rows: list[Any]) -> str:
    return orjson.dumps(rows).decode()
