"""Taking back what an import changed of customers that were there before it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.errors import Refusal
from customer import events
from customer.domain.changes import CUSTOMER_LABELS, changes, reference_change
from customer.domain.tags import tags_change
from customer.use_cases import duplicates, hierarchy, store
from customer.use_cases.imports.undoing import Skip, State, Undoing
from customer.use_cases.locking import lock_customers
from customer.use_cases.merging.parts import part_named
from customer.use_cases.store import Record, moment
from customer.use_cases.tags import tag_names

_PART_OF = {"contact": "contacts", "address": "addresses"}
_EVENT_OF = {"contacts": events.contact, "addresses": events.address}


def revert(session: Session, record: Record, found: Sequence[Mapping[Any, Any]]) -> tuple[int, list[Skip]]:
    """Takes events back, given newest first; returns how many records that changed, and what stays."""
    read = [_event(row) for row in found]
    undoing = Undoing(_states(session, read))
    for entity, verb, event in read:
        undoing.take_back(entity, verb, event)
    customers = [state for state in undoing.states.values() if state.entity == "customer" and state.differs]
    for state in customers:
        _check(session, state, undoing)
    parts = [state for state in undoing.states.values() if state.entity != "customer"]
    changed = [state for state in (*customers, *parts) if state.differs or state.removed]
    if not record["reversion_dry_run"]:
        _write(session, record["id"], [state for state in changed if state.entity == "customer"])
        for entity, name in _PART_OF.items():
            _write_part(session, record["id"], name, [state for state in changed if state.entity == entity])
        duplicates.mark_all(session, sorted({_owner(state) for state in changed}))
    return len(changed), undoing.skips


def _event(row: Mapping[Any, Any]) -> tuple[str, str, Mapping[str, Any]]:
    body = row["body"]
    _service, entity, verb, _major = row["type"].split(".")
    event = {"subject": body["subject"], "version": body["aggregateversion"], "data": body["data"]}
    return entity, verb, event | {"customer_id": row["customer_id"]}


def _states(session: Session, read: Sequence[tuple[str, str, Mapping[str, Any]]]) -> dict[tuple[str, str], State]:
    locked = lock_customers(session, sorted({event["customer_id"] for _entity, _verb, event in read}))
    states = {
        ("customer", customer_id): State("customer", record, dict(record))
        for customer_id, record in locked.items()
        if record["status"] == "active"
    }
    for entity, name in _PART_OF.items():
        ids = sorted({event["subject"] for kind, _verb, event in read if kind == entity})
        for record_id, row in part_named(name).find(session, ids).items():
            if ("customer", row["customer_id"]) in states:
                states[entity, record_id] = State(entity, row, dict(row))
    return states


def _check(session: Session, state: State, undoing: Undoing) -> None:
    """A former head office, group or kind may not fit any more; then it stays as it is."""
    now, before = state.now, state.before
    skip = undoing.skips.append

    def keep(name: str, path: str, reason: str) -> None:
        now[name] = before[name]
        skip(Skip(before["id"], "customer", before["id"], path, reason))

    if now["parent_id"] != before["parent_id"] and now["parent_id"]:
        try:
            hierarchy.moved_parent(session, now["id"], {"parent_id": now["parent_id"]})
        except Refusal as refusal:
            keep("parent_id", "parent", refusal.detail)
    if now["group_id"] not in {None, before["group_id"]}:
        group_is_there = session.execute(_GROUP, {"id": now["group_id"]}).scalar()
        if not group_is_there:
            keep("group_id", "group", "the former group is gone")
    if now["kind"] != before["kind"]:
        keep("kind", "kind", "a business becomes a person only in its own record")


def _write(session: Session, import_id: str, states: Sequence[State]) -> None:
    names = _names(session, states)
    sides = [side for state in states for side in (state.before, state.now)]
    tags = tag_names(session, {tag_id for side in sides for tag_id in side["tag_ids"]})
    written = []
    for state, now in zip(states, hierarchy.placed(session, [state.now for state in states]), strict=True):
        before = state.before
        after = now | {"version": before["version"] + 1, "updated_at": moment(session)}
        differing = changes(before, after, CUSTOMER_LABELS)
        for path, name, label in (
            ("group", "group_id", "Customer group"),
            ("parent", "parent_id", "Head office"),
            ("primary_contact", "primary_contact_id", "Primary contact"),
        ):
            if before[name] != after[name]:
                old, new = ((reference, names.get(reference)) for reference in (before[name], after[name]))
                differing.append(reference_change(path, label, old, new))
        if before["tag_ids"] != after["tag_ids"]:
            differing.append(tags_change(before["tag_ids"], after["tag_ids"], tags))
        written.append(after)
        outbox.add(session, events.customer("updated", after, changes=differing, batch_id=import_id))
        gone = [entry for entry in before["external_ids"] if entry not in after["external_ids"]]
        if gone:
            values = {"systems": [entry["system"] for entry in gone], "ids": [entry["id"] for entry in gone]}
            session.execute(_FORGET_EXTERNAL_IDS, values | {"id": after["id"]})
    store.update_customers(session, written)


def _write_part(session: Session, import_id: str, name: str, states: Sequence[State]) -> None:
    part = part_named(name)
    removed = [state.before for state in states if state.removed]
    changed = []
    build = _EVENT_OF[name]
    for state in states:
        if not state.removed:
            after = state.now | {"version": state.before["version"] + 1, "updated_at": moment(session)}
            changed.append(after)
            differing = changes(state.before, after, part.labels)
            outbox.add(session, build("updated", after, changes=differing, batch_id=import_id))
    if changed:
        part.write(session, changed)
    for record in removed:
        outbox.add(session, build("removed", record | {"version": record["version"] + 1}, batch_id=import_id))
    if removed:
        ids = [record["id"] for record in removed]
        session.execute(part.table.delete().where(part.table.c.id.in_(ids)))


def _owner(state: State) -> str:
    return str(state.before["id"] if state.entity == "customer" else state.before["customer_id"])


def _names(session: Session, states: Sequence[State]) -> dict[str, str]:
    names = ("group_id", "parent_id", "primary_contact_id")
    ids = {side[name] for state in states for side in (state.before, state.now) for name in names if side[name]}
    return {row.id: row.name for row in session.execute(_NAMES, {"ids": sorted(ids)})} if ids else {}


_GROUP = text("SELECT 1 FROM customer_groups WHERE id = CAST(:id AS uuid) FOR KEY SHARE")
_NAMES = text(
    """
    SELECT CAST(id AS text) AS id, name FROM customer_groups WHERE id = ANY (CAST(:ids AS uuid[]))
    UNION ALL SELECT CAST(id AS text), name FROM customers WHERE id = ANY (CAST(:ids AS uuid[]))
    UNION ALL SELECT CAST(id AS text), name FROM contacts WHERE id = ANY (CAST(:ids AS uuid[]))
    """
)
_FORGET_EXTERNAL_IDS = text(
    """
    DELETE FROM external_ids WHERE customer_id = CAST(:id AS uuid) AND (system, external_id) IN (
        SELECT * FROM unnest(CAST(:systems AS text[]), CAST(:ids AS text[])))
    """
)
