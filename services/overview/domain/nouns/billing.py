"""What is on a customer's account before any invoice: one record of each customer, and what was charged and decided."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from overview.domain.nouns.noun import Data, Noun

_DECIDED = {"bill": "Billed", "waive": "Waived"}


def _label(_data: Data) -> str:
    return "Charges"


def _money(sums: Iterable[Mapping[str, str]]) -> str:
    return ", ".join(f"{one['amount']} {one['currency']}" for one in sums)


def _said(data: Data) -> str | None:
    """What was decided, `Billed what was parked from 2026-02-01 on: 2 charges, 183.60 EUR`, or what was charged, which
    is one order's and so in one currency."""
    if decision := data.get("decision"):
        since = f" from {decision['from']} on" if decision["from"] else ""
        reason = f" ({decision['reason']})" if decision["reason"] else ""
        what = f"{_DECIDED[decision['decision']]} what was parked{since}{reason}"
        return f"{what}: {decision['count']} charges, {_money(decision['sums'])}"
    if recorded := data.get("recorded"):
        of_order = f" of order {recorded['order_number']}" if recorded["order_number"] else ""
        amounts = [one["amount"] for one in recorded["charges"]]
        total = sum(Decimal(one["amount"]) for one in amounts)
        return f"Charged for a {recorded['source']}{of_order}: {total} {amounts[0]['currency']}"
    return None


# Its people look at their account where it is kept: that it is hidden while billing is off, these records do not know.
CHARGES = Noun(
    entity="billing.charges",
    verbs=("recorded", "decided", "moved"),
    ends=frozenset(),
    section="billing",
    fields=("id", "parked", "parked_since", "billable", "waived", "last_decision"),
    most=1,
    needs="billing.view",
    label=_label,
    said=_said,
    said_inside=True,
)

NOUNS = (CHARGES,)
