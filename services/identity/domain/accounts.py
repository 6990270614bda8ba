"""An account as the rules see it, and what changed between two states of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from identity.domain.lifecycle import Reason, Standing, Status, clear_username

Kind = Literal["staff", "portal"]
Visibility = Literal["own", "node", "subtree"]

VISIBILITIES: tuple[Visibility, ...] = ("own", "node", "subtree")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A portal account belongs to one customer; `is_login` marks the customer's own login, the others are its people.
    `roles` are codes of staff roles or portal roles; with `subtree` they flow down to the branches that accept it, and
    `visibility` says whose orders, invoices and tickets they show: one's own, the customer's, or the branches' too. An
    account that has `ended` is in no list any more and never comes back."""

    id: str
    kind: Kind
    display_name: str
    status: Status
    username: str | None = None
    email: str | None = None
    customer_id: str | None = None
    is_login: bool = False
    contact_id: str | None = None
    disabled_reason: Reason | None = None
    archive_id: str | None = None
    has_password: bool = False
    roles: tuple[str, ...] = ()
    subtree: bool = False
    visibility: Visibility = "node"
    ended: bool = False
    version: int = 0

    @property
    def standing(self) -> Standing:
        """The part that decides about signing in."""
        return Standing(self.status, self.username, self.has_password, self.disabled_reason, self.archive_id)

    def stands(self, standing: Standing) -> "Account":
        """The same account in another standing."""
        return replace(
            self,
            status=standing.status,
            username=standing.username,
            has_password=standing.has_password,
            disabled_reason=standing.reason,
            archive_id=standing.archive_id,
        )

    def end(self) -> "Account":
        """The account without anything personal, for good; the id of its contact stays, by which it can be found."""
        kept = self.stands(clear_username())
        kept = replace(kept, roles=(), subtree=False, visibility="node")
        return replace(kept, display_name=FORMER, email=None, ended=True)


Change = dict[str, Any]

FORMER = "Former user"

_LABELS = {
    "username": "User name",
    "display_name": "Name",
    "email": "E-mail",
    "status": "Status",
    "disabled_reason": "Disabled because",
    "roles": "Roles",
    "subtree": "Also for branches",
    "visibility": "Sees",
    "contact_id": "Contact",
}


def change(path: str, label: str, before: Any = None, after: Any = None) -> Change:
    """One entry of an event's `changes`. A secret is named and never shown: both values stay null."""
    return {"path": path, "label": label, "before": before, "after": after}


def changes_between(before: Account, after: Account) -> list[Change]:
    """What a person would say has changed, in the order of the page."""
    return [
        change(name, label, _plain(getattr(before, name)), _plain(getattr(after, name)))
        for name, label in _LABELS.items()
        if getattr(before, name) != getattr(after, name)
    ]


def within_access(account: Account, changes: Sequence[Change]) -> list[Change]:
    """The same changes as they read on the page of the account's customer."""
    if account.is_login:
        return [entry | {"path": f"login/{entry['path']}"} for entry in changes]
    return [
        entry | {"path": f"users/{account.id}/{entry['path']}", "label": f"{account.display_name}: {entry['label']}"}
        for entry in changes
    ]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
