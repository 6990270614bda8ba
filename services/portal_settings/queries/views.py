"""How a scope's settings are shown: each switch with its effect and source, who locks it, and why it may do nothing."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from portal_settings.domain import ScopeRef, ScopeState
from portal_settings.queries.scopes import scope_names, scope_state
from portal_switches import INERT_REASONS, SWITCHES, Resolved, Source, resolve

Document = dict[str, Any]
Visible = Mapping[str, str | None]  # the scopes that the caller may know of, with their names


def settings_of(session: Session, ref: ScopeRef) -> Document:
    """The settings of a scope as they are now; raises CustomerNotFound or GroupNotFound."""
    return settings_view(session, scope_state(session, ref))


def settings_view(session: Session, state: ScopeState) -> Document:
    """A scope as people and programs see it. Portal accounts are not told the ids and names of parents and groups that
    they may not see, only that one of them decides."""
    visible = _visible(session, state)
    return {
        "scope": state.ref.kind,
        "scope_id": state.ref.id,
        "version": state.version,
        "settings": {key: _switch(one, key in state.own.locks, visible) for key, one in resolve(state.walk).items()},
        "licence": _licence(session, state, visible),
    }


def resolved_document(one: Resolved) -> Document:
    """What counts, and why it may do nothing."""
    return {
        "effective": one.effective,
        "active": one.active,
        "source": one.source,
        "inert_reason": one.inert_reason,
    }


def _visible(session: Session, state: ScopeState) -> Visible:
    own_customers = session.info["scope"].customer_ids
    ids = {one.id for one in state.decided if one.id and (own_customers is None or one.id in own_customers)}
    return dict.fromkeys(ids) | scope_names(session, ids)


def _switch(one: Resolved, locked_here: bool, visible: Visible) -> Document:
    switch = SWITCHES[one.key]
    return {
        **resolved_document(one),
        **_scope(one.source, one.source_id, visible),
        "value": one.value,
        "locked": locked_here,
        "locked_by": one.locked_by and _scope(one.locked_by.source, one.locked_by.source_id, visible),
        "inert_detail": INERT_REASONS[one.inert_reason] if one.inert_reason else None,
        "label": switch.label,
        "description": switch.description,
        "when_off": switch.when_off,
    }


def _licence(session: Session, state: ScopeState, visible: Visible) -> Document | None:
    for one in state.decided:
        if one.licence:
            is_staff = not session.info["scope"].is_portal
            return {
                **_scope(one.source, one.id, visible),
                "acknowledged_by": one.licence.acknowledged_by if is_staff else None,
                "acknowledged_at": one.licence.acknowledged_at,
                "fee_note": one.licence.fee_note,
            }
    return None


def _scope(source: Source, id_: str | None, visible: Visible) -> Document:
    known = id_ if id_ in visible else None
    return {"source": source, "source_id": known, "source_name": visible.get(known) if known else None}
