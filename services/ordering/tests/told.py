"""What other services tell this one, as events built from the examples of their contracts."""

import json
from typing import Any

from common.contracts import Contracts
from common.envelope import Event, from_document
from common.settings import Settings

CONTRACTS = Contracts(Settings().contracts_dir)


def example(event_type: str, subject: str, version: int, **data: Any) -> Event:
    """The usual example of a type, about another subject and with some values of its own."""
    folder = CONTRACTS.event_folder(event_type) / "examples"
    document: dict[str, Any] = json.loads((folder / "usual.json").read_text())
    document |= {"subject": subject, "aggregateversion": version, "partitionkey": subject}
    document["data"] |= data
    CONTRACTS.check(event_type, document["data"])
    return from_document(document)


def customer(customer_id: str, verb: str = "created", version: int = 1, **fields: Any) -> Event:
    """A customer; `parent_id` and `group_id` are null unless given."""
    data = {"id": customer_id, "parent_id": None, "group_id": None, "status": "active"} | fields
    return example(f"customer.customer.{verb}.v1", customer_id, version, **data)


def switches(scope: str, subject: str, version: int = 1, **values: str) -> Event:
    """What a scope (`platform`, `group`, `customer`) has decided of its switches."""
    scope_id = None if scope == "platform" else subject
    data = {"scope": scope, "scope_id": scope_id, "values": values, "locks": [], "licence": None, "changes": []}
    return example("portal-settings.scope.changed.v1", subject, version, **data)
