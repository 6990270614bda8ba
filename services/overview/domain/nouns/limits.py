"""Cost centres, and what orders make of purchase limits: history alone."""

from overview.domain.nouns.noun import Data, Noun


def _used(data: Data) -> str:
    """Which limit, how much of it, and by which order: `Monthly budget: 4200.00 of 5000.00 GBP (O-000123)`."""
    if data["reason"] == "no_rate":
        said = "no rate leads to its currency"
    elif data["used_quantity"] is not None:
        said = f"{data['used_quantity']} of {data['quantity']}"
    else:
        said = f"{data['used']['amount']} of {data['amount']['amount']} {data['amount']['currency']}"
    return f"{data['name']}: {said} ({data['order_number']})"


# Each notice is an aggregate of its own, so that its version is not one of the limit.
LIMIT_NOTICE = Noun(
    entity="ordering.purchase_limit",
    verbs=("near", "exceeded"),
    kept=False,
    counted_as="ordering.purchase_limit_notice",
    needs="orders.view",
    label=_used,
)
COST_CENTRE = Noun(
    entity="ordering.cost_centre",
    verbs=("created", "updated"),
    kept=False,
    needs="orders.view",
    label=lambda data: f"{data['code']} {data['name']}",
)

NOUNS = (LIMIT_NOTICE, COST_CENTRE)
