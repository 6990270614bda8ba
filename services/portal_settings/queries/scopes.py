"""One scope, or the customers asked for, with all that is decided above them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from portal_settings.domain import PLATFORM_PLACE, Decided, Licence, ScopeRef, ScopeState
from portal_settings.errors import CustomerNotFound, GroupNotFound
from portal_settings.tables import replica_customers, replica_groups, scope_settings
from portal_switches import Resolved, resolve


def scope_state(session: Session, ref: ScopeRef) -> ScopeState:
    """The scope as it is now; raises CustomerNotFound or GroupNotFound."""
    if ref.kind == "customer":
        return _customer_state(session, ref)
    if ref.kind == "group":
        _require_group(session, ref)
    wanted = {ref.subject, "platform"}
    rows = session.execute(select(scope_settings).where(scope_settings.c.subject.in_(wanted))).mappings()
    found = {row["subject"]: row for row in rows}
    platform = _decided(found.get("platform", _NOTHING), PLATFORM_PLACE, None)
    own = found.get(ref.subject, _NOTHING)
    decided = [platform] if ref.kind == "platform" else [_decided(own, 0, ref.id), platform]
    return ScopeState(ref, decided)


def own_state(session: Session, ref: ScopeRef) -> ScopeState:
    """What a scope itself has decided, whether it still exists or not."""
    stored = session.execute(select(scope_settings).where(scope_settings.c.subject == ref.subject)).mappings().first()
    return ScopeState(ref, [_decided(stored or _NOTHING, PLATFORM_PLACE if ref.kind == "platform" else 0, ref.id)])


def effective_switches(session: Session, customer_ids: Sequence[str]) -> dict[str, dict[str, Resolved]]:
    """The resolved switches of each of the customers that exist for the caller."""
    known = select(replica_customers.c.id).where(replica_customers.c.id.in_(customer_ids), ~replica_customers.c.gone)
    decided: dict[str, list[Decided]] = {id_: [] for id_ in session.execute(known).scalars()}
    for customer_id, one in _walks(session, list(decided)):
        decided[customer_id].append(one)
    return {id_: resolve([one.step() for one in _from_own(id_, walk)]) for id_, walk in decided.items()}


def scope_names(session: Session, ids: set[str]) -> dict[str, str]:
    """The names of the customers and groups among `ids` that the caller may know. Portal accounts know no groups."""
    if not ids:
        return {}
    names: dict[str, str] = {}
    for table in (replica_customers,) if session.info["scope"].is_portal else (replica_customers, replica_groups):
        found = session.execute(select(table.c.id, table.c.name).where(table.c.id.in_(ids)))
        names |= {row.id: row.name for row in found}
    return names


def _customer_state(session: Session, ref: ScopeRef) -> ScopeState:
    assert ref.id is not None
    known = select(replica_customers.c.status).where(replica_customers.c.id == ref.id, ~replica_customers.c.gone)
    status = session.execute(known).scalar_one_or_none()
    if status is None:
        raise CustomerNotFound("There is no such customer. One that was made a moment ago appears within seconds.")
    # What was decided and its version come from one statement: another editor may commit between two.
    decided = _from_own(ref.id, [one for _, one in _walks(session, [ref.id])])
    return ScopeState(ref, decided, archived=status == "archived")


def _require_group(session: Session, ref: ScopeRef) -> None:
    known = select(replica_groups.c.id).where(replica_groups.c.id == ref.id, ~replica_groups.c.gone)
    if session.execute(known).first() is None:
        raise GroupNotFound("There is no such customer group. One that was made a moment ago appears within seconds.")


def _walks(session: Session, ids: Sequence[str]) -> list[tuple[str, Decided]]:
    rows = session.execute(_WALKS, {"ids": list(ids)}).mappings()
    return [
        (str(row["start_id"]), _decided(row, row["place"], str(row["scope_id"]) if row["scope_id"] else None))
        for row in rows
    ]


_WALKS = text("SELECT * FROM walks(CAST(:ids AS uuid[]))")


def _from_own(customer_id: str, walk: Sequence[Decided]) -> Sequence[Decided]:
    # A customer that has decided nothing has no row, and still is where its walk starts.
    return walk if walk and walk[0].place == 0 else [Decided(0, customer_id), *walk]


_NOTHING: Mapping[str, Any] = {"switches": {}, "locks": [], "licence_by": None, "version": 0}


def _decided(row: RowMapping | Mapping[str, Any], place: int, scope_id: str | None) -> Decided:
    licence = None
    if row["licence_by"] is not None:
        licence = Licence(row["licence_by"], row["licence_at"], row["licence_note"])
    return Decided(place, scope_id, row["switches"], frozenset(row["locks"]), licence, row["version"])
