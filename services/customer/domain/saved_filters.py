"""Whose a saved filter is, and who else sees it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from common.errors import FieldError
from customer.errors import Unsuitable
from customer.errors.rules import FilterNotYours, SharingForbidden

Audience = Literal["me", "role", "all"]

AUDIENCES: Final = ("me", "role", "all")
FILTER_LABELS: Final = {
    "name": "Name",
    "rule": "Rule",
    "query": "Query",
    "sort": "Order",
    "columns": "Columns",
    "audience": "Audience",
    "role": "Role",
    "pinned": "Pinned",
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: the account, its name, the roles that it is known to have, and whether it decides what others see."""

    account: str
    label: str
    roles: Collection[str]
    shares: bool


def sees(viewer: Viewer, saved: Mapping[str, Any]) -> bool:
    """Whether a filter is the viewer's own, or is shown to it."""
    if saved["owner"] == viewer.account or saved["audience"] == "all":
        return True
    return saved["audience"] == "role" and saved["role"] in viewer.roles


def check_may_change(viewer: Viewer, saved: Mapping[str, Any]) -> None:
    """Raises FilterNotYours unless the filter is the viewer's own, or shared and the viewer decides about those."""
    if saved["owner"] != viewer.account and not (viewer.shares and saved["audience"] != "me"):
        raise FilterNotYours(f"The filter belongs to {saved['owner_label']}; save one of your own.")


def check_audience(viewer: Viewer, saved: Mapping[str, Any]) -> None:
    """Raises SharingForbidden where the viewer may not decide what others see, and Unsuitable where a role is named
    without need, or not named."""
    if saved["audience"] != "me" and not viewer.shares:
        raise SharingForbidden(
            "You need the permission segments.manage to show filters to others; keep the audience `me`.",
            facts={"permission": "segments.manage"},
        )
    if (saved["audience"] == "role") != (saved["role"] is not None):
        raise Unsuitable(
            "Name the role with the audience `role`, and only there.",
            errors=[FieldError("/role", "Belongs to the audience `role`.")],
        )
