"""Deals: open, won or lost; and how far they carry the customer in its lifecycle."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from common.errors import FieldError
from customer.domain.limits import LIFECYCLES
from customer.domain.money import to_text
from customer.errors.deals import DealUnsuitable, LifecycleBackwards

DEAL_STATUSES: Final = ("open", "won", "lost")
LIFECYCLE_LABELS: Final = {"lead": "Lead", "prospect": "Prospect", "customer": "Customer"}

DEAL_LABELS = {
    "name": "Name",
    "status": "Status",
    "lost_reason": "Reason for the loss",
    "value": "Value",
    "expected_close_on": "Expected closing date",
    "quote_ids": "Quotes",
}
DEAL_STAGE_LABELS = {"label": "Label", "position": "Position"}

# The least that a customer is while it has a deal of this status.
_LEAST: Final = {"open": "prospect", "won": "customer"}


def check_outcome(status: str, lost_reason: str | None) -> None:
    """Raises DealUnsuitable unless exactly a lost deal has a reason for the loss."""
    if status == "lost" and not lost_reason:
        raise DealUnsuitable(
            "Say why the deal was lost.", errors=[FieldError("/lost_reason", "Is needed for a lost deal.")]
        )
    if status != "lost" and lost_reason:
        raise DealUnsuitable(
            "Only a lost deal has a reason for the loss; leave it out, or set the status to lost.",
            errors=[FieldError("/lost_reason", "Only a lost deal has one.")],
        )


def verb_of(before: str, after: str) -> str:
    """The verb of the event that a deal's change of status is told by."""
    return after if after != before and after in ("won", "lost") else "updated"


def value_of(record: Mapping[str, Any]) -> dict[str, str] | None:
    """The value of a deal as everybody sees it."""
    minor, currency = record["value_minor"], record["value_currency"]
    return None if minor is None else {"amount": to_text(minor, currency), "currency": currency}


def lifecycle_after(present: str, status: str) -> str:
    """Where a customer stands once it has a deal of this status: an open deal makes a lead a prospect, a won one makes
    either a customer. Nothing here leads back."""
    least = _LEAST.get(status, "lead")
    return max(present, least, key=LIFECYCLES.index)


def reason_of(status: str, name: str) -> str:
    """Why a deal carried its customer on."""
    return f"deal “{name}” won" if status == "won" else f"first deal “{name}”"


def check_lifecycle(wanted: str, statuses: Iterable[str]) -> None:
    """Raises LifecycleBackwards where the customer's deals, given by status, say that it is further."""
    held = set(statuses)
    for status in ("won", "open"):
        least = _LEAST[status]
        if status in held and LIFECYCLES.index(wanted) < LIFECYCLES.index(least):
            raise LifecycleBackwards(
                f"The customer has {'a won' if status == 'won' else 'an open'} deal, so it is at least a {least};"
                f" {'remove or reopen' if status == 'won' else 'close or remove'} its deals first.",
                errors=[FieldError("/lifecycle", f"Is at least {least}.")],
                facts={"least": least},
            )
