"""Purchase limits with what orders make of them, and cost centres: history alone."""

from overview.domain.nouns.noun import Data, Noun

_VIEW = "orders.view"


def _said(data: Data) -> str:
    """The name of a limit, and of a notice how much is used of it and by which order: `Monthly budget: 4200.00 of
    5000.00 GBP (O-000123)`."""
    if "order_number" not in data:
        return str(data["name"])
    if data["reason"] == "no_rate":
        said = "no rate leads to its currency"
    elif data["used_quantity"] is not None:
        said = f"{data['used_quantity']} of {data['quantity']}"
    else:
        said = f"{data['used']['amount']} of {data['amount']['amount']} {data['amount']['currency']}"
    return f"{data['name']}: {said} ({data['order_number']})"


def _centre(data: Data) -> str:
    return f"{data['code']} {data['name']}"


# What is near or exceeded is told as a record of its own, whose only version is the first.
PURCHASE_LIMIT = Noun(
    entity="ordering.purchase_limit",
    verbs=("created", "updated", "deleted", "near", "exceeded"),
    kept=False,
    needs=_VIEW,
    label=_said,
)
COST_CENTRE = Noun(entity="ordering.cost_centre", verbs=("created", "updated"), kept=False, needs=_VIEW, label=_centre)

NOUNS = (PURCHASE_LIMIT, COST_CENTRE)
