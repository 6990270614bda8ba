"""Which settings there are, and what groups and customers decide about them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common import outbox
from common.ids import new_id
from customer import events
from customer.domain.settings import OWN_SETTINGS, Setting, changed, differences
from customer.errors import GroupNotFound
from customer.queries.settings import definitions
from customer.tables.settings import setting_definitions, setting_scopes
from customer.use_cases import store
from customer.use_cases.locking import check_version, lock_customer
from customer.use_cases.store import Record

# A setting keeps its id wherever it is registered first.
_NAMESPACE = UUID("6f7c2a54-3d0e-5b1c-9a55-2f1d6b0c4e11")


def register_own(session: Session) -> bool:
    """Registers this service's settings, and tells of those that are new or read otherwise now. Returns whether there
    were any."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('settings are registered'))"))
    known = {row["key"]: dict(row) for row in session.execute(select(setting_definitions)).mappings()}
    fresh = []
    for setting in OWN_SETTINGS:
        record = _definition(setting)
        before = known.get(setting.key)
        if before is not None and all(before[name] == value for name, value in record.items()):
            continue
        fresh.append(record | {"version": before["version"] + 1 if before else 1})
    for record in fresh:
        outbox.add(session, events.setting_registered(record))
    store.insert(session, setting_definitions, [record for record in fresh if record["key"] not in known])
    store.update(session, setting_definitions, [record for record in fresh if record["key"] in known])
    return bool(fresh)


def change_group_settings(session: Session, group_id: str, version: int, body: Mapping[str, Any]) -> None:
    """Changes what a group gives its members; raises SettingInvalid and GroupNotFound. One event, however many they
    are: readers resolve."""
    if not session.execute(_LOCK_GROUP, {"id": group_id}).scalar():
        raise GroupNotFound("There is no such customer group.")
    _change(session, "group_id", group_id, version, body.get("values", {}), body.get("inherit", ()))


def change_customer_settings(session: Session, customer_id: str, version: int, body: Mapping[str, Any]) -> None:
    """Changes what a customer has decided itself; raises SettingInvalid."""
    lock_customer(session, customer_id)
    _change(session, "customer_id", customer_id, version, body.get("values", {}), body.get("inherit", ()))


def inherit_all(session: Session, customer_id: str, version: int) -> None:
    """Lets a customer inherit every setting again."""
    lock_customer(session, customer_id)
    own = _scope(session, "customer_id", customer_id)["own"]
    known = definitions(session)
    _change(session, "customer_id", customer_id, version, {}, [key for key in own if key in known])


def _change(
    session: Session, owner: str, owner_id: str, version: int, values: Mapping[str, Any], inherit: Sequence[str]
) -> None:
    before = _scope(session, owner, owner_id)
    check_version(before, version)
    settings = definitions(session)
    own = changed(settings, before["own"], values, inherit)
    differing = differences(settings, before["own"], own)
    if not differing:
        return
    after = before | {"own": own, "version": before["version"] + 1, "updated_at": store.moment(session)}
    write = store.update if before["version"] else store.insert
    write(session, setting_scopes, [after])
    outbox.add(session, events.settings_changed(after, changes=differing))


def _scope(session: Session, owner: str, owner_id: str) -> Record:
    """What a group or customer, which the transaction holds locked, has decided."""
    row = session.execute(select(setting_scopes).where(setting_scopes.c[owner] == owner_id)).mappings().one_or_none()
    if row is not None:
        return {str(name): value for name, value in row.items()}
    nothing: Record = {"id": new_id(), "group_id": None, "customer_id": None, "own": {}, "version": 0}
    return nothing | {owner: owner_id}


def _definition(setting: Setting) -> Record:
    described = {name: getattr(setting, name) for name in Setting.__dataclass_fields__}
    return described | {"id": str(uuid5(_NAMESPACE, setting.key)), "choices": list(setting.choices)}


_LOCK_GROUP = text("SELECT 1 FROM customer_groups WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE")
