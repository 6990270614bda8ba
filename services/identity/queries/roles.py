"""Roles: the built-in ones from the code, the provider's own from the database."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.domain.permissions import BUILT_IN, PERMISSIONS, is_role_code
from identity.tables import roles


def every(session: Session) -> list[dict[str, Any]]:
    """All roles by code."""
    own = [dict(row) | {"built_in": False} for row in session.execute(select(roles)).mappings()]
    return sorted([*_built_in(), *own], key=lambda role: str(role["code"]))


def one(session: Session, code: str) -> dict[str, Any] | None:
    """A role by its code, or None."""
    for role in _built_in():
        if role["code"] == code:
            return role
    if not is_role_code(code):
        return None
    row = session.execute(select(roles).where(roles.c.code == code)).mappings().first()
    return dict(row) | {"built_in": False} if row else None


def permissions_of(session: Session, codes: Iterable[str]) -> frozenset[str]:
    """Everything that staff roles with these codes hold together."""
    by_role = permissions_by_role(session, codes)
    return frozenset().union(*by_role.values())


def permissions_by_role(session: Session, codes: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """What each of these staff roles holds. A code that is no role is left out; so is a permission that is no more."""
    asked = set(codes)
    found = {code: BUILT_IN[code][1] for code in asked & set(BUILT_IN)}
    own = asked - set(BUILT_IN)
    if own:
        # Held until the transaction ends, so that a role is not deleted while it is being given.
        statement = select(roles.c.code, roles.c.permissions).where(roles.c.code.in_(own)).with_for_update(read=True)
        found |= {row.code: frozenset(row.permissions) & set(PERMISSIONS) for row in session.execute(statement)}
    return found


def _built_in() -> list[dict[str, Any]]:
    return [
        {"code": code, "name": name, "permissions": sorted(permissions), "built_in": True, "version": 1}
        for code, (name, permissions) in BUILT_IN.items()
    ]
