"""The roles of contacts, and whom to turn to for one."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.errors import FieldError
from common.paging import Key, keyset
from common.web import Page
from customer.domain.contact_roles import choose
from customer.errors.contact_roles import ContactRoleNotFound, ContactRoleUnknown
from customer.queries import parts
from customer.queries.customers import customer_exists
from customer.tables.contact_roles import contact_roles


def contact_role_page(session: Session, limit: int, cursor: str | None, scope: str) -> Page:
    """All roles, in the order in which they are offered."""
    keys = [Key(contact_roles.c.position), Key(contact_roles.c.code)]
    rows = keyset(session, select(contact_roles), keys, cursor=cursor, limit=limit, scope=scope)
    return Page(rows.rows, rows.next_cursor)


def contact_role(session: Session, role_id: str) -> Mapping[str, Any]:
    """One role; raises ContactRoleNotFound."""
    row = session.execute(select(contact_roles).where(contact_roles.c.id == role_id)).mappings().one_or_none()
    if row is None:
        raise ContactRoleNotFound("There is no such role.")
    return dict(row)


def resolve(session: Session, customer_id: str, role: str, *, inherit: bool) -> Mapping[str, Any]:
    """Whom to turn to at a customer for a role, and why; with `inherit` the nearest head office is asked where the
    customer has nobody. Raises ContactRoleUnknown."""
    customer_exists(session, customer_id)
    if session.execute(select(contact_roles.c.id).where(contact_roles.c.code == role)).first() is None:
        raise ContactRoleUnknown(
            f"There is no role {role}; the list of roles names those that there are.",
            errors=[FieldError("/purpose", "There is no such role.")],
        )
    line = session.execute(_LINE, {"id": customer_id, "levels": 64 if inherit else 1}).mappings().all()
    known = parts.contacts_of(session, [row["id"] for row in line])
    own = choose(known[customer_id], line[0]["primary_contact_id"], role)
    for row in line:
        found = choose(known[row["id"]], row["primary_contact_id"], role)
        if found.contact is not None:
            party = {name: row[name] for name in ("id", "number", "name")}
            inherited = row["id"] != customer_id
            where = f" at {row['name']}, the nearest head office that has somebody" if inherited else ""
            return {
                "contact": found.contact,
                "reason": found.reason,
                "inherited": inherited,
                "customer": party,
                "explanation": f"{found.sentence}{where}.",
            }
    return {
        "contact": None,
        "reason": own.reason,
        "inherited": False,
        "customer": None,
        "explanation": f"{own.sentence}{', here or at a head office' if inherit else ''}.",
    }


_LINE = text(
    """
    WITH RECURSIVE up (id, parent_id, number, name, primary_contact_id, level) AS (
        SELECT id, parent_id, number, name, primary_contact_id, 1 FROM customers WHERE id = CAST(:id AS uuid)
        UNION ALL
        SELECT c.id, c.parent_id, c.number, c.name, c.primary_contact_id, up.level + 1
        FROM up JOIN customers c ON c.id = up.parent_id WHERE up.level < :levels
    )
    SELECT CAST(id AS text) AS id, number, name, CAST(primary_contact_id AS text) AS primary_contact_id
    FROM up ORDER BY level
    """
)
