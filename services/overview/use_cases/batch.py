"""A batch of events on its way into the read models: collected by the handlers, written set-based before the commit.

Every replica row takes only a newer version, and what follows from several rows (sections, directory) is computed from
those rows again, so that the result is the same whatever the order in which events arrive.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from common.envelope import Event
from common.pipeline import Statement, send
from overview.domain.nouns.noun import Noun
from overview.domain.sections import MAX_PEOPLE
from overview.domain.timeline import former_owners
from overview.use_cases import directory, statements
from overview.use_cases.rows import Projected, Row, arrival_row, timeline_rows
from overview.use_cases.statements import Key

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
    newest: dict[str, dict[Key, Projected]] = field(default_factory=dict)
    left: dict[str, set[tuple[str, str]]] = field(default_factory=dict)  # table -> row and the customer it belonged to

    def add(self, event: Event, projected: Iterable[Projected]) -> None:
        """Takes an event and its rows; of several versions of one row only the newest is kept."""
        for entry in timeline_rows(event):
            self.timeline.append(entry)
            self.arrivals.append(arrival_row(event, entry))
        for one in projected:
            rows = self.newest.setdefault(one.table, {})
            key = statements.key_of(one.table, one.row)
            known = rows.get(key)
            if known is None or known.row["version"] < one.row["version"]:
                rows[key] = one
            if one.table in statements.PARTS:
                former = {(one.row["id"], owner) for owner in former_owners(event.data) if owner != one.customer_id}
                self.left.setdefault(one.table, set()).update(former)

    def write(self, session: Session) -> None:
        """Writes everything, in a fixed number of statements and one round trip."""
        found = send(session, [self._enter(), *self._rows(), *self._terms(), *self._sections()])
        if not found[0]:
            raise NoSuchGeneration("the generation that was to be written has been retired")

    def _enter(self) -> Statement:
        # In order, so that two processes wait for each other in one direction only.
        ids = {row["customer_id"] for row in self.timeline} | set(self._owners("records"))
        for left in self.left.values():
            ids |= {owner for _, owner in left}
        if self.building is None:
            return statements.ENTER_SERVING, {"ids": sorted(ids)}
        return statements.ENTER_BUILT, {"ids": sorted(ids), "number": self.building}

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
        for table in statements.WRITE_TERMS:
            sources = []
            for projected in self.newest.get(table, {}).values():
                if projected.noun is not None and not projected.noun.is_found:
                    continue
                row = projected.row
                terms = [{"rank": rank, "field": of, "term": term} for rank, of, term in projected.found_by]
                source = _source(projected.customer_id, row["id"], row["version"], terms)
                sources.append(source | {"kind": row["kind"]} if table == "records" else source)
            sources += [
                _source(owner, id_, self.newest[table][id_].row["version"], [])
                for id_, owner in sorted(self.left.get(table, ()))
            ]
            if sources:
                yield statements.WRITE_TERMS[table], {"sources": _text(sources)}
        if "customers" in self.newest:
            yield statements.RENAME_TERMS, {"ids": self._owners("customers")}

    def _sections(self) -> Iterator[Statement]:
        customers = self._owners("customers")
        of_contacts = self._owners("contacts")
        of_addresses = self._owners("addresses")
        of_access = self._owners("accesses")
        records = self.newest.get("records", {}).values()
        if customers or of_contacts:
            yield statements.WRITE_CONTACTS, {"ids": sorted({*customers, *of_contacts}), "most": MAX_PEOPLE}
        if of_addresses:
            yield statements.WRITE_ADDRESSES, {"ids": sorted({*of_addresses}), "most": MAX_PEOPLE}
        for table, left in self.left.items():
            if left:
                yield statements.CLEAR_PARTS[table], {"ids": sorted({owner for _, owner in left})}
        if of_access:
            yield statements.WRITE_ACCESS, {"ids": sorted(of_access)}
        shown = {(one.customer_id, one.noun.entity): one.noun for one in records if one.noun and one.noun.section}
        if shown:
            yield (
                statements.WRITE_SECTIONS,
                {"touched": _text([section(owner, shown[owner, entity]) for owner, entity in sorted(shown)])},
            )
        counted = [one.customer_id for one in records if one.noun and one.noun.is_counted]
        touched = sorted({*customers, *of_contacts, *of_addresses, *of_access, *counted})
        if touched:
            yield directory.REFRESH, {"ids": touched}

    def _owners(self, table: str) -> list[str]:
        """The customers of a table's rows, those of before included."""
        now = [projected.customer_id for projected in self.newest.get(table, {}).values()]
        return now + [owner for _, owner in self.left.get(table, ())]


def _source(owner: str, source_id: str, version: int, terms: list[Row]) -> Row:
    return {"customer_id": owner, "source_id": source_id, "version": version, "terms": terms}


def section(owner: str, noun: Noun) -> Row:
    """What `WRITE_SECTIONS` needs to know of a section of a customer."""
    return {
        "customer_id": owner,
        "kind": noun.kind,
        "section": noun.section,
        "most": noun.most,
        "audiences": noun.audiences,
    }


def collect(
    session: Session, building: int | None, event: Event, projected: Iterable[Projected], committed: Callable[[], None]
) -> None:
    """Adds an event to the transaction's batch. `committed` is called once after the commit."""
    batch: Batch | None = session.info.get(_PLACE)
    if batch is None:
        batch = session.info[_PLACE] = Batch(building)
    batch.add(event, projected)
    session.info[_COMMITTED] = committed


def settle(session: Session) -> None:
    """Writes what the transaction has collected so far, for a handler that changes what is written."""
    batch: Batch | None = session.info.pop(_PLACE, None)
    if batch is not None:
        batch.write(session)


@sqlalchemy_event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    # Also where a savepoint is released: a row that the database refuses then fails its own event, not the batch.
    settle(session)


@sqlalchemy_event.listens_for(Session, "after_commit")
def _tell(session: Session) -> None:
    if session.in_nested_transaction():
        return
    committed: Callable[[], None] | None = session.info.pop(_COMMITTED, None)
    if committed is not None:
        committed()


def _text(rows: list[Any]) -> str:
    return orjson.dumps(rows).decode()
