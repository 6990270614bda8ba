"""The roles that contacts can have, as an administrator keeps them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from customer import events
from customer.domain.contact_roles import CONTACT_ROLE_LABELS
from customer.errors.contact_roles import (
    ContactRoleInUse,
    ContactRoleNotFound,
    ContactRoleTaken,
    ContactRoleUnknown,
)
from customer.tables.contact_roles import contact_roles
from customer.use_cases import catalogue
from customer.use_cases.catalogue import Catalogue, count
from customer.use_cases.store import Record

Body = Mapping[str, Any]

CONTACT_ROLES = Catalogue(
    table=contact_roles,
    noun="role",
    users="contacts have",
    labels=CONTACT_ROLE_LABELS,
    # The second condition is the index's.
    count_users=count("contacts WHERE roles @> ARRAY[CAST(:code AS text)] AND roles <> '{}'"),
    event=events.contact_role,
    not_found=ContactRoleNotFound,
    unknown=ContactRoleUnknown,
    taken=ContactRoleTaken,
    in_use=ContactRoleInUse,
)


def create_contact_role(session: Session, body: Body) -> Record:
    """Adds a role, at the end where no position is given."""
    position = body.get("position")
    if position is None:
        position = catalogue.next_position(session, CONTACT_ROLES)
    fields = {"code": body["code"], "label": body["label"], "position": position}
    return catalogue.create(session, CONTACT_ROLES, fields)


def change_contact_role(session: Session, role_id: str, version: int, body: Body) -> Record:
    """Renames or moves a role."""
    before = catalogue.lock(session, CONTACT_ROLES, role_id, version)
    return catalogue.change(session, CONTACT_ROLES, before, body)


def delete_contact_role(session: Session, role_id: str, version: int) -> None:
    """Takes a role out of the list; raises ContactRoleInUse while contacts have it."""
    catalogue.remove(session, CONTACT_ROLES, role_id, version)


def check_roles(session: Session, roles: Sequence[tuple[str, str]]) -> None:
    """Keeps these roles from being removed until the transaction ends; takes pairs of a pointer and a code. Raises
    ContactRoleUnknown naming those that are not in the list."""
    wanted = sorted({code for _, code in roles})
    if not wanted:
        return
    statement = select(contact_roles.c.code).where(contact_roles.c.code.in_(wanted)).order_by(contact_roles.c.code)
    known = set(session.execute(statement.with_for_update(key_share=True, read=True)).scalars())
    wrong = [(pointer, code) for pointer, code in roles if code not in known]
    if wrong:
        raise catalogue.unknown(session, CONTACT_ROLES, wrong)
