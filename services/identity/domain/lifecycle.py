"""The life of an account: none → invited → active ⇄ disabled, and why a disabled one is disabled.

`none` is an account that does not exist. Whether an account was active or only invited before it was disabled is not
stored: it has a password or it has not.
"""

from dataclasses import dataclass, replace
from typing import Literal

from identity.errors import TransitionRefused

Status = Literal["invited", "active", "disabled"]
Reason = Literal["username_cleared", "manual", "archived", "contact_ended", "locked"]

REASONS: tuple[Reason, ...] = ("username_cleared", "manual", "archived", "contact_ended", "locked")


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether an account may sign in. `archive_id` names the archive that disabled it."""

    status: Status
    username: str | None
    has_password: bool = False
    reason: Reason | None = None
    archive_id: str | None = None

    @property
    def may_sign_in(self) -> bool:
        return self.status == "active"

    @property
    def is_enabled(self) -> bool:
        return self.status != "disabled"


def invited(username: str) -> Standing:
    """A new account."""
    return Standing("invited", username)


def accept(standing: Standing, username: str) -> Standing:
    """The invited person chose a password."""
    if standing.status != "invited":
        raise TransitionRefused("Only an invited account can accept an invitation.")
    return replace(standing, status="active", username=username, has_password=True)


def disable(standing: Standing, reason: Literal["manual", "contact_ended", "locked"]) -> Standing:
    """Switches an account off, or says why it stays off: what is decided during an archive outlives the restore."""
    if standing.reason == "username_cleared":
        raise TransitionRefused("The account has no user name and is off already.")
    return replace(standing, status="disabled", reason=reason, archive_id=None)


def enable(standing: Standing) -> Standing:
    """Switches a disabled account on again; one that never had a password goes back to invited."""
    if standing.status != "disabled":
        raise TransitionRefused("The account is not disabled.")
    if standing.reason == "archived":
        raise TransitionRefused("The account is disabled because its customer is archived; restore the customer.")
    if standing.username is None:
        raise TransitionRefused("The account has no user name; set one, which invites the person again.")
    return _on_again(standing)


def archive(standing: Standing, archive_id: str) -> Standing:
    """The customer was archived: disables an enabled account, leaves a disabled one as it is."""
    if not standing.is_enabled:
        return standing
    return replace(standing, status="disabled", reason="archived", archive_id=archive_id)


def restore(standing: Standing, archive_id: str) -> Standing:
    """The customer was restored: enables exactly what that archive disabled."""
    if standing.reason != "archived" or standing.archive_id != archive_id or standing.username is None:
        return standing
    return _on_again(standing)


def clear_username() -> Standing:
    """Ends the login and its secrets; the account and its history stay."""
    return Standing("disabled", None, reason="username_cleared")


def invite_again(standing: Standing, username: str) -> Standing:
    """A user name was set again, or the login was reset: never silently active."""
    if standing.reason == "archived":
        raise TransitionRefused("The customer is archived; restore it first.")
    return Standing("invited", username)


def rename(standing: Standing, username: str) -> Standing:
    """Another user name for a login that has one."""
    if standing.username is None:
        raise TransitionRefused("The account has no user name; setting one invites the person again.")
    return replace(standing, username=username)


def _on_again(standing: Standing) -> Standing:
    status: Status = "active" if standing.has_password else "invited"
    return replace(standing, status=status, reason=None, archive_id=None)
