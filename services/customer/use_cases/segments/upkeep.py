"""Keeping the members of segments: what changed is looked at soon, a new rule works through all customers, time passes.

Every change of a customer, or of what belongs to it, leaves its id in a queue in the same transaction (by a trigger, so
that nothing can be forgotten). A worker's job takes portions from there; each of its transactions does a bounded piece
of work, one at a time in the whole installation.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Event as Stop
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.context import context_for
from common.db import Database
from customer.domain.segments import SWEEP_SECONDS, in_order, ready
from customer.queries.rules import fields as rule_fields
from customer.tables.rules import segments
from customer.use_cases import store
from customer.use_cases.segments.definitions import BEGINNING
from customer.use_cases.segments.members import confirm, hand_over, leave, settle
from customer.use_cases.store import Record
from customer_rules import Rule, RuleInvalid, When, parse

log = logging.getLogger(__name__)

# Up to so many customers, what happens to them is a person's edit; above, a mass change.
_FEW = 20
_PORTION = 1_000

Step = Callable[[Session], bool]


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Keeps the segments of one database; `portion` is how many customers one transaction looks at."""

    database: Database
    zone: ZoneInfo
    portion: int = _PORTION

    def run(self, stop: Stop) -> bool:
        """Does one piece of work, the most urgent; returns whether there may be more."""
        for step in (self.drain, self.rebuild, self.sweep, self.clear):
            if stop.is_set():
                return False
            if self._in_transaction(step):
                return True
        return False

    def drain(self, session: Session) -> bool:
        """Looks at customers that changed."""
        taken = session.execute(_TAKE, {"most": self.portion}).scalars().all()
        ids = sorted(set(taken))
        if not ids:
            return False
        if len(ids) > _FEW:
            _as_mass_change(session)
        hand_over(session, ids)
        when = self._when(session)
        for record, rule in _kept(session):
            settle(session, record, rule, ids, when)
        return True

    def rebuild(self, session: Session) -> bool:
        """Looks at the next customers for a segment whose rule is new, after those that it speaks of."""
        kept = {record["id"]: (record, rule) for record, rule in _kept(session)}
        needs = {segment_id: record["depends_on"] for segment_id, (record, _) in kept.items()}
        waiting = ready((each for each, (record, _) in kept.items() if record["rebuilt_to"]), needs)
        if not waiting:
            return False
        _as_mass_change(session)
        record, rule = kept[waiting[0]]
        values = {"after": record["rebuilt_to"], "most": self.portion}
        ids = list(session.execute(_NEXT, values).scalars())
        changed = settle(session, record, rule, ids, self._when(session)) if ids else []
        confirm(session, record, ids)
        if changed and any(record["id"] in others for others in needs.values()):
            session.execute(_ENQUEUE, {"ids": changed})
        to = ids[-1] if len(ids) == self.portion else None
        session.execute(_REBUILT, {"id": record["id"], "to": to, "rule_version": record["rule_version"]} | values)
        return True

    def sweep(self, session: Session) -> bool:
        """Lets segments whose rules speak of the passing time look at all customers again, every so often."""
        now = store.moment(session)
        due = {"now": now, "before": now - timedelta(seconds=SWEEP_SECONDS), "beginning": BEGINNING}
        return bool(session.execute(_SWEEP, due).scalars().all())

    def clear(self, session: Session) -> bool:
        """Lets members of deleted segments leave, and forgets a segment that has none left."""
        record = session.execute(_DELETED).mappings().one_or_none()
        if record is None:
            return False
        _as_mass_change(session)
        values = {"id": record["id"], "most": self.portion}
        session.execute(_UNBAR, values)
        members = list(session.execute(_MEMBERS, values).scalars())
        leave(session, dict(record), members, by_hand=True)
        if len(members) < self.portion:
            session.execute(_FORGET, values)
        return True

    def _in_transaction(self, step: Step) -> bool:
        def work(session: Session) -> bool:
            # Another worker that is at it does what there is to do.
            return bool(session.execute(_LOCK).scalar()) and step(session)

        return self.database.run(work, context=context_for("system:segments", "Segments"))

    def _when(self, session: Session) -> When:
        return When(store.moment(session), self.zone)


def _kept(session: Session) -> list[tuple[Record, Rule]]:
    """The active segments with their rules, each after those that its rule speaks of."""
    statement = select(segments).where(segments.c.active, segments.c.deleted_at.is_(None))
    rows = {row["id"]: dict(row) for row in session.execute(statement).mappings()}
    fields = rule_fields.stored(session)
    kept = []
    for segment_id in in_order({segment_id: row["depends_on"] for segment_id, row in rows.items()}):
        try:
            kept.append((rows[segment_id], parse(rows[segment_id]["rule"], fields)))
        except RuleInvalid as invalid:
            log.warning(
                "a segment keeps its members as they are", extra={"segment": segment_id, "reason": str(invalid)}
            )
    return kept


def _as_mass_change(session: Session) -> None:
    session.info["context"] = session.info["context"].bulk()


_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext('segments are kept'))")
_TAKE = text(
    """
    DELETE FROM segment_queue WHERE (xact, customer_id) IN (
        SELECT xact, customer_id FROM segment_queue ORDER BY xact, customer_id LIMIT :most)
    RETURNING CAST(customer_id AS text)
    """
)
_ENQUEUE = text(
    """
    INSERT INTO segment_queue (xact, customer_id)
    SELECT pg_current_xact_id(), unnest(CAST(:ids AS uuid[])) ON CONFLICT DO NOTHING
    """
)
_NEXT = text("SELECT CAST(id AS text) FROM customers WHERE id > CAST(:after AS uuid) ORDER BY customers.id LIMIT :most")
# An edit of the rule meanwhile begins from the beginning, and must not be undone here.
_REBUILT = text(
    "UPDATE segments SET rebuilt_to = CAST(:to AS uuid) WHERE id = CAST(:id AS uuid)"
    " AND rule_version = :rule_version AND rebuilt_to = CAST(:after AS uuid)"
)
_SWEEP = text(
    """
    UPDATE segments SET rebuilt_to = CAST(:beginning AS uuid), swept_at = :now
    WHERE relative AND active AND deleted_at IS NULL AND rebuilt_to IS NULL AND swept_at <= :before
    RETURNING id
    """
)
_DELETED = text(
    """
    SELECT CAST(id AS text) AS id, name, rule_version FROM segments
    WHERE deleted_at IS NOT NULL ORDER BY deleted_at LIMIT 1
    """
)
_UNBAR = text("DELETE FROM segment_members WHERE segment_id = CAST(:id AS uuid) AND source = 'manual_out'")
_MEMBERS = text(
    "SELECT CAST(customer_id AS text) FROM segment_members WHERE segment_id = CAST(:id AS uuid) LIMIT :most"
)
_FORGET = text("DELETE FROM segments WHERE id = CAST(:id AS uuid)")
