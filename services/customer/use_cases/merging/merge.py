"""Carrying a planned merge out: everything in one transaction, and everything written down so that it can be undone."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.ids import new_id
from customer import events
from customer.domain.changes import CUSTOMER_LABELS, Change, changes, reference_change
from customer.domain.merging import CUSTOM, LOGIN, Field
from customer.domain.tags import tags_change
from customer.errors.merges import PlanOutdated
from customer.tables.systems import systems
from customer.use_cases import duplicates, field_values, hierarchy, store
from customer.use_cases.merging.plan import Choices, Move, Plan, make_plan
from customer.use_cases.store import Record, moment
from customer.use_cases.tags import tag_names
from customer.use_cases.tax_ids import refuse_clashes
from customer.use_cases.vault import Vault


def merge(
    session: Session,
    survivor_id: str,
    loser_ids: Sequence[str],
    choices: Choices,
    fingerprint: str,
    vault: Vault,
    *,
    merged_by: str,
) -> Record:
    """Merges customers as planned; raises PlanOutdated where anything that the plan rests on has changed, and
    DuplicateTaxId where a tax id would be shared with another tree. Returns the merge. The losers stay for ever as
    names of the survivor."""
    plan = make_plan(session, survivor_id, loser_ids, choices)
    if plan.fingerprint != fingerprint:
        raise PlanOutdated(
            "Something has changed since you looked at the plan; look at it again.",
            facts={"fingerprint": plan.fingerprint},
        )
    now = moment(session)
    record = _record(session, plan, merged_by)
    moves = [move for move in plan.moves if move.after is not None]
    moved: list[Record] = [_note(record, move) for move in moves]
    losers = [_put_away(session, plan, loser) for loser in plan.losers]
    session.execute(_MOVE_EXTERNAL_IDS, {"ids": list(loser_ids), "survivor": survivor_id})
    _write_moves(session, plan, moves)
    vault.reseal(session, {m.before["id"]: _owners(m) for m in moves if m.part.table is systems})
    survivor = _write_survivor(session, plan)
    field_values.release(session, [survivor_id, *loser_ids])
    field_values.claim_again(session, [survivor])
    branches = _repoint(session, plan, plan.branches, "parent_id")
    aliases = _repoint(session, plan, plan.aliases, "merged_into")
    for part, before, after in (("branches", plan.branches, branches), ("aliases", plan.aliases, aliases)):
        moved += [_noted(record["id"], part, b, a["version"]) for b, a in zip(before, after, strict=True)]
    refuse_clashes(session, [survivor_id, *hierarchy.below(session, [survivor_id])])
    record["survivor"] = {"before": plan.survivor, "after": survivor}
    record["losers"] = [
        {"before": before, "archive_id": after["archive_id"] if before["status"] == "active" else None}
        for before, after in zip(plan.losers, losers, strict=True)
    ]
    session.execute(_INSERT, {**record, **{name: _json(record[name]) for name in _JSON_COLUMNS}, "created_at": now})
    if moved:
        session.execute(_INSERT_MOVES, {"rows": _json(moved)})
    duplicates.forget_pairs(session, loser_ids)
    duplicates.mark_all(session, [survivor_id, *loser_ids])
    outbox.add(session, events.merge("merged", record, login_of=choices.get(LOGIN)))
    return record


def _owners(move: Move) -> tuple[str, str]:
    after = move.after or move.before
    return move.before["customer_id"], after["customer_id"]


def _record(session: Session, plan: Plan, merged_by: str) -> Record:
    unresolved = [move.shown for move in plan.moves if move.after is None]
    alternates = plan.alternates + [
        {"field": move.part.name, "label": move.part.name.capitalize(), "customer_id": move.before["customer_id"],
         "value": move.before["id"], "value_label": move.clash}
        for move in plan.moves
        if move.after is not None and move.clash
    ]  # fmt: skip
    return {
        "id": new_id(),
        "customer_id": plan.survivor["id"],
        "alternates": alternates,
        "unresolved": unresolved,
        "counts": plan.counts,
        "merged_by": merged_by,
        "merged_label": session.info["context"].actor_label,
        "version": 1,
        "created_at": moment(session),
    }


def _put_away(session: Session, plan: Plan, loser: Record) -> Record:
    """A loser as it stays: archived, pointing to the survivor, out of every tree and group."""
    now = moment(session)
    archive = {
        "status": "archived",
        "archive_id": new_id(),
        "archive_reason": f"Merged into {plan.survivor['number']} {plan.survivor['name']}"[:500],
        "archived_at": now,
    }
    # One that was archived before keeps its archive, by which others know what that one ended.
    after = loser | (archive if loser["status"] == "active" else {})
    after |= {
        "merged_into": plan.survivor["id"],
        "parent_id": None,
        "path_ids": [loser["id"]],
        "group_id": None,
        "tag_ids": [],
        "external_ids": [],
        "primary_contact_id": None,
        "deletion_at": None,
        "deletion_by": None,
        "version": loser["version"] + 1,
        "updated_at": now,
    }
    store.update_customers(session, [after])
    new = (plan.survivor["id"], plan.survivor["name"])
    differing = [
        *changes(loser, after, CUSTOMER_LABELS),
        reference_change("merged_into", "Merged into", (None, None), new),
    ]
    outbox.add(session, events.customer("archived", after, changes=differing))
    return after


def _write_survivor(session: Session, plan: Plan) -> Record:
    """The survivor is a version further even where nothing of it differs: the merge is a change of it."""
    [placed] = hierarchy.placed(session, [plan.after])
    after = placed | {"version": plan.survivor["version"] + 1, "updated_at": moment(session)}
    store.update_customers(session, [after])
    differing = changes(plan.survivor, after, CUSTOMER_LABELS)
    differing += [change for field in plan.fields for change in _field_change(plan, field)]
    differing += field_values.told(session, "customer", plan.survivor, after)
    if after["tag_ids"] != plan.survivor["tag_ids"]:
        names = tag_names(session, {*plan.survivor["tag_ids"], *after["tag_ids"]})
        differing.append(tags_change(plan.survivor["tag_ids"], after["tag_ids"], names))
    outbox.add(session, events.customer("updated", after, changes=differing))
    return after


def _field_change(plan: Plan, field: Field) -> list[Change]:
    before = field.candidates[0][1]
    if field.name in CUSTOMER_LABELS or field.name.startswith(CUSTOM) or before == field.value:
        return []
    old, new = ((value, plan.label_of(value)) for value in (before, field.value))
    return [reference_change(field.name.removesuffix("_id"), field.label, old, new)]


def _write_moves(session: Session, plan: Plan, moves: Sequence[Move]) -> None:
    names = {customer["id"]: customer["name"] for customer in (plan.survivor, *plan.losers)}
    for part in {move.part.name: move.part for move in moves}.values():
        of_it = [move for move in moves if move.part is part]
        written: list[tuple[Record, list[Change]]] = []
        for move in of_it:
            after = dict(move.after or {}) | {"version": move.before["version"] + 1, "updated_at": moment(session)}
            differing = changes(move.before, after, part.labels)
            for column in part.columns:
                if move.before[column] != after[column]:
                    old, new = ((owner, names.get(owner)) for owner in (move.before[column], after[column]))
                    path = column.removesuffix("_id")
                    differing.append(reference_change(path, "Customer", old, new))
            written.append((after, differing))
        part.write(session, [after for after, _changes in written])
        for draft in part.announce(session, written):
            outbox.add(session, draft)


def _repoint(session: Session, plan: Plan, records: Sequence[Record], column: str) -> list[Record]:
    """Customers that referred to a loser refer to the survivor."""
    names = {loser["id"]: loser["name"] for loser in plan.losers}
    written = [
        before | {column: plan.survivor["id"], "version": before["version"] + 1, "updated_at": moment(session)}
        for before in records
    ]
    written = hierarchy.placed(session, written)
    for before, after in zip(records, written, strict=True):
        old, new = (before[column], names[before[column]]), (plan.survivor["id"], plan.survivor["name"])
        path, label = ("parent", "Head office") if column == "parent_id" else (column, "Merged into")
        outbox.add(session, events.customer("updated", after, changes=[reference_change(path, label, old, new)]))
    store.update_customers(session, written)
    return written


def _note(record: Record, move: Move) -> Record:
    return _noted(record["id"], move.part.name, move.before, move.before["version"] + 1)


def _noted(merge_id: str, part: str, before: Record, after_version: int) -> Record:
    return {
        "merge_id": merge_id,
        "part": part,
        "record_id": before["id"],
        "before": before,
        "after_version": after_version,
    }


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


_JSON_COLUMNS = ("survivor", "losers", "alternates", "unresolved", "counts")
_INSERT = text(
    """
    INSERT INTO merges (id, customer_id, survivor, losers, alternates, unresolved, counts, merged_by, merged_label,
                        version, created_at)
    VALUES (:id, :customer_id, CAST(:survivor AS jsonb), CAST(:losers AS jsonb), CAST(:alternates AS jsonb),
            CAST(:unresolved AS jsonb), CAST(:counts AS jsonb), :merged_by, :merged_label, :version, :created_at)
    """
)
_INSERT_MOVES = text(
    """
    INSERT INTO merge_moves (merge_id, part, record_id, before, after_version)
    SELECT merge_id, part, record_id, before, after_version
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r(merge_id uuid, part text, record_id uuid, before jsonb, after_version bigint)
    """
)
_MOVE_EXTERNAL_IDS = text(
    "UPDATE external_ids SET customer_id = CAST(:survivor AS uuid) WHERE customer_id = ANY (CAST(:ids AS uuid[]))"
)
