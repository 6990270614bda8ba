"""Which events rules may answer to, and what a rule may speak of in each: the fields of its condition and the values
that the titles of its tasks may name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from customer_rules import Field, Fields

Data = Mapping[str, Any]
Facts = dict[str, Any]

TASK_CREATED: Final = "automation.task.created.v1"
TASK_CLOSED: Final = "automation.task.closed.v1"
CUSTOMER: Final = "customer"  # the customer's name, of every event


@dataclass(frozen=True, slots=True)
class Trigger:
    """One type of event. `facts` reads what a rule may know out of the event's data, as plain JSON by the names of
    the fields; `for_customers` tells whether a rule of the customer may learn of it."""

    type: str
    label: str
    fields: Fields
    facts: Callable[[Data], Facts]
    for_customers: Callable[[Data], bool]

    @property
    def placeholders(self) -> tuple[str, ...]:
        """What the title of a task may name as `{number}`: every field with one value, and the customer."""
        single = (name for name, field in self.fields.items() if not field.related and not field.many)
        return (*single, CUSTOMER)


def record_of(facts: Mapping[str, Any], currency: str | None) -> Facts:
    """The facts as a condition sees them, for amounts in this currency. An amount in another one is as if it were not
    there: raw numbers of two currencies are never compared."""
    total = facts.get("total")
    if total is None:
        return dict(facts)
    return {**facts, "total": Decimal(total["amount"]) if total["currency"] == currency else None}


def _always(_data: Data) -> bool:
    return True


def _never(_data: Data) -> bool:
    return False


def _not_inside(data: Data) -> bool:
    return bool(data["audience"] != "staff")


def _of_order(data: Data) -> Facts:
    lines = [{name: line.get(name) for name in ("sku", "quantity", "kind")} for line in data["lines"]]
    return {
        **{name: data.get(name) for name in ("number", "total", "currency", "source", "po_number", "reason")},
        "ship_to_country": (data.get("ship_to") or {}).get("country"),
        "line_count": len(lines),
        "quantity": sum(line["quantity"] for line in lines),
        "lines": lines,
    }


def _of_limit(data: Data) -> Facts:
    return {name: data.get(name) for name in ("name", "scope", "kind", "action", "order_number")}


def _of_shipment(data: Data) -> Facts:
    lines = [{name: line.get(name) for name in ("sku", "quantity")} for line in data["lines"]]
    return {
        "number": data["number"],
        "order_number": data.get("order_number"),
        "carrier": (data.get("tracking") or {}).get("carrier"),
        "line_count": len(lines),
        "quantity": sum(line["quantity"] for line in lines),
        "lines": lines,
    }


def _of_return(data: Data) -> Facts:
    lines = [{"sku": line["sku"], "quantity": line["quantity_requested"], "reason": line["reason"]}
             for line in data["lines"]]  # fmt: skip
    return {
        "number": data["number"],
        "line_count": len(lines),
        "quantity": sum(line["quantity"] for line in lines),
        "lines": lines,
    }


def _of_claim(data: Data) -> Facts:
    return {name: data.get(name) for name in ("number", "order_number", "sku", "kind", "quantity", "resolution")}


def _of_customer(data: Data) -> Facts:
    return {
        **{name: data.get(name) for name in ("number", "kind", "status", "lifecycle")},
        "changed": [change["path"] for change in data["changes"]],
    }


def _of_task(data: Data) -> Facts:
    return {
        **{name: data.get(name) for name in ("title", "audience", "assignee", "status", "due_on")},
        "made_by_rule": data["run_id"] is not None,
    }


_LINES = (
    Field("line_count", "Number of lines", "number"),
    Field("quantity", "Quantity of all lines", "number"),
    Field("sku", "SKU", "text", related="lines"),
    Field("line_quantity", "Quantity of a line", "number", path=("quantity",), related="lines"),
)
_ORDER = Fields(
    [
        Field("number", "Number of the order", "text"),
        Field("total", "Total of the order", "number"),
        Field("currency", "Currency", "text"),
        Field("source", "Where it was made", "text"),
        Field("po_number", "Purchase order number", "text"),
        Field("reason", "Reason", "text"),
        Field("ship_to_country", "Country of delivery", "text"),
        *_LINES,
        Field("kind", "Kind of listing", "text", related="lines"),
    ]
)
_LIMIT = Fields(
    [
        Field("name", "Name of the limit", "text"),
        Field("scope", "Whose limit", "text"),
        Field("kind", "Kind of limit", "text"),
        Field("action", "What happens beyond it", "text"),
        Field("order_number", "Number of the order", "text"),
    ]
)
_SHIPMENT = Fields(
    [
        Field("number", "Number of the shipment", "text"),
        Field("order_number", "Number of the order", "text"),
        Field("carrier", "Carrier", "text"),
        *_LINES,
    ]
)
_RETURN = Fields(
    [
        Field("number", "Number of the return", "text"),
        *_LINES,
        Field("reason", "Reason of a line", "text", related="lines"),
    ]
)
_CLAIM = Fields(
    [
        Field("number", "Number of the claim", "text"),
        Field("order_number", "Number of the order", "text"),
        Field("sku", "SKU", "text"),
        Field("kind", "What was wrong", "text"),
        Field("quantity", "Quantity", "number"),
        Field("resolution", "What is wanted", "text"),
    ]
)
_CUSTOMER_FIELDS = Fields(
    [
        Field("number", "Number of the customer", "text"),
        Field("kind", "Kind", "text"),
        Field("status", "Status", "text"),
        Field("lifecycle", "Lifecycle", "text"),
        Field("changed", "What changed", "text", many=True),
    ]
)
_TASK = Fields(
    [
        Field("title", "Title of the task", "text"),
        Field("audience", "For whom", "choice", choices={"staff": "Staff", "customer": "The customer"}),
        Field("assignee", "Who is to do it", "text"),
        Field("status", "Status", "choice", choices={"open": "Open", "done": "Done", "cancelled": "Cancelled"}),
        Field("due_on", "Due on", "date"),
        Field("made_by_rule", "Made by a rule", "boolean"),
    ]
)

_ALL = (
    *(
        Trigger(f"ordering.order.{verb}.v1", f"An order was {verb}", _ORDER, _of_order, _always)
        for verb in ("placed", "confirmed", "completed", "cancelled", "rejected")
    ),
    Trigger("ordering.purchase_limit.near.v1", "Little is left of a purchase limit", _LIMIT, _of_limit, _always),
    Trigger("ordering.purchase_limit.exceeded.v1", "A purchase limit was exceeded", _LIMIT, _of_limit, _always),
    *(
        Trigger(f"warehouse.shipment.{verb}.v1", f"A shipment was {verb}", _SHIPMENT, _of_shipment, _always)
        for verb in ("dispatched", "delivered")
    ),
    Trigger("warehouse.return.requested.v1", "A return was requested", _RETURN, _of_return, _always),
    Trigger("warehouse.claim.requested.v1", "Something was claimed", _CLAIM, _of_claim, _always),
    # What staff notes of a customer is not all for the customer.
    Trigger("customer.customer.updated.v1", "A customer changed", _CUSTOMER_FIELDS, _of_customer, _never),
    Trigger(TASK_CREATED, "A task was made", _TASK, _of_task, _not_inside),
    Trigger(TASK_CLOSED, "A task was done or cancelled", _TASK, _of_task, _not_inside),
)
TRIGGERS: Final[Mapping[str, Trigger]] = {trigger.type: trigger for trigger in _ALL}
# No rule of a customer may name these.
PROVIDER_ONLY: Final = frozenset(trigger.type for trigger in _ALL if trigger.for_customers is _never)
