"""A batch of events on its way into the read models: collected by the handlers, written set-based before the commit.

Every replica row takes only a newer version, and what follows from several rows (sections, directory) is computed from
those rows again, so that the result is the same whatever the order in which events arrive.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from common.envelope import Event
from common.pipeline import Statement, send
from overview.domain.sections import MAX_PEOPLE
from overview.use_cases import directory, statements
from overview.use_cases.rows import Projected, Row, arrival_row, timeline_row

_PLACE = "overview.batch"
_COMMITTED = "overview.committed"


class NoSuchGeneration(RuntimeError):
    """The generation that a consumer fills no longer takes anything."""


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
        """Writes everything, in a fixed number of statements and one round trip."""
        found = send(session, [self._enter(), *self._rows(), *self._terms(), *self._sections()])
        if not found[0]:
            raise NoSuchGeneration("the generation that was to be written has been retired")

    def _enter(self) -> Statement:
        # In order, so that two processes wait for each other in one direction only.
        ids = sorted({row["customer_id"] for row in self.timeline})
        if self.building is None:
            return statements.ENTER_SERVING, {"ids": ids}
        return statements.ENTER_BUILT, {"ids": ids, "number": self.building}

    def _rows(self) -> Iterator[Statement]:
        for table in statements.UPSERT:
            if table in self.newest:
                # In key order, so that two processes lock rows in the same order.
                rows = [projected.row for _, projected in sorted(self.newest[table].items())]
                yield statements.UPSERT[table], {"rows": _text(rows)}
        yield statements.INSERT_TIMELINE, {"rows": _text(self.timeline)}
        if self.building is None:
            yield statements.QUEUE_ARRIVALS, {"rows": _text(self.arrivals)}

    def _terms(self) -> Iterator[Statement]:
        for table in statements.FOUND_BY_TERMS:
            sources, terms = [], []
            for key, projected in self.newest.get(table, {}).items():
                row = projected.row
                sources.append(
                    {"customer_id": row.get("customer_id", key), "source_id": key, "version": row["version"]}
                )
                terms += [
                    {"source_id": key, "rank": rank, "field": of, "term": term} for rank, of, term in projected.found_by
                ]
            if sources:
                yield statements.WRITE_TERMS[table], {"sources": _text(sources), "terms": _text(terms)}
        if "customers" in self.newest:
            yield statements.RENAME_TERMS, {"ids": list(self.newest["customers"])}

    def _sections(self) -> Iterator[Statement]:
        customers = list(self.newest.get("customers", ()))
        of_contacts = self._customers_of("contacts")
        of_addresses = self._customers_of("addresses")
        of_access = list(self.newest.get("accesses", ()))
        if customers or of_contacts:
            yield statements.WRITE_CONTACTS, {"ids": sorted({*customers, *of_contacts}), "most": MAX_PEOPLE}
        if of_addresses:
            yield statements.WRITE_ADDRESSES, {"ids": sorted({*of_addresses}), "most": MAX_PEOPLE}
        if of_access:
            yield statements.WRITE_ACCESS, {"ids": sorted(of_access)}
        touched = sorted({*customers, *of_contacts, *of_addresses, *of_access})
        if touched:
            yield directory.REFRESH, {"ids": touched}

    def _customers_of(self, table: str) -> list[str]:
        return [projected.row["customer_id"] for projected in self.newest.get(table, {}).values()]


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
