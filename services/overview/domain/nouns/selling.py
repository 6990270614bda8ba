"""What customers sell to others, and what they put together for their departments: entries in their history."""

from overview.domain.nouns.noun import Noun, always

SALE = Noun(
    entity="ordering.sale",
    verbs=("requested", "confirmed", "declined"),
    kept=False,
    needs="orders.view",
    portal=always,
    label=lambda data: str(data["order_number"]),
)

BUNDLE = Noun(entity="ordering.bundle", verbs=("created", "updated", "deleted"), kept=False, needs="orders.view")

NOUNS = (SALE, BUNDLE)
