"""What the provider offers, to whom and at which prices, and how a company governs its orders: history alone."""

from collections.abc import Callable

from overview.domain.nouns.noun import Data, Noun, always

_VIEW = "orders.view"


def _by(field: str) -> Callable[[Data], str]:
    return lambda data: str(data[field] or "")


_LISTED = ("created", "updated", "deleted")

LISTING = Noun(
    entity="ordering.listing",
    verbs=("created", "updated", "published", "paused", "retired"),
    kept=False,
    label=_by("name"),
)
PRICE_LIST = Noun(
    entity="ordering.price_list", verbs=("created", "updated", "prices_changed"), kept=False, label=_by("name")
)
CATALOGUE_RULE = Noun(entity="ordering.catalogue_rule", verbs=("added", "removed"), kept=False, label=_by("effect"))
APPROVAL_RULE = Noun(entity="ordering.approval_rule", verbs=_LISTED, kept=False, needs=_VIEW, label=_by("name"))
DELEGATION = Noun(
    entity="ordering.approval_delegation",
    verbs=("created", "revoked"),
    kept=False,
    needs=_VIEW,
    label=_by("delegate_label"),
)
APPROVAL = Noun(
    entity="ordering.approval",
    verbs=("requested", "decided", "approved", "rejected", "escalated", "cancelled"),
    kept=False,
    needs=_VIEW,
    portal=always,
    label=_by("order_number"),
)
WAREHOUSE = Noun(entity="warehouse.warehouse", verbs=("created", "updated"), kept=False, label=_by("name"))
STOCK = Noun(entity="warehouse.stock", verbs=("received", "adjusted", "counted"), kept=False, label=_by("sku"))

NOUNS = (*(LISTING, PRICE_LIST, CATALOGUE_RULE, APPROVAL_RULE, DELEGATION, APPROVAL, WAREHOUSE, STOCK),)
