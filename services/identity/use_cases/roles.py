"""The provider's own roles: a name and permissions."""

import re
import unicodedata
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from common.ids import new_id
from common.tokens import Principal
from identity import events
from identity.domain.accounts import change
from identity.domain.permissions import BUILT_IN, is_role_code, lacking, unknown_permissions
from identity.errors import Changed, GrantRefused, RoleBuiltIn, RoleInUse, RoleNameTaken, RoleNotFound, RolesUnknown
from identity.queries import accounts as account_queries
from identity.tables import roles
from identity.use_cases import account_changes

_SEPARATORS = re.compile(r"[^a-z0-9]+")


def create_role(session: Session, caller: Principal, body: dict[str, Any]) -> str:
    """A new role; returns its code, which is made of its name and stays. Raises RolesUnknown, GrantRefused,
    RoleNameTaken."""
    permissions = _given(caller, body["permissions"])
    row = {
        "id": new_id(),
        "code": _code(body["name"]),
        "name": body["name"],
        "permissions": permissions,
        "version": 1,
    }
    if row["code"] in BUILT_IN:
        raise RoleNameTaken
    try:
        session.execute(insert(roles).values(row))
    except IntegrityError as error:
        raise RoleNameTaken from error
    outbox.add(session, events.role(events.ROLE_CREATED, row, []))
    return str(row["code"])


def change_role(session: Session, caller: Principal, code: str, version: int, body: dict[str, Any]) -> None:
    """Renames a role or changes what it holds; its holders' access tokens end at once. Raises RoleBuiltIn,
    RoleNotFound, Changed, RolesUnknown, GrantRefused, RoleNameTaken."""
    before = _held(session, code)
    if before["version"] != version:
        raise Changed("Somebody changed the role since you read it; read it again and repeat your change.")
    after = before | {name: body[name] for name in ("name", "permissions") if name in body}
    after["permissions"] = _given(caller, after["permissions"], already=before["permissions"])
    changes = [
        change(name, label, before[name], after[name])
        for name, label in (("name", "Name"), ("permissions", "Permissions"))
        if before[name] != after[name]
    ]
    if not changes:
        return
    after["version"] = before["version"] + 1
    try:
        session.execute(update(roles).where(roles.c.id == after["id"]).values(after))
    except IntegrityError as error:
        raise RoleNameTaken from error
    if before["permissions"] != after["permissions"]:
        account_changes.renew_access(session, "staff", account_queries.holders_of(session, code))
    outbox.add(session, events.role(events.ROLE_UPDATED, after, changes))


def delete_role(session: Session, caller: Principal, code: str) -> None:
    """Deletes a role that nobody holds. Raises RoleBuiltIn, RoleNotFound, RoleInUse, GrantRefused."""
    row = _held(session, code)
    _given(caller, [], already=row["permissions"])
    holders = account_queries.holders_of(session, code)
    if holders:
        raise RoleInUse(len(holders))
    session.execute(delete(roles).where(roles.c.id == row["id"]))
    outbox.add(session, events.role(events.ROLE_DELETED, row | {"version": row["version"] + 1}, []))


def _held(session: Session, code: str) -> dict[str, Any]:
    if code in BUILT_IN:
        raise RoleBuiltIn
    if not is_role_code(code):
        raise RoleNotFound
    row = session.execute(select(roles).where(roles.c.code == code).with_for_update()).mappings().first()
    if row is None:
        raise RoleNotFound
    return dict(row)


def _given(caller: Principal, wanted: list[str], *, already: list[str] | None = None) -> list[str]:
    unknown = unknown_permissions(wanted)
    if unknown:
        raise RolesUnknown([f"permission {code!r}" for code in unknown], "/permissions")
    missing = lacking(caller.permissions, {*wanted, *(already or ())})
    if missing:
        raise GrantRefused(missing)
    return sorted(set(wanted))


def _code(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _SEPARATORS.sub("-", plain).strip("-")[:60] or f"role-{new_id()[-12:]}"
