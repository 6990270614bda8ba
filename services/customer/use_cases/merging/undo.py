"""Undoing a merge: every customer gets back what was its own, unless somebody has changed it since.

What cannot go back stays with the survivor and is listed; what would make the result wrong refuses the whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from customer import events
from customer.domain.changes import Change, changes, reference_change
from customer.domain.merging import UNDO_DAYS, UNDONE_LABELS, restored_field
from customer.domain.tags import tags_change
from customer.errors.merges import MergeNotFound, UndoRefused
from customer.use_cases import duplicates, field_values, store
from customer.use_cases.hierarchy import lock_tree, placed
from customer.use_cases.locking import lock_customers
from customer.use_cases.merging.parts import PARTS, Part
from customer.use_cases.store import Record, moment
from customer.use_cases.tags import tag_names
from customer.use_cases.vault import Vault

_REFERENCES = ("branches", "aliases")
_FIELDS = ("name", "dba_name", "lifecycle", "group_id", "parent_id", "primary_contact_id", "custom_fields")


@dataclass(slots=True)
class Undoing:
    """What going back means: who is whole again, how many rows go back, what stays and why."""

    merge: Record
    survivor: Record
    losers: Mapping[str, Record]
    returning: dict[str, list[tuple[Record, Record]]] = field(default_factory=dict)
    kept: list[Record] = field(default_factory=list)

    def keep(self, part: str, record_id: str, reason: str) -> None:
        self.kept.append({"part": part, "id": record_id, "reason": reason})

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each part go back."""
        return {part: len(pairs) for part, pairs in self.returning.items()}


def undo(session: Session, customer_id: str, merge_id: str, vault: Vault, *, dry_run: bool) -> Record:
    """Undoes a merge into this customer, or only says what that would do. Raises MergeNotFound, UndoRefused, and
    ValueTaken where somebody else has a unique value by now."""
    lock_tree(session, alone=True)
    record = _merge(session, customer_id, merge_id)
    moves = session.execute(_MOVES, {"id": merge_id}).mappings().all()
    losers = [entry["before"]["id"] for entry in record["losers"]]
    near = [move["record_id"] for move in moves if move["part"] in _REFERENCES]
    parents = [entry["before"]["parent_id"] for entry in record["losers"] if entry["before"]["parent_id"]]
    customers = lock_customers(session, sorted({customer_id, *losers, *near, *parents}))
    _refuse(session, record, customers, losers)
    undoing = Undoing(record, customers[customer_id], {loser: customers[loser] for loser in losers})
    _plan_parts(session, undoing, moves)
    _plan_references(undoing, moves, customers)
    survivor, differing = _survivor(session, undoing)
    if not dry_run:
        _write(session, undoing, survivor, differing, customers)
        pairs = undoing.returning["systems"]
        vault.reseal(session, {now["id"]: (now["customer_id"], back["customer_id"]) for now, back in pairs})
    return {
        "merge_id": merge_id,
        "dry_run": dry_run,
        "restored": [{name: customers[loser][name] for name in ("id", "number", "name")} for loser in losers],
        "counts": undoing.counts,
        "kept": undoing.kept,
    }


def _merge(session: Session, customer_id: str, merge_id: str) -> Record:
    row = session.execute(_READ, {"id": merge_id, "customer_id": customer_id}).mappings().one_or_none()
    if row is None:
        raise MergeNotFound("This customer has no such merge.")
    return dict(row)


def _refuse(session: Session, record: Record, customers: Mapping[str, Record], losers: Sequence[str]) -> None:
    if record["state"] == "undone":
        raise UndoRefused("This merge was undone already.")
    if record["created_at"] < moment(session) - timedelta(days=UNDO_DAYS):
        raise UndoRefused(f"A merge can be undone for {UNDO_DAYS} days; this one is older.")
    survivor = customers.get(record["customer_id"])
    if survivor is None or survivor["merged_into"]:
        raise UndoRefused("The survivor was itself merged into another customer since; undo that merge first.")
    if survivor["status"] == "archived":
        raise UndoRefused("The survivor is archived; restore it first.")
    missing = [loser for loser in losers if customers.get(loser, {}).get("merged_into") != record["customer_id"]]
    if missing:
        raise UndoRefused("One of the merged customers is gone or belongs to another one now.")


def _plan_parts(session: Session, undoing: Undoing, moves: Sequence[Any]) -> None:
    for part in PARTS:
        befores = {move["record_id"]: move for move in moves if move["part"] == part.name}
        present = part.find(session, list(befores)) if befores else {}
        undoing.returning[part.name] = []
        for record_id, move in befores.items():
            now = present.get(record_id)
            if now is None:
                undoing.keep(part.name, record_id, "was removed since")
            elif not any(now[column] in {undoing.survivor["id"], *undoing.losers} for column in part.columns):
                undoing.keep(part.name, record_id, "belongs to another customer now")
            else:
                undoing.returning[part.name].append((now, _back(part, now, move)))


def _back(part: Part, now: Record, move: Mapping[str, Any]) -> Record:
    """The row with its former owner; what the merge took from it comes back unless it was edited since."""
    before = move["before"]
    names = {*part.columns, *part.along, *(part.labels if now["version"] == move["after_version"] else ())}
    return now | {name: before[name] for name in names}


def _plan_references(undoing: Undoing, moves: Sequence[Any], customers: Mapping[str, Record]) -> None:
    survivor_id = undoing.survivor["id"]
    for part, column in (("branches", "parent_id"), ("aliases", "merged_into")):
        undoing.returning[part] = []
        for move in (move for move in moves if move["part"] == part):
            now = customers.get(move["record_id"])
            if now is None or now[column] != survivor_id:
                undoing.keep(part, move["record_id"], "was moved or removed since")
            else:
                undoing.returning[part].append((now, now | {column: move["before"][column]}))


def _survivor(session: Session, undoing: Undoing) -> tuple[Record, list[Change]]:
    """The survivor without what came from the others, as far as nobody has changed that since."""
    states, now = undoing.merge["survivor"], undoing.survivor
    after = dict(now)
    for name in _FIELDS:
        after[name], was_changed = restored_field(now[name], states["after"][name], states["before"][name])
        if was_changed:
            undoing.keep("fields", name, "was changed since")
    came = set(states["after"]["tag_ids"]) - set(states["before"]["tag_ids"])
    after["tag_ids"] = [tag for tag in now["tag_ids"] if tag not in came]
    theirs = {(entry["system"], entry["id"]) for loser in undoing.merge["losers"]
              for entry in loser["before"]["external_ids"]}  # fmt: skip
    after["external_ids"] = [e for e in now["external_ids"] if (e["system"], e["id"]) not in theirs]
    returning = {row["id"] for row, _back in undoing.returning["contacts"]}
    if after["primary_contact_id"] in returning:
        after["primary_contact_id"] = None
        undoing.keep("fields", "primary_contact_id", "goes back to its customer; choose a new primary contact")
    return after, _changes(session, now, after)


def _write(
    session: Session,
    undoing: Undoing,
    survivor: Record,
    differing: list[Change],
    customers: Mapping[str, Record],
) -> None:
    # The losers first: their rows must have somebody to go back to.
    restored = [_restore(session, undoing, entry, customers) for entry in undoing.merge["losers"]]
    for part in PARTS:
        _write_part(session, undoing, part)
    field_values.release(session, [survivor["id"], *undoing.losers])
    field_values.claim_again(session, [survivor, *(after for after in restored if after["status"] == "active")])
    for after in restored:
        systems = [entry["system"] for entry in after["external_ids"]]
        ids = [entry["id"] for entry in after["external_ids"]]
        values = {"id": after["id"], "survivor": survivor["id"], "systems": systems, "ids": ids}
        session.execute(_RETURN_EXTERNAL_IDS, values)
    if differing:
        _next_version(session, survivor, differing)
    for reference, column, path, label in (
        ("branches", "parent_id", "parent", "Head office"),
        ("aliases", "merged_into", "merged_into", "Merged into"),
    ):
        for now, back in undoing.returning[reference]:
            old = (survivor["id"], survivor["name"])
            new = (back[column], undoing.losers[back[column]]["name"])
            _next_version(session, back | {"version": now["version"]}, [reference_change(path, label, old, new)])
    record = undoing.merge | {"version": undoing.merge["version"] + 1}
    session.execute(_UNDONE, {"id": record["id"], "version": record["version"], "now": moment(session)})
    duplicates.mark_all(session, [survivor["id"], *undoing.losers])
    outbox.add(session, events.merge("unmerged", record))


def _restore(session: Session, undoing: Undoing, entry: Mapping[str, Any], customers: Mapping[str, Record]) -> Record:
    """A loser as it was before; its head office only where that is still one."""
    before, now = entry["before"], undoing.losers[entry["before"]["id"]]
    names = (*_FIELDS, "status", "tag_ids", "external_ids", "archive_id", "archive_reason")
    after = now | {name: before[name] for name in names} | {"merged_into": None}
    after["archived_at"] = datetime.fromisoformat(before["archived_at"]) if before["archived_at"] else None
    parent = customers.get(before["parent_id"] or "")
    if before["parent_id"] and (parent is None or parent["status"] != "active"):
        after["parent_id"] = None
        undoing.keep("fields", "parent_id", "the head office is archived or gone")
    here = {row["id"] for row, _back in undoing.returning["contacts"]}
    if after["primary_contact_id"] not in here:
        after["primary_contact_id"] = None
    groups = session.execute(_GROUP_IS_THERE, {"id": after["group_id"]}).scalar()
    after["group_id"] = after["group_id"] if groups else None
    [after] = placed(session, [after | {"version": now["version"] + 1, "updated_at": moment(session)}])
    store.update_customers(session, [after])
    ended = {name: now[name] for name in ("archive_id", "archive_reason", "archived_at")}
    shown = after | ended if after["status"] == "active" else after
    verb: events.CustomerVerb = "restored" if after["status"] == "active" else "archived"
    outbox.add(session, events.customer(verb, shown, changes=_changes(session, now, after)))
    return after


def _write_part(session: Session, undoing: Undoing, part: Part) -> None:
    names = {undoing.survivor["id"]: undoing.survivor["name"]}
    names |= {loser: record["name"] for loser, record in undoing.losers.items()}
    written: list[tuple[Record, list[Change]]] = []
    for now, back in undoing.returning[part.name]:
        after = back | {"version": now["version"] + 1, "updated_at": moment(session)}
        differing = changes(now, after, part.labels)
        for column in part.columns:
            if now[column] != after[column]:
                old, new = ((owner, names.get(owner)) for owner in (now[column], after[column]))
                differing.append(reference_change(column.removesuffix("_id"), "Customer", old, new))
        written.append((after, differing))
    if written:
        part.write(session, [after for after, _changes in written])
        for draft in part.announce(session, written):
            outbox.add(session, draft)


def _changes(session: Session, before: Record, after: Record) -> list[Change]:
    differing = changes(before, after, UNDONE_LABELS | {"merged_into": "Merged into"})
    if before["tag_ids"] != after["tag_ids"]:
        names = tag_names(session, {*before["tag_ids"], *after["tag_ids"]})
        differing.append(tags_change(before["tag_ids"], after["tag_ids"], names))
    return differing + field_values.told(session, "customer", before, after)


def _next_version(session: Session, record: Record, differing: Sequence[Change]) -> None:
    [after] = placed(session, [record | {"version": record["version"] + 1, "updated_at": moment(session)}])
    store.update_customers(session, [after])
    outbox.add(session, events.customer("updated", after, changes=differing))


_READ = text(
    """
    SELECT CAST(id AS text) AS id, CAST(customer_id AS text) AS customer_id, survivor, losers, counts, state, version,
           created_at
    FROM merges WHERE id = CAST(:id AS uuid) AND customer_id = CAST(:customer_id AS uuid) FOR UPDATE
    """
)
_MOVES = text(
    """
    SELECT part, CAST(record_id AS text) AS record_id, before, after_version FROM merge_moves
    WHERE merge_id = CAST(:id AS uuid) ORDER BY part, record_id
    """
)
_RETURN_EXTERNAL_IDS = text(
    """
    UPDATE external_ids SET customer_id = CAST(:id AS uuid)
    WHERE customer_id = CAST(:survivor AS uuid) AND (system, external_id) IN (
        SELECT * FROM unnest(CAST(:systems AS text[]), CAST(:ids AS text[])))
    """
)
_GROUP_IS_THERE = text("SELECT 1 FROM customer_groups WHERE id = CAST(:id AS uuid) FOR KEY SHARE")
_UNDONE = text("UPDATE merges SET state = 'undone', version = :version, undone_at = :now WHERE id = CAST(:id AS uuid)")
