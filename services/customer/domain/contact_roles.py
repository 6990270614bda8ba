"""Roles of contacts: who is the default for one, and whom to turn to for a purpose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from common.errors import FieldError
from customer.errors.contact_roles import DefaultUnsuitable

CONTACT_ROLE_LABELS = {"label": "Label", "position": "Position"}

Reason = Literal["default_holder", "only_holder", "primary", "only_contact", "none"]

_SENTENCES: Mapping[Reason, str] = {
    "default_holder": "{name} is the default for this role",
    "only_holder": "{name} is the only one with this role",
    "primary": "{name} is the primary contact",
    "only_contact": "{name} is the only contact",
    "none": "Nobody has this role, and there is neither a primary nor an only contact",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom to turn to, if anybody, and why."""

    contact: Mapping[str, Any] | None
    reason: Reason

    @property
    def sentence(self) -> str:
        """The reason for a person."""
        return _SENTENCES[self.reason].format(name=self.contact["name"] if self.contact else "")


def choose(contacts: Sequence[Mapping[str, Any]], primary_id: str | None, role: str) -> Choice:
    """Whom of one customer's contacts to turn to for a role: its default, else its only holder, else the primary
    contact, else the only contact."""
    holders = [contact for contact in contacts if role in contact["roles"]]
    defaults = [contact for contact in holders if role in contact["default_for"]]
    if defaults:
        return Choice(defaults[0], "default_holder")
    if len(holders) == 1:
        return Choice(holders[0], "only_holder")
    for contact in contacts:
        if contact["id"] == primary_id:
            return Choice(contact, "primary")
    if len(contacts) == 1:
        return Choice(contacts[0], "only_contact")
    return Choice(None, "none")


def settle_defaults(roles: Sequence[str], wanted: Sequence[str] | None, present: Sequence[str], at: str) -> list[str]:
    """The roles that a contact is the default for, in the order of its roles. Without `wanted` it keeps those at
    `present` that it still has. Raises DefaultUnsuitable for a role that it has not; `at` points to the list."""
    chosen = set(present if wanted is None else wanted)
    foreign = [place for place, role in enumerate(wanted or ()) if role not in roles]
    if foreign:
        raise DefaultUnsuitable(
            "A contact can be the default only for roles that it has; add them to `roles`.",
            errors=[FieldError(f"{at}/{place}", "Is not among the contact's roles.") for place in foreign],
        )
    return [role for role in roles if role in chosen]


def without_defaults(present: Sequence[str], lost: Sequence[str]) -> list[str]:
    """What a contact is the default for after another one took over `lost`."""
    return [role for role in present if role not in lost]


def check_claims(claims: Sequence[Sequence[str]], at: str) -> None:
    """Raises DefaultUnsuitable where two contacts that come together claim the same role; `at` points to their list."""
    taken: set[str] = set()
    for place, roles in enumerate(claims):
        both = [role for role in roles if role in taken]
        if both:
            raise DefaultUnsuitable(
                f"Two contacts cannot both be the default for {', '.join(both)}.",
                errors=[FieldError(f"{at}/{place}/default_for", "Another contact is the default already.")],
            )
        taken |= set(roles)
