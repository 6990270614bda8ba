"""What can be done with the settings of a scope, and what is remembered of the customers and groups they belong to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from common import erasure, outbox, replicas
from common.envelope import Event
from common.erasure import Erasure
from common.errors import Refusal
from common.personal import MARKER
from portal_settings import errors, events
from portal_settings.domain import Decided, Licence, ScopeRef, ScopeState
from portal_settings.queries.affected import affected_customers
from portal_settings.queries.scopes import own_state, scope_state
from portal_settings.queries.views import resolved_document, settings_view
from portal_settings.tables import replica_customers, replica_groups, scope_settings
from portal_switches import KEYS, LICENSED_KEY, SWITCHES, Change, ChangeRequest, Plan, Refused, plan_change

Wanted = Mapping[str, Any]
Document = dict[str, Any]

_REFUSALS: dict[str, type[Refusal]] = {
    "locked": errors.Locked,
    "dependent_setting": errors.DependentSetting,
    "licence_not_acknowledged": errors.LicenceNotAcknowledged,
}


def change_settings(session: Session, ref: ScopeRef, version: int, wanted: Wanted) -> Document:
    """Changes what a scope has decided, or with `dry_run` only tells what that would do. `wanted` holds `settings`
    (`on`, `off`, or None to inherit), `locks`, `cascade`, `reason`, and `licence_acknowledgement` where it changes.

    Raises Changed where `version` is not the present one, CustomerArchived, and Locked, DependentSetting or
    LicenceNotAcknowledged with all that stands in the way."""
    state = scope_state(session, ref)
    if state.version != version:
        raise _changed()
    if state.archived:
        raise errors.CustomerArchived("The settings of an archived customer cannot be changed; restore it first.")
    plan = plan_change(state.walk, _request(state, wanted))
    after = _planned(session, state, plan, wanted)
    if wanted["dry_run"]:
        return _outcome(session, after, plan) | {
            "dry_run": True,
            "refusals": [_refusal_document(refused) for refused in plan.refusals],
            "affected_customers": affected_customers(session, state, plan),
        }
    if plan.refusals:
        raise _refusal(plan)
    if plan.changes:
        after = _store(session, after, plan.changes, reason=wanted["reason"])
    return _outcome(session, after, plan) | {"dry_run": False}


def clear_settings(session: Session, ref: ScopeRef) -> None:
    """Forgets what a scope had decided, because the customer or group has ended. Its version goes on, so that nobody
    takes an older state for a newer one."""
    state = own_state(session, ref)
    own = state.own
    if not (own.switches or own.locks or own.licence):
        return
    changes = [Change(key, "value", own.switches[key], "inherit") for key in KEYS if key in own.switches]
    changes += [Change(key, "lock", "locked", "open") for key in KEYS if key in own.locks]
    if own.licence:
        changes.append(Change(LICENSED_KEY, "licence", "acknowledged", "none"))
    nothing = Decided(own.place, own.id, version=own.version)
    _store(session, replace(state, decided=[nothing]), changes, reason=None)


def remember_customer(session: Session, data: Mapping[str, Any], version: int) -> None:
    """Keeps what decides a customer's walk: its parent and its group."""
    values = {name: data[name] for name in ("name", "status", "parent_id", "group_id")}
    replicas.put(session, replica_customers, {"id": data["id"]}, version, values)


def end_customer(session: Session, customer_id: str, version: int) -> None:
    """Ends a customer that was deleted, and its settings."""
    replicas.drop(session, replica_customers, {"id": customer_id}, version)
    clear_settings(session, ScopeRef("customer", customer_id))


def erase_customer(session: Session, event: Event) -> None:
    """Forgets who a customer was that was a person and who acknowledged its licence, also in the log, and answers how
    much that was."""
    remember_customer(session, event.data, event.version)
    table = scope_settings
    theirs = update(table).where(table.c.customer_id == event.subject, table.c.licence_by.is_not(None))
    session.execute(theirs.values(licence_by=MARKER))
    counts = erasure.erase(session, Erasure(event.partition_key, frozenset([event.subject]), everything=True))
    if event.data["request_id"] is not None:
        outbox.add(session, events.erasure_completed(event.data["request_id"], event.subject, counts))


def remember_group(session: Session, data: Mapping[str, Any], version: int) -> None:
    """Keeps a customer group and its name."""
    replicas.put(session, replica_groups, {"id": data["id"]}, version, {"name": data["name"]})


def end_group(session: Session, group_id: str, version: int) -> None:
    """Ends a group that was deleted, and its settings."""
    replicas.drop(session, replica_groups, {"id": group_id}, version)
    clear_settings(session, ScopeRef("group", group_id))


def _request(state: ScopeState, wanted: Wanted) -> ChangeRequest:
    licence = _licence_wish(state, wanted)
    return ChangeRequest(wanted["settings"], wanted["locks"], licence, wanted["cascade"])


def _licence_wish(state: ScopeState, wanted: Wanted) -> Literal["keep", "acknowledge", "withdraw"]:
    if "licence_acknowledgement" not in wanted:
        return "keep"
    acknowledgement = wanted["licence_acknowledgement"]
    if acknowledgement is None:
        return "withdraw"
    known = state.own.licence
    return "keep" if known and known.fee_note == acknowledgement["fee_note"] else "acknowledge"


def _planned(session: Session, state: ScopeState, plan: Plan, wanted: Wanted) -> ScopeState:
    """The scope with what it would have decided."""
    settings = plan.settings
    licence = state.own.licence if settings.licence_acknowledged else None
    if _licence_wish(state, wanted) == "acknowledge":
        label = session.info["context"].actor_label
        licence = Licence(label, _now(session), wanted["licence_acknowledgement"]["fee_note"])
    own = replace(state.own, switches=settings.values, locks=settings.locks, licence=licence)
    return replace(state, decided=[own, *state.decided[1:]])


def _store(session: Session, state: ScopeState, changes: Sequence[Change], *, reason: str | None) -> ScopeState:
    """Writes what the scope has decided as its next version, and publishes it."""
    ref, own = state.ref, state.own
    row = {
        "switches": dict(own.switches),
        "locks": sorted(own.locks),
        "licence_by": own.licence and own.licence.acknowledged_by,
        "licence_at": own.licence and own.licence.acknowledged_at,
        "licence_note": own.licence and own.licence.fee_note,
        "version": state.version + 1,
        "updated_at": _now(session),
    }
    table = scope_settings
    if state.version:
        statement: Any = update(table).where(table.c.subject == ref.subject, table.c.version == state.version)
    else:
        ids = {f"{ref.kind}_id": ref.id} if ref.id else {}
        statement = insert(table).values(subject=ref.subject, scope=ref.kind, **ids).on_conflict_do_nothing()
    if session.execute(statement.values(row).returning(table.c.subject)).first() is None:
        raise _changed()
    outbox.add(session, events.scope_changed(ref, state.version + 1, own, changes, reason=reason))
    return replace(state, decided=[replace(own, version=own.version + 1), *state.decided[1:]])


def _outcome(session: Session, state: ScopeState, plan: Plan) -> Document:
    """The scope as it is after the plan, with what differs from before."""
    return settings_view(session, state) | {
        "changes": [events.change_document(change) for change in plan.changes],
        "effective_changes": [
            {
                "key": one.key,
                "label": SWITCHES[one.key].label,
                "before": resolved_document(one.before),
                "after": resolved_document(one.after),
            }
            for one in plan.effective_changes
        ],
    }


def _refusal(plan: Plan) -> Refusal:
    first = plan.refusals[0]
    refusals = [_refusal_document(refused) for refused in plan.refusals]
    return _REFUSALS[first.code](first.detail, facts={"refusals": refusals, "blockers": refusals[0]["blockers"]})


def _refusal_document(refused: Refused) -> Document:
    return {
        "code": _REFUSALS[refused.code].code,
        "key": refused.key,
        "detail": refused.detail,
        "blockers": [
            {
                "key": blocker.key,
                "label": SWITCHES[blocker.key].label,
                "source": blocker.source,
                "source_id": blocker.source_id,
            }
            for blocker in refused.blockers
        ],
    }


def _changed() -> errors.Changed:
    return errors.Changed("Somebody has changed these settings since you read them. Read them again, then change them.")


def _now(session: Session) -> datetime:
    moment: datetime = session.info["publisher"].clock.now()
    return moment
