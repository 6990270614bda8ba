"""How customers are related, what may be sold to them, and under which numbers tax offices know them."""

from collections.abc import Iterable

from overview.domain.folding import fold
from overview.domain.nouns.noun import Data, Noun, always, newest


def _seen_from(data: Data, customer_id: str) -> Data:
    """A link as one of its sides reads it."""
    direction, near, far = ("reverse", "to", "from") if data["to"]["id"] == customer_id else ("forward", "from", "to")
    other = {name: data[far][name] for name in ("id", "number", "name")}
    return {**data, "direction": direction, "label": data[near]["label"], "other": other}


def _link_label(data: Data) -> str:
    return f"{data['label']} {data['other']['name']}"


def _open_first(data: Data) -> str:
    return f"{data['status'] != 'open':d} {data['expected_close_on'] or '~'} {fold(data['name'])}"


def _tax_label(data: Data) -> str:
    return f"{data['country']} {data['value']}"


def _tax_words(data: Data) -> Iterable[tuple[str, str]]:
    yield "tax_id", data["value"]
    yield "tax_id", f"{data['country']}{data['value']}"


def _forward(data: Data) -> str:
    return str(data["forward_label"])


def _label(data: Data) -> str:
    return str(data["label"])


LINK = Noun(
    entity="customer.link",
    section="links",
    fields=("id", "type", "direction", "label", "other", "valid_from", "valid_to", "note"),
    order=lambda data: fold(_link_label(data)),
    most=50,
    label=_link_label,
    said=lambda data: data["note"],
    also=lambda data: (data["to"]["id"],),
    seen_by=_seen_from,
)
DEAL = Noun(
    entity="customer.deal",
    verbs=("added", "updated", "won", "lost", "removed"),
    section="deals",
    fields=(
        *("id", "name", "stage", "status", "lost_reason", "value", "expected_close_on", "closed_at"),
        "owner",
    ),
    order=_open_first,
    said=lambda data: data["lost_reason"],
    found_by=lambda data: [("deal", data["name"])],
)
TAX_ID = Noun(
    entity="customer.tax_id",
    section="tax_ids",
    fields=("id", "country", "scheme", "value", "check_state", "checked_at"),
    order=_tax_label,
    portal=always,
    label=_tax_label,
    found_by=_tax_words,
)
# With its days, never a state: that follows from the day on which it is read.
EXEMPTION = Noun(
    entity="customer.exemption",
    verbs=("added", "updated", "removed", "expiring"),
    section="exemptions",
    fields=("id", "kind", "reason", "number", "jurisdictions", "valid_from", "valid_to", "verified_by"),
    order=newest("valid_to"),
    portal=always,
    portal_fields=("id", "kind", "reason", "number", "jurisdictions", "valid_from", "valid_to"),
    label=lambda data: str(data["number"]),
    said=lambda data: f"{data['days_left']} days left" if "days_left" in data else None,
)

_LISTED = ("created", "updated", "deleted")
# The records that name an entry of these lists carry its label: nothing else is kept of them.
LINK_TYPE = Noun(entity="customer.link_type", verbs=_LISTED, kept=False, label=_forward)
DEAL_STAGE = Noun(entity="customer.deal_stage", verbs=_LISTED, kept=False, label=_label)
CONTACT_ROLE = Noun(entity="customer.contact_role", verbs=_LISTED, kept=False, label=_label)

NOUNS = (LINK, DEAL, TAX_ID, EXEMPTION, LINK_TYPE, DEAL_STAGE, CONTACT_ROLE)
