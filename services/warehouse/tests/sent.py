"""Goods that were sent, and returns of them, for the suites of this service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from common.testing import Client
from warehouse.tests.told import Order

COST = {"amount": "2.50", "currency": "EUR"}


@dataclass(frozen=True)
class Sent:
    """A shipment of one line."""

    shipment: Any
    order: Order
    sku: str

    def line(self, quantity: int, **fields: Any) -> dict[str, Any]:
        """A line of a return of it."""
        line = {"shipment_id": self.shipment["id"], "line_id": self.order.line_id(), "quantity": quantity}
        return line | {"reason": "not_needed"} | fields


@dataclass(frozen=True)
class Sender:
    """Sends goods to customers."""

    staff: Client
    tell: Callable[..., None]
    receive: Callable[..., Any]

    def send(
        self, customer_id: str, sku: str, quantity: int, *, serials: Sequence[str] = (), delivered: bool = True
    ) -> Sent:
        """Takes goods in and sends all of them to a customer."""
        self.receive(sku, quantity, unit_cost=COST)
        return self.send_again(customer_id, sku, quantity, serials=serials, delivered=delivered)

    def send_again(
        self, customer_id: str, sku: str, quantity: int, *, serials: Sequence[str] = (), delivered: bool = True
    ) -> Sent:
        """Sends goods that are there to a customer."""
        order = Order(customer_id, [(sku, quantity)])
        self.tell(order.tell("placed"), order.tell("confirmed"))
        line = {"line_id": order.line_id(), "quantity": quantity, "serials": list(serials)}
        answer = self.staff.post("/shipments", json={"order_id": order.id, "lines": [line]})
        assert answer.status_code == 201, answer.json
        gone = self.staff.post(f"/shipments/{answer.json['id']}/dispatch", json={})
        assert gone.status_code == 200, gone.json
        if delivered:
            assert self.staff.post(f"/shipments/{answer.json['id']}/delivery", json={}).status_code == 200
        return Sent(gone.json, order, sku)


def ask(client: Client, *lines: dict[str, Any], **fields: Any) -> Any:
    """Requests a return."""
    answer = client.post("/returns", json={"lines": list(lines)} | fields)
    assert answer.status_code == 201, answer.json
    return answer.json


def do(client: Client, record: Any, verb: str, what: str = "returns", **body: Any) -> Any:
    """Runs a command on a return, claim or transfer."""
    bare = (what, verb) in {("transfers", "approval"), ("transfers", "dispatch")}
    answer = client.post(f"/{what}/{record['id']}/{verb}", json=None if bare else body)
    assert answer.status_code == 200, answer.json
    return answer.json


def count_in(client: Client, record: Any, quantity: int, **fields: Any) -> Any:
    """Counts in so much of the first line."""
    line = {"return_line_id": record["lines"][0]["id"], "quantity": quantity} | fields.pop("line", {})
    return do(client, record, "receipt", lines=[line], **fields)


def inspect(client: Client, record: Any, *outcomes: tuple[int, str, str, str]) -> Any:
    """Decides about the first line."""
    named = [dict(zip(("quantity", "condition", "disposition", "resolution"), one, strict=True)) for one in outcomes]
    return do(client, record, "inspection", lines=[{"return_line_id": record["lines"][0]["id"], "outcomes": named}])


def every_verb(staff: Client, sender: Sender, customer_id: str, sku: str, away: str) -> None:
    """Takes returns, claims and transfers through everything that is told of them, but the expiry: one return is left
    that waits for its goods."""
    sent = sender.send(customer_id, sku, 5)
    whole = ask(staff, sent.line(1), warehouse="MAIN")
    for verb in ("authorization", "arrival"):
        do(staff, whole, verb)
    count_in(staff, whole, 1)
    inspect(staff, whole, (1, "A", "restock", "credit"))
    do(staff, whole, "closure")
    do(staff, ask(staff, sent.line(1)), "denial", reason="Opened")
    do(staff, ask(staff, sent.line(1)), "cancellation")
    do(staff, ask(staff, sent.line(1)), "authorization")
    for verb, fields in (("acceptance", {}), ("denial", {"reason": "Opened"}), ("cancellation", {})):
        line = {name: sent.line(1)[name] for name in ("shipment_id", "line_id", "quantity")}
        claimed = staff.post("/claims", json=line | {"kind": "damaged", "resolution": "replace"})
        do(staff, claimed.json, verb, "claims", **fields)
    moved = move(staff, sku, 1, away)
    for verb in ("approval", "dispatch", "receipt", "closure"):
        do(staff, moved, verb, "transfers")
    do(staff, move(staff, sku, 1, away), "cancellation", "transfers")


def move(staff: Client, sku: str, quantity: int, away: str, source: str = "MAIN", **line: Any) -> Any:
    """Asks for goods to be moved."""
    lines = [{"sku": sku, "quantity": quantity} | line]
    answer = staff.post("/transfers", json={"from": source, "to": away, "lines": lines})
    assert answer.status_code == 201, answer.json
    return answer.json
