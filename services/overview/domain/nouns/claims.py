"""What customers claim of what was sent to them."""

from overview.domain.nouns.noun import Data, Noun, always, newest


def _number(data: Data) -> str:
    return str(data["number"])


def _reason(data: Data) -> str | None:
    return data.get("reason")


CLAIM = Noun(
    entity="warehouse.claim",
    verbs=("requested", "accepted", "denied", "cancelled", "moved"),
    ends=frozenset(),
    section="claims",
    fields=(
        *("id", "number", "status", "kind", "order_id", "order_number", "sku", "name", "quantity"),
        *("quantity_accepted", "granted", "credit_pending", "created_at", "decided_at"),
    ),
    order=newest("created_at"),
    needs="orders.view",
    portal=always,
    label=_number,
    said=_reason,
    found_by=lambda data: [("claim", data["number"])],
)

NOUNS = (CLAIM,)
