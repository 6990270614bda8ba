"""Orders as ordering tells of them, for the suites of this service."""

import json
from collections.abc import Sequence
from typing import Any

from common.contracts import Contracts
from common.envelope import Event
from common.ids import new_id
from common.testing.events import event
from warehouse.settings import Settings

STATUS = {
    "placed": "pending_confirmation",
    "approved": "pending_confirmation",
    "confirmed": "confirmed",
    "rejected": "rejected",
    "cancelling": "cancelling",
    "cancelled": "cancelled",
    "expired": "expired",
    "completed": "completed",
}


def example(event_type: str) -> dict[str, Any]:
    """The data of a type's usual example."""
    folder = Contracts(Settings().contracts_dir).event_folder(event_type) / "examples"
    data: dict[str, Any] = json.loads((folder / "usual.json").read_text())["data"]
    return data


class Order:
    """An order; `tell` makes the next event of it. Its lines are pre-orders of what is available from the day `ahead`,
    where that is given."""

    def __init__(
        self,
        customer_id: str,
        lines: Sequence[tuple[str, int]],
        *,
        backorder: bool = False,
        ahead: str | None = None,
        **fields: Any,
    ) -> None:
        self.id = new_id()
        self.customer_id = customer_id
        self.version = 0
        self.status = "draft"
        self.fields = {"ship_policy": "ship_partial", "hold_reasons": [], "ship_to": None} | fields
        self.lines = [
            {
                "id": new_id(),
                "position": position,
                "listing_id": new_id(),
                "sku": sku,
                "name": f"Article {sku}",
                "kind": "stock",
                "quantity": quantity,
                "unit_price": None,
                "discount": "0",
                "total": None,
                "supply_mode": "preorder" if ahead else "in_stock",
                "backorder_allowed": backorder,
                "promised_on": ahead,
                "quantity_reserved": 0,
                "quantity_allocated": 0,
                "quantity_backordered": 0,
                "quantity_shipped": 0,
                "quantity_cancelled": 0,
            }
            for position, (sku, quantity) in enumerate(lines, 1)
        ]

    def tell(self, verb: str, **fields: Any) -> Event:
        """The event of the next version."""
        self.version += 1
        self.status = STATUS.get(verb, self.status)
        self.fields |= fields
        data = {
            "id": self.id,
            "number": f"O-{self.id[-6:]}",
            "customer_id": self.customer_id,
            "requester_id": None,
            "requester_label": None,
            "status": self.status,
            "revision": 1,
            "currency": "EUR",
            "source": "staff",
            "po_number": None,
            "external_number": None,
            "requested_on": None,
            "total": None,
            "reason": None,
            "placed_at": None,
            "confirmed_at": None,
            "lines": [dict(line) for line in self.lines],
            "changes": [],
            **self.fields,
        }
        return event(f"ordering.order.{verb}.v1", self.id, data, version=self.version, customer_id=self.customer_id)

    def line_id(self, number: int = 0) -> str:
        return str(self.lines[number]["id"])
