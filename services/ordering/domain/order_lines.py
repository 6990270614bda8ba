"""The lines of an order: their amounts, what the warehouse has answered about them, and what follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

Line = Mapping[str, Any]

STOCK: Final = "stock"
PREORDER: Final = "preorder"
MAX_LINES: Final = 500
MAX_QUANTITY: Final = 1_000_000_000

QUANTITIES: Final = (
    "quantity_reserved",
    "quantity_allocated",
    "quantity_backordered",
    "quantity_shipped",
    "quantity_cancelled",
    "quantity_cancelling",
    "quantity_returned",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the warehouse says of the lines of one order. `order_version` is the newest state of the order that it had
    seen; `shipped` counts by line what has left, from wherever that is known."""

    state: str
    order_version: int
    lines: Mapping[str, Mapping[str, Any]]
    shipped: Mapping[str, int]


def discount_text(discount: Decimal) -> str:
    """A discount, a part of one, without needless zeros."""
    return f"{discount.normalize():f}"


def needs_stock(line: Line) -> bool:
    """Whether the warehouse has a part in a line."""
    return bool(line["kind"] == STOCK)


def sellers_decide(lines: Iterable[Line]) -> bool:
    """Whether customers deliver all of an order themselves, so that their word alone confirms it."""
    return all(line["seller_id"] is not None and not needs_stock(line) for line in lines)


def open_quantity(line: Line) -> int:
    """How many are neither shipped nor given up."""
    return int(line["quantity"] - line["quantity_shipped"] - line["quantity_cancelled"])


def cancellable(line: Line) -> int:
    """How many may still be given up: they are open, and nobody has asked for that already."""
    return int(open_quantity(line) - line["quantity_cancelling"])


def cancelled(lines: Sequence[Line], wanted: Mapping[str, int], *, ask: bool) -> list[dict[str, Any]]:
    """The lines of which so many are given up: at once, or of goods with `ask` as soon as the warehouse has let go."""
    return [_cancelled(line, wanted.get(line["id"], 0), ask=ask and needs_stock(line)) for line in lines]


def _cancelled(line: Line, quantity: int, *, ask: bool) -> dict[str, Any]:
    if ask:
        return {**line, "quantity_cancelling": line["quantity_cancelling"] + quantity}
    now = {**line, "quantity_cancelled": line["quantity_cancelled"] + quantity}
    return {**now, "quantity_reserved": min(line["quantity_reserved"], open_quantity(now))}


def let_go(lines: Sequence[Line], answer: Answer) -> list[dict[str, Any]]:
    """The lines after an answer that has seen what was to be given up: what the warehouse still wants to send of it,
    because it has left or is packed, stays ordered."""
    return [_let_go(line, answer) for line in lines]


def _let_go(line: Line, answer: Answer) -> dict[str, Any]:
    asked = line["quantity_cancelling"]
    told = answer.lines.get(line["id"])
    wanted = line["quantity"] - line["quantity_cancelled"] - asked
    kept = 0 if told is None else min(max(told["quantity"] - wanted, 0), asked)
    return {**line, "quantity_cancelling": 0, "quantity_cancelled": line["quantity_cancelled"] + asked - kept}


def missing(line: Line) -> int:
    """How many of a line of goods are neither shipped, given up, reserved nor allocated. What is ordered ahead and
    waits is promised too: a supply that is to come is named for it."""
    if not needs_stock(line):
        return 0
    ahead = line["quantity_backordered"] if line["supply_mode"] == PREORDER else 0
    return int(open_quantity(line) - line["quantity_reserved"] - line["quantity_allocated"] - ahead)


def answered(lines: Sequence[Line], answer: Answer) -> list[dict[str, Any]]:
    """The lines after an answer of the warehouse. What has left counts up only, and nothing exceeds what was ordered
    and not given up."""
    return [_answered(line, answer) for line in lines]


def _answered(line: Line, answer: Answer) -> dict[str, Any]:
    told = answer.lines.get(line["id"])
    if told is None or not needs_stock(line):
        return dict(line)
    most = line["quantity"] - line["quantity_cancelled"]
    shipped = min(max(line["quantity_shipped"], told["shipped"], answer.shipped.get(line["id"], 0)), most)
    allocated = min(told["allocated"], most - shipped)
    backordered = min(told["backordered"], most - shipped - allocated)
    reserved = min(told["reserved"], most - shipped - allocated)
    return {
        **line,
        "quantity_shipped": shipped,
        "quantity_allocated": allocated,
        "quantity_backordered": backordered,
        "quantity_reserved": reserved,
        **_promise(line, backordered, told["promised_on"]),
    }


def _promise(line: Line, backordered: int, promised_on: Any) -> dict[str, Any]:
    # By the newest answer alone, so that it does not matter which of the older ones have arrived.
    if line["supply_mode"] == PREORDER:
        return {"promised_on": promised_on or line["promised_on"]}
    return {"supply_mode": "backorder" if backordered else "in_stock", "promised_on": promised_on}


def short(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The lines that lack stock and may not wait for more, by what is reserved: `{id, sku, position, missing, ahead}`,
    where `ahead` tells that it is a pre-order, for which no supply is left."""
    return [
        {name: line[name] for name in ("id", "sku", "position")}
        | {"missing": missing(line), "ahead": line["supply_mode"] == PREORDER}
        for line in lines
        if missing(line) > 0 and not line["backorder_allowed"]
    ]


def without_what_is_missing(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The lines of a confirmed order once the warehouse has allocated: what is neither allocated, shipped nor waiting
    for more is given up."""
    return [_without_what_is_missing(line) for line in lines]


def _without_what_is_missing(line: Line) -> dict[str, Any]:
    if not needs_stock(line):
        return dict(line)
    held = line["quantity_allocated"] + line["quantity_backordered"] + line["quantity_reserved"]
    missing = max(open_quantity(line) - held, 0)
    return {**line, "quantity_cancelled": line["quantity_cancelled"] + missing}


def given_up(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The lines after the end of an order: what was not delivered is given up, and nothing is held for it."""
    return [
        {
            **line,
            "quantity_cancelled": line["quantity"] - line["quantity_shipped"],
            "quantity_cancelling": 0,
            "quantity_reserved": 0,
            "quantity_allocated": 0,
            "quantity_backordered": 0,
        }
        for line in lines
    ]


def drafted(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The lines of an order that is a draft again: what was not given up, of which nothing is kept or promised."""
    return [
        {
            **line,
            **dict.fromkeys(QUANTITIES, 0),
            "quantity": open_quantity(line),
            "supply_mode": "in_stock",
            "backorder_allowed": False,
            "backorder_cap": None,
            "promised_on": None,
        }
        for line in lines
        if open_quantity(line)
    ]


def wanted_by_sku(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """What lines want and have not given up, for who reads what changed."""
    return [
        {"sku": line["sku"], "quantity": line["quantity"] - line["quantity_cancelled"] - line["quantity_cancelling"]}
        for line in lines
    ]


def is_done(lines: Iterable[Line]) -> bool:
    """Whether every line is delivered or given up."""
    return all(open_quantity(line) == 0 for line in lines)


def anything_delivered(lines: Iterable[Line]) -> bool:
    return any(line["quantity_shipped"] > 0 for line in lines)


def returned(lines: Sequence[Line], accepted: Mapping[str, int]) -> list[dict[str, Any]]:
    """The lines with what was accepted back of each by now; no more than was shipped."""
    return [{**line, "quantity_returned": min(accepted.get(line["id"], 0), line["quantity_shipped"])} for line in lines]


def return_status(lines: Sequence[Line]) -> str:
    """`none`, `partial` or `full`: how much of what was shipped came back and was accepted."""
    back = sum(line["quantity_returned"] for line in lines)
    if not back:
        return "none"
    return "full" if back == sum(line["quantity_shipped"] for line in lines) else "partial"


def fulfilment_status(lines: Sequence[Line]) -> str:
    """`none`, `partial` or `full`: how much of what is not given up was delivered."""
    if not anything_delivered(lines):
        return "none"
    return "full" if is_done(lines) else "partial"


def allocation_status(lines: Sequence[Line]) -> str:
    """`none`, `partial`, `full` or `waiting_supply`: how much of the open goods is allocated."""
    goods = [line for line in lines if needs_stock(line) and open_quantity(line) > 0]
    allocated = sum(line["quantity_allocated"] for line in goods)
    if any(line["quantity_backordered"] for line in goods):
        return "waiting_supply"
    if allocated == 0:
        return "none"
    return "full" if allocated == sum(map(open_quantity, goods)) else "partial"
