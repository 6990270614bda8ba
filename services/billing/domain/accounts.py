"""The account of a customer: the sums of its charges, and what is decided about those that are parked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from billing.domain.charges import BILLABLE, PARKED, WAIVED
from billing.errors import DecisionUnsuitable
from common.errors import FieldError

BILL: Final = "bill"
WAIVE: Final = "waive"
DECISIONS: Final = (BILL, WAIVE)
LEADS_TO: Final[Mapping[str, str]] = {BILL: BILLABLE, WAIVE: WAIVED}

Totals = dict[str, dict[str, dict[str, int]]]  # state -> currency -> count and minor units


@dataclass(slots=True)
class Account:
    """What was charged to a customer, by state and currency; `version` counts its changes."""

    customer_id: str
    totals: Totals
    parked_since: date | None
    last_decision: Mapping[str, Any] | None
    version: int
    changed: bool = False

    @property
    def parked_count(self) -> int:
        return count_of(self.totals, PARKED)

    def take(self, charges: Iterable[Mapping[str, Any]]) -> None:
        """Adds charges, as one change."""
        for one in charges:
            add_to(self.totals, one["state"], one["currency"], 1, one["amount_minor"])
            if one["state"] == PARKED and (self.parked_since is None or one["delivered_on"] < self.parked_since):
                self.parked_since = one["delivered_on"]
        self.turn()

    def turn(self) -> None:
        """Makes what was changed its next version."""
        self.version += 1
        self.changed = True


def add_to(totals: Totals, state: str, currency: str, count: int, minor: int) -> None:
    """Adds so many charges, and their sum, to what stands there; what has no charge any more is left out."""
    of_state = totals.setdefault(state, {})
    was = of_state.get(currency, {"count": 0, "minor": 0})
    of_state[currency] = {"count": was["count"] + count, "minor": was["minor"] + minor}
    if not of_state[currency]["count"]:
        del of_state[currency]
    if not of_state:
        del totals[state]


def count_of(totals: Totals, state: str) -> int:
    """How many charges are in a state."""
    return sum(one["count"] for one in totals.get(state, {}).values())


def check_decision(decision: Mapping[str, Any]) -> None:
    """Raises DecisionUnsuitable where something is waived without a reason, or from a day on."""
    if decision["decision"] != WAIVE:
        return
    errors: Sequence[FieldError] = [
        *([] if decision.get("reason") else [FieldError("/reason", "Say why it is waived.")]),
        *([FieldError("/from", "Only what is billed begins at a day.")] if decision.get("from_day") else []),
    ]
    if errors:
        raise DecisionUnsuitable(
            "Waiving forgives all that is parked, for good: give a reason, and first bill what is to be billed.",
            errors=errors,
        )
