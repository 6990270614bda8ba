"""What runs between a customer and the provider: services in use, contracts, quotes, standing orders, returns."""

from collections.abc import Iterable

from overview.domain.folding import fold
from overview.domain.marks import DELIVERED
from overview.domain.nouns.noun import Data, Noun, always, newest

_VIEW = "orders.view"
_IN_USE = frozenset(("active", "return_requested"))
_OVER = frozenset(("ended", "replaced", "lost"))


def _number(data: Data) -> str:
    return str(data["number"])


def _reason(data: Data) -> str | None:
    return data.get("reason")


def _in_use_first(data: Data) -> str:
    return f"{data['status'] in _OVER:d} {fold(data['name'])} {data['number']}"


def _is_in_use(data: Data) -> Iterable[str]:
    return (DELIVERED,) if data["status"] in _IN_USE else ()


def _service_words(data: Data) -> Iterable[tuple[str, str]]:
    yield "service", data["number"]
    if data["serial"]:
        yield "service", data["serial"]


def _is_told(data: Data) -> bool:
    """A quote that is being written is the provider's own."""
    return bool(data["status"] != "drafted")


def _return_words(data: Data) -> Iterable[tuple[str, str]]:
    yield "return", data["number"]
    if data["tracking_number"]:
        yield "return", data["tracking_number"]


SERVICE = Noun(
    entity="ordering.service",
    verbs=("planned", "started", "changed", "return_requested", "renewed", "replaced", "lost", "ended"),
    ends=frozenset(),
    section="services",
    fields=(
        *("id", "number", "name", "sku", "status", "quantity", "unit", "serial", "property", "org_unit", "person"),
        *("cost_centre", "order_id", "order_number", "started_on", "ends_on", "ended_on", "renewal"),
    ),
    order=_in_use_first,
    most=50,
    needs=_VIEW,
    portal=always,
    label=lambda data: f"{data['name']} {data['number']}",
    said=_reason,
    found_by=_service_words,
    marks=_is_in_use,
)
CONTRACT = Noun(
    entity="ordering.contract",
    verbs=("created", "updated", "activated", "renewed", "ended"),
    ends=frozenset(),
    section="contracts",
    fields=("id", "number", "name", "status", "valid_from", "valid_to", "renewal", "notice_days", "ended_on"),
    order=newest("valid_from"),
    needs=_VIEW,
    portal=lambda data: bool(data["status"] != "draft"),
    label=_number,
    said=_reason,
    found_by=lambda data: [("contract", data["number"])],
)
QUOTE = Noun(
    entity="ordering.quote",
    verbs=("requested", "revised", "sent", "accepted", "declined", "expired", "updated"),
    ends=frozenset(),
    section="quotes",
    fields=("id", "number", "status", "revision", "total", "valid_until", "requester_label", "sent_at", "order_id"),
    order=newest("sent_at"),
    needs=_VIEW,
    portal=_is_told,
    label=_number,
    said=_reason,
    found_by=lambda data: [("quote", data["number"])],
)
STANDING_ORDER = Noun(
    entity="ordering.standing_order",
    verbs=("created", "updated", "paused", "resumed", "ended", "ordered", "refused"),
    ends=frozenset(),
    section="standing_orders",
    fields=("id", "name", "status", "every", "unit", "next_on", "ends_on", "last_outcome", "last_detail", "last_on"),
    needs=_VIEW,
    portal=always,
    said=lambda data: data["last_detail"],
)
RETURN = Noun(
    entity="warehouse.return",
    verbs=(
        *("requested", "authorized", "denied", "arrived", "received", "inspected", "closed", "cancelled", "expired"),
        "moved",
    ),
    ends=frozenset(),
    section="returns",
    fields=("id", "number", "status", "order_ids", "tracking_number", "ship_by", "created_at", "ended_at"),
    order=newest("created_at"),
    needs=_VIEW,
    portal=always,
    label=_number,
    said=_reason,
    found_by=_return_words,
)
TRANSFER = Noun(
    entity="warehouse.transfer",
    verbs=("requested", "approved", "dispatched", "received", "closed", "cancelled"),
    kept=False,
    needs=_VIEW,
    label=_number,
)

NOUNS = (SERVICE, CONTRACT, QUOTE, STANDING_ORDER, RETURN, TRANSFER)
