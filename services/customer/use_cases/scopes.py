"""What a note or a file may be about, besides the customer as a whole."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Table, exists, select
from sqlalchemy.orm import Session

from common.errors import FieldError
from customer.errors.notes import ScopeUnknown
from customer.tables.customers import contacts
from customer.tables.properties import assignments
from customer.tables.systems import systems
from customer.use_cases import store

Exists = Callable[[Session, str, str], bool]


def _of_customer(_session: Session, customer_id: str, scope_id: str) -> bool:
    return scope_id == customer_id


def _part(table: Table) -> Exists:
    def is_there(session: Session, customer_id: str, scope_id: str) -> bool:
        return store.find(session, table, scope_id, customer_id=customer_id) is not None

    return is_there


def _property(session: Session, customer_id: str, scope_id: str) -> bool:
    """One that the customer has, had or will have."""
    of = assignments.c
    return bool(
        session.execute(select(exists().where(of.property_id == scope_id, of.customer_id == customer_id))).scalar()
    )


# Kind of scope -> whether one of this id is there, for that customer.
SCOPES: Mapping[str, Exists] = {
    "customer": _of_customer,
    "contact": _part(contacts),
    "property": _property,
    "system": _part(systems),
}


def scope_of(session: Session, customer_id: str, body: Mapping[str, Any]) -> tuple[str, str]:
    """(kind, id) that `scope_type` and `scope_id` name, the customer where they are left out; raises ScopeUnknown."""
    kind = body.get("scope_type") or "customer"
    scope_id = body.get("scope_id") or (customer_id if kind == "customer" else None)
    if scope_id is None or not SCOPES[kind](session, customer_id, scope_id):
        raise ScopeUnknown(
            f"This customer has no such {kind}; name one of its own.",
            errors=[FieldError("/scope_id", f"Names no {kind} of this customer.")],
        )
    return kind, scope_id
