"""Tax ids with the state of their check in the register; certificates of exemption and resale by their days."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from common.errors import FieldError
from customer.errors.taxes import ExemptionUnsuitable

CHECK_STATES: Final = ("unchecked", "valid", "invalid", "unreachable")
CHECK_OUTCOMES: Final = ("valid", "invalid", "unreachable")
EXEMPTION_KINDS: Final = ("exemption", "resale")
EXEMPTION_STATES: Final = ("pending", "valid", "expiring", "expired")
EXPIRING_DAYS: Final = 60  # a renewal takes that long

TAX_ID_LABELS = {"country": "Country", "scheme": "Kind", "value": "Number"}
CHECK_LABELS = {
    "check_state": "Check in the register",
    "checked_at": "Checked",
    "check_evidence": "What the register answered",
}
EXEMPTION_LABELS = {
    "kind": "Kind",
    "reason": "Reason",
    "number": "Certificate number",
    "jurisdictions": "Jurisdictions",
    "valid_from": "Valid from",
    "valid_to": "Valid until",
    "file_id": "Document",
}
# What somebody has verified; where it changes, it must be verified again.
VERIFIED_FIELDS: Final = ("kind", "reason", "number", "jurisdictions", "valid_from", "valid_to", "file_id")

State = Literal["pending", "valid", "expiring", "expired"]
Reason = Literal["certificate", "none", "not_verified", "not_yet_valid", "expired", "other_jurisdiction"]

_SENTENCES: Mapping[Reason, str] = {
    "certificate": "Certificate {number} covers {place} on {day}.",
    "none": "The customer has no certificate; tax applies.",
    "not_verified": "Certificate {number} covers {place} on {day}, but nobody has verified it; tax applies until then.",
    "not_yet_valid": "Certificate {number} for {place} is valid only from {valid_from}; tax applies on {day}.",
    "expired": "Certificate {number} for {place} ended on {valid_to}; tax applies on {day}.",
    "other_jurisdiction": "The customer's certificates do not cover {place}; tax applies.",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a certificate frees the customer from tax, and why or why not. `certificate` is there where `reason` is
    `certificate`; `nearest` is the one that the reason speaks of, if any."""

    certificate: Mapping[str, Any] | None
    reason: Reason
    nearest: Mapping[str, Any] | None = None


def state_on(record: Mapping[str, Any], day: date) -> State:
    """The state of a certificate on a day; both of its days count as valid."""
    if day < record["valid_from"]:
        return "pending"
    if record["valid_to"] is None:
        return "valid"
    if day > record["valid_to"]:
        return "expired"
    return "expiring" if record["valid_to"] - day <= timedelta(days=EXPIRING_DAYS) else "valid"


def check_days(record: Mapping[str, Any]) -> None:
    """Raises ExemptionUnsuitable where a certificate would end before it begins."""
    if record["valid_to"] is not None and record["valid_to"] < record["valid_from"]:
        raise ExemptionUnsuitable(
            "The certificate would end before it begins; correct one of the days.",
            errors=[FieldError("/valid_to", "Is before `valid_from`.")],
        )


def covers(record: Mapping[str, Any], jurisdiction: str) -> bool:
    """Whether a certificate is for a place; one for a whole country is for its parts too."""
    return jurisdiction in record["jurisdictions"] or jurisdiction.partition("-")[0] in record["jurisdictions"]


def decide(records: Iterable[Mapping[str, Any]], jurisdiction: str, day: date) -> Decision:
    """The certificate that frees from tax in a jurisdiction on a day, or none and the nearest reason why. Of several
    the one that names the place itself wins, then the one that lasts longest."""
    known = list(records)
    if not known:
        return Decision(None, "none")
    here = [record for record in known if covers(record, jurisdiction)]
    if not here:
        return Decision(None, "other_jurisdiction")
    here.sort(
        key=lambda record: (jurisdiction in record["jurisdictions"], record["valid_to"] or date.max), reverse=True
    )
    by_state: dict[str, list[Mapping[str, Any]]] = {state: [] for state in EXEMPTION_STATES}
    for record in here:
        by_state[state_on(record, day)].append(record)
    in_force = [record for record in here if state_on(record, day) in ("valid", "expiring")]
    verified = next((record for record in in_force if record["verified_at"]), None)
    if verified is not None:
        return Decision(verified, "certificate", verified)
    if in_force:
        return Decision(None, "not_verified", in_force[0])
    if by_state["pending"]:
        return Decision(None, "not_yet_valid", min(by_state["pending"], key=lambda record: record["valid_from"]))
    return Decision(None, "expired", max(by_state["expired"], key=lambda record: record["valid_to"]))


def explain(decision: Decision, jurisdiction: str, day: date) -> str:
    """The decision as a sentence for a person."""
    return _SENTENCES[decision.reason].format_map(
        {"place": jurisdiction, "day": day.isoformat(), "number": "", "valid_from": "", "valid_to": ""}
        | dict(decision.nearest or {})
    )
