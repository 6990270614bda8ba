"""Events of other services as automation hears them, and rules, for the suites of this service."""

import json
from typing import Any

from automation.settings import Settings
from common.contracts import Contracts
from common.envelope import Event
from common.ids import new_id
from common.testing.events import event

PLACED = "ordering.order.placed.v1"
CREATED = "automation.task.created.v1"
CLOSED = "automation.task.closed.v1"


def example(event_type: str) -> dict[str, Any]:
    """The data of a type's usual example."""
    folder = Contracts(Settings().contracts_dir).event_folder(event_type) / "examples"
    data: dict[str, Any] = json.loads((folder / "usual.json").read_text())["data"]
    return data


def happened(event_type: str, customer_id: str, **fields: Any) -> Event:
    """Something new that happened to a customer, as its owner's example tells it but for these fields."""
    attributes = {name: fields.pop(name) for name in ("actor", "chain_depth", "time") if name in fields}
    subject = new_id()
    data = example(event_type) | {"id": subject, "customer_id": customer_id} | fields
    return event(event_type, subject, data, customer_id=customer_id, correlation_id=new_id(), **attributes)


def task_titled(title: str, **more: Any) -> dict[str, Any]:
    """An action that makes such a task."""
    return {"kind": "create_task", "title": title, **more}


def rule(name: str, event_type: str = PLACED, *actions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The body of an enabled rule; without an action it makes a task that is called like the rule."""
    made = list(actions) or [task_titled(name)]
    return {"name": name, "event_type": event_type, "actions": made, "enabled": True} | fields
