"""What a company asks of purchase order numbers, and its purchase orders: history alone."""

from overview.domain.nouns.noun import Data, Noun

_VIEW = "orders.view"


def _mask(data: Data) -> str:
    return str(data["mask"] or "")


def _number(data: Data) -> str:
    return str(data["number"])


PO_RULE = Noun(entity="ordering.po_rule", verbs=("created", "updated", "deleted"), kept=False, needs=_VIEW, label=_mask)
PURCHASE_ORDER = Noun(
    entity="ordering.purchase_order", verbs=("created", "updated", "closed"), kept=False, needs=_VIEW, label=_number
)

NOUNS = (PO_RULE, PURCHASE_ORDER)
