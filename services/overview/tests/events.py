"""Events of the owners, for this service's tests: sensible values, any of which a test may replace."""

import itertools
from typing import Any

from common.envelope import Event
from common.ids import new_id
from common.testing.events import event

_numbers = itertools.count(1001)
_minutes = itertools.count()


def moment() -> str:
    """A later moment at each call."""
    minute = next(_minutes)
    return f"2026-03-{2 + minute // 1440 % 27:02d}T{minute // 60 % 24:02d}:{minute % 60:02d}:00.000000Z"


def customer(customer_id: str | None = None, verb: str = "created", version: int = 1, **fields: Any) -> Event:
    """A customer event."""
    id_ = customer_id or new_id()
    attributes = {name: fields.pop(name) for name in ("actor", "actor_label", "time") if name in fields}
    data = {
        "id": id_,
        "number": f"K{next(_numbers)}",
        "kind": "business",
        "status": "active",
        "name": "Alderwick Trading",
        "dba_name": None,
        "parent_id": None,
        "group_id": None,
        "external_ids": [],
        "primary_contact_id": None,
        "archive": None,
        "created_at": "2026-03-02T09:30:00.000000Z",
        "updated_at": "2026-03-02T09:30:00.000000Z",
        "batch_id": None,
        "changes": [],
    }
    return event(
        f"customer.customer.{verb}.v1",
        id_,
        data | fields,
        customer_id=id_,
        version=version,
        **({"time": moment()} | attributes),
    )


def contact(
    customer_id: str, contact_id: str | None = None, verb: str = "added", version: int = 1, **fields: Any
) -> Event:
    """A contact event."""
    id_ = contact_id or new_id()
    data = {
        "id": id_,
        "customer_id": customer_id,
        "name": "Tomas Hlavka",
        "title": None,
        "department": None,
        "emails": [],
        "phones": [],
        "roles": [],
        "batch_id": None,
        "changes": [],
    }
    return event(
        f"customer.contact.{verb}.v1", id_, data | fields, customer_id=customer_id, version=version, time=moment()
    )


def address(
    customer_id: str, address_id: str | None = None, verb: str = "added", version: int = 1, **fields: Any
) -> Event:
    """An address event."""
    id_ = address_id or new_id()
    data = {
        "id": id_,
        "customer_id": customer_id,
        "purposes": [{"purpose": "billing", "default": True}],
        "line1": "Hafenstraße 3",
        "line2": None,
        "city": "München",
        "region": None,
        "postal_code": "80331",
        "country": "DE",
        "batch_id": None,
        "changes": [],
    }
    return event(
        f"customer.address.{verb}.v1", id_, data | fields, customer_id=customer_id, version=version, time=moment()
    )


def group(group_id: str, name: str, verb: str = "created", version: int = 1) -> Event:
    """A group event."""
    data = {"id": group_id, "name": name, "changes": []}
    return event(f"customer.group.{verb}.v1", group_id, data, version=version, time=moment())


def scope(kind: str, scope_id: str | None = None, version: int = 1, **fields: Any) -> Event:
    """A change of portal settings."""
    data = {"scope": kind, "scope_id": scope_id, "values": {}, "locks": [], "licence": None, "changes": []}
    customer_id = (scope_id or "") if kind == "customer" else ""
    return event(
        "portal-settings.scope.changed.v1",
        scope_id or "platform",
        data | fields,
        customer_id=customer_id,
        version=version,
        time=moment(),
    )


def access(customer_id: str, version: int = 1, **fields: Any) -> Event:
    """A change of a customer's logins."""
    data = {"customer_id": customer_id, "login": None, "users": [], "changes": []}
    return event(
        "identity.access.changed.v1",
        customer_id,
        data | fields,
        customer_id=customer_id,
        version=version,
        time=moment(),
    )
