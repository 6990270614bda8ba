"""What a merge would do, worked out under the locks of the merge itself, with a fingerprint of all it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common.errors import FieldError
from customer.domain.hierarchy import MAX_DEPTH
from customer.domain.merging import LOGIN, Field, choosable, merged, refuse_merged, settle
from customer.errors import CustomerNotFound
from customer.errors.merges import MergeChoice, MergeRefused
from customer.use_cases.hierarchy import lock_tree
from customer.use_cases.locking import lock_customers
from customer.use_cases.merging.parts import PARTS, Part
from customer.use_cases.merging.refusals import refuse_unmergeable
from customer.use_cases.store import Record

Choices = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Move:
    """One row on its way: as it was, and as it will be. Without `after` it stays behind, for somebody to resolve."""

    part: Part
    before: Record
    after: Record | None
    clash: str

    @property
    def shown(self) -> Record:
        """What a person is told of a clash."""
        return {"part": self.part.name, "id": self.before["id"], "note": self.clash}


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the merge writes, locked."""

    survivor: Record
    losers: Sequence[Record]
    choices: Choices
    fields: Sequence[Field]
    after: Record
    moves: Sequence[Move]
    branches: Sequence[Record]
    aliases: Sequence[Record]
    names: Mapping[str, str]
    fingerprint: str

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each part move."""
        counts = {part.name: 0 for part in PARTS}
        for move in self.moves:
            counts[move.part.name] += move.after is not None
        return counts | {"branches": len(self.branches)}

    @property
    def alternates(self) -> list[Record]:
        """The values that do not win."""
        return [
            {"field": field.name, "label": field.label, "customer_id": owner, "value": value,
             "value_label": self.label_of(value)}
            for field in self.fields
            for owner, value in field.alternates
        ]  # fmt: skip

    def label_of(self, value: Any) -> str | None:
        """The name of a group, head office or contact that a value refers to."""
        return self.names.get(value) if isinstance(value, str) else None


def make_plan(session: Session, survivor_id: str, loser_ids: Sequence[str], choices: Choices) -> Plan:
    """Works out the merge. Raises CustomerNotFound, Merged, MergeChoice, and MergeRefused with every reason at once."""
    lock_tree(session, alone=True)
    wanted = [survivor_id, *loser_ids]
    near = session.execute(_NEAR, {"ids": list(loser_ids)}).mappings().all()
    records = lock_customers(session, sorted({*wanted, *(row["id"] for row in near)}))
    _refuse_unknown(records, wanted)
    survivor, losers = records[survivor_id], [records[loser_id] for loser_id in loser_ids]
    refuse_unmergeable(session, survivor, losers)
    _check_choices(survivor, losers, choices)
    fields = settle(survivor, losers, {name: owner for name, owner in choices.items() if name != LOGIN})
    after = merged(survivor, losers, fields)
    moves, states = _moves(session, survivor_id, loser_ids)
    branches = [record for record in records.values() if record["parent_id"] in loser_ids]
    aliases = [record for record in records.values() if record["merged_into"] in loser_ids]
    _refuse_depth(session, after["parent_id"], losers)
    return Plan(
        survivor,
        losers,
        choices,
        fields,
        after,
        moves,
        branches,
        aliases,
        _names(session, fields),
        _fingerprint(records, states, wanted, choices),
    )


def _refuse_unknown(records: Mapping[str, Record], wanted: Sequence[str]) -> None:
    for place, customer_id in enumerate(wanted):
        if customer_id not in records:
            where = [FieldError(f"/losers/{place - 1}", "No such customer.")] if place else []
            raise CustomerNotFound("There is no such customer.", errors=where)
        refuse_merged(records[customer_id])


def _check_choices(survivor: Record, losers: Sequence[Record], choices: Choices) -> None:
    known = {*choosable([survivor, *losers]), LOGIN}
    ids = {survivor["id"], *(loser["id"] for loser in losers)}
    errors = [
        FieldError(f"/choices/{name}", "Is no field that can be chosen.") for name in choices if name not in known
    ]
    errors += [
        FieldError(f"/choices/{name}", "Is none of the customers that are merged.")
        for name, owner in choices.items()
        if owner not in ids
    ]
    if errors:
        raise MergeChoice("A choice names a field and the customer whose value it takes.", errors=errors)


def _moves(session: Session, survivor_id: str, loser_ids: Sequence[str]) -> tuple[list[Move], list[tuple[Any, ...]]]:
    """The rows of the losers as they will be with the survivor; and the state of all rows, for the fingerprint."""
    moves: list[Move] = []
    states: list[tuple[Any, ...]] = []
    gone = set(loser_ids)
    for part in PARTS:
        rows = part.read(session, [survivor_id, *loser_ids])
        states += [(part.name, row["id"], row["version"]) for row in rows]
        present = [row for row in rows if gone.isdisjoint(row[column] for column in part.columns)]
        for before in (row for row in rows if not gone.isdisjoint(row[column] for column in part.columns)):
            owners = {column: survivor_id for column in part.columns if before[column] in gone}
            fit = part.fit(before | owners, present)
            moves.append(Move(part, before, fit.record, fit.clash))
            if fit.record is not None:
                present.append(fit.record)
    return moves, states


def _refuse_depth(session: Session, parent_id: str | None, losers: Sequence[Record]) -> None:
    """The branches of the losers come below the survivor, which may stand deeper than they did."""
    values = {"parent": parent_id, "ids": [loser["id"] for loser in losers]}
    above, height = session.execute(_LEVELS, values).one()
    if above + height > MAX_DEPTH:
        detail = f"The tree would have {above + height} levels; {MAX_DEPTH} are allowed. Move branches first."
        reason = {"code": "hierarchy_too_deep", "detail": detail, "customer_id": losers[0]["id"]}
        raise MergeRefused(detail, facts={"reasons": [reason]})


def _names(session: Session, fields: Sequence[Field]) -> dict[str, str]:
    references = {"group_id", "parent_id", "primary_contact_id"}
    ids = [value for field in fields if field.name in references for _owner, value in field.candidates if value]
    return {row.id: row.name for row in session.execute(_NAMES, {"ids": ids})} if ids else {}


def _fingerprint(
    records: Mapping[str, Record], states: Sequence[tuple[Any, ...]], wanted: Sequence[str], choices: Choices
) -> str:
    versions = sorted((customer_id, record["version"]) for customer_id, record in records.items())
    basis = orjson.dumps([wanted[0], sorted(wanted[1:]), sorted(choices.items()), versions, sorted(states)])
    return sha256(basis).hexdigest()


_NEAR = text(
    """
    SELECT CAST(id AS text) AS id FROM customers
    WHERE parent_id = ANY (CAST(:ids AS uuid[])) OR merged_into = ANY (CAST(:ids AS uuid[]))
    """
)
_LEVELS = text(
    """
    WITH RECURSIVE up (id, parent_id, level) AS (
        SELECT id, parent_id, 1 FROM customers WHERE id = CAST(:parent AS uuid)
        UNION ALL
        SELECT c.id, c.parent_id, up.level + 1 FROM up JOIN customers c ON c.id = up.parent_id WHERE up.level < 64
    ), down (id, level) AS (
        SELECT unnest(CAST(:ids AS uuid[])), 1
        UNION ALL
        SELECT c.id, down.level + 1 FROM down JOIN customers c ON c.parent_id = down.id WHERE down.level < 64
    )
    SELECT COALESCE((SELECT max(level) FROM up), 0) AS above, (SELECT max(level) FROM down) AS height
    """
)
_NAMES = text(
    """
    SELECT CAST(id AS text) AS id, name FROM customer_groups WHERE id = ANY (CAST(:ids AS uuid[]))
    UNION ALL SELECT CAST(id AS text), name FROM customers WHERE id = ANY (CAST(:ids AS uuid[]))
    UNION ALL SELECT CAST(id AS text), name FROM contacts WHERE id = ANY (CAST(:ids AS uuid[]))
    """
)
