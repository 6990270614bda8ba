"""Customers, orders and deliveries as other services tell of them, for the suites of this service."""

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from billing.settings import Settings
from common.contracts import Contracts
from common.envelope import Event
from common.ids import new_id
from common.testing.events import event

CONTRACTS = Contracts(Settings().contracts_dir)

_versions = count(1_000)


def example(event_type: str) -> dict[str, Any]:
    """The data of a type's usual example."""
    folder = CONTRACTS.event_folder(event_type) / "examples"
    data: dict[str, Any] = json.loads((folder / "usual.json").read_text())["data"]
    return data


def customer(customer_id: str) -> Event:
    """A customer that stands alone."""
    data = {"id": customer_id, "number": "K1", "name": "Alfreds", "status": "active", "parent_id": None}
    data = example("customer.customer.updated.v1") | data | {"group_id": None}
    return event("customer.customer.updated.v1", customer_id, data, version=next(_versions), customer_id=customer_id)


def switches(customer_id: str, **values: str) -> Event:
    """What a customer's switches are set to, newer than anything before."""
    data = {"scope": "customer", "scope_id": customer_id, "values": values, "locks": [], "licence": None, "changes": []}
    return event("portal-settings.scope.changed.v1", customer_id, data, version=next(_versions))


class Order:
    """A confirmed order in EUR; lines are `(quantity, total)`, with other fields of a line where they are named."""

    def __init__(self, customer_id: str, *lines: tuple[int, str], **fields: Any) -> None:
        self.id, self.customer_id, self.version = new_id(), customer_id, 3
        usual = example("ordering.order.confirmed.v1")
        self.data = usual | {"id": self.id, "currency": "EUR", "total": None}
        self.data["lines"] = [
            usual["lines"][0]
            | {"id": new_id(), "quantity": quantity, "total": {"amount": total, "currency": "EUR"}}
            | fields
            for quantity, total in lines
        ]

    def tell(self, verb: str = "confirmed", **fields: Any) -> Event:
        """The event of the next version."""
        self.version += 1
        data = json.loads(json.dumps(self.data)) | {"customer_id": self.customer_id} | fields
        kind = f"ordering.order.{verb}.v1"
        return event(kind, self.id, data, version=self.version, customer_id=self.customer_id)

    def line(self, place: int = 0) -> str:
        return str(self.data["lines"][place]["id"])

    def ship(self, *quantities: int, on: str = "2026-03-02") -> Event:
        """A shipment of so many of each line."""
        line = example("warehouse.shipment.dispatched.v1")["lines"][0]
        lines = [line | {"line_id": self.line(place), "quantity": one} for place, one in enumerate(quantities) if one]
        shipment = new_id()
        told = {"id": shipment, "order_id": self.id, "customer_id": self.customer_id, "lines": lines}
        data = example("warehouse.shipment.dispatched.v1") | told | {"shipped_at": f"{on}T12:00:00Z"}
        return event("warehouse.shipment.dispatched.v1", shipment, data, version=4, customer_id=self.customer_id)

    def give_back(self, shipment: Event, quantity: int, place: int = 0, **fields: Any) -> Event:
        """A closed return of a shipment's line, for a credit."""
        data = example("warehouse.return.closed.v1")
        outcome = data["lines"][0]["outcomes"][0] | {"quantity": quantity}
        of = {"id": new_id(), "shipment_id": shipment.subject, "line_id": self.line(place), "order_id": self.id}
        lines = [data["lines"][0] | of | {"outcomes": [outcome]}]
        data |= {"id": new_id(), "customer_id": self.customer_id, "order_ids": [self.id], "lines": lines} | fields
        return event("warehouse.return.closed.v1", data["id"], data, version=9, customer_id=self.customer_id)

    def claim(self, shipment: Event, quantity: int, place: int = 0) -> Event:
        """An accepted claim about a shipment's line, for a credit."""
        of = {"id": new_id(), "shipment_id": shipment.subject, "line_id": self.line(place), "order_id": self.id}
        granted = {"quantity_accepted": quantity, "credit_pending": True, "granted": "credit"}
        data = example("warehouse.claim.accepted.v1") | of | granted | {"customer_id": self.customer_id}
        return event("warehouse.claim.accepted.v1", data["id"], data, version=2, customer_id=self.customer_id)


def sums(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Amounts with their currencies, as text."""
    return [f"{one['amount']} {one['currency']}" for one in items]
