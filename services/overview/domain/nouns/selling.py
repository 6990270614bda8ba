"""What customers sell to others through the marketplace: entries in the history of who sells."""

from overview.domain.nouns.noun import Noun, always

SALE = Noun(
    entity="ordering.sale",
    verbs=("requested", "confirmed", "declined"),
    kept=False,
    needs="orders.view",
    portal=always,
    label=lambda data: str(data["order_number"]),
)

NOUNS = (SALE,)
