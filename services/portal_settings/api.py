"""HTTP in: the settings of the platform, of a group and of a customer."""

from collections.abc import Mapping
from typing import Any

from common.web import SIGNED_IN, Call, Routes
from portal_settings import use_cases
from portal_settings.domain import PLATFORM, ScopeRef
from portal_settings.queries.scopes import effective_switches
from portal_settings.queries.views import resolved_document, settings_of
from portal_settings.schemas import (
    DryRun,
    EffectiveQuery,
    EffectiveSwitches,
    PortalSettings,
    PortalSettingsChanged,
    SettingsChange,
)

VIEW = "portal_settings.view"
EDIT = "portal_settings.edit"

routes = Routes(
    "Portal settings",
    "What each customer may do in its portal: nine switches, decided by the customer, its group, its parents or the "
    "platform. `effective` is what counts, `source` says who decided, `locked_by` who has fixed it, and `inert_reason` "
    "why a switch that is on does nothing.",
)


@routes.get("/portal-settings", permission=VIEW, out=PortalSettings)
def show_platform_settings(call: Call) -> Any:
    """The platform's defaults."""
    return _shown(call, PLATFORM)


@routes.get("/customer-groups/<uuid:group_id>/portal-settings", permission=VIEW, out=PortalSettings)
def show_group_settings(call: Call, group_id: str) -> Any:
    """The settings of a customer group."""
    return _shown(call, ScopeRef("group", group_id))


@routes.get("/customers/<uuid:customer_id>/portal-settings", permission=VIEW, portal=True, out=PortalSettings)
def show_customer_settings(call: Call, customer_id: str) -> Any:
    """The settings of a customer, with what it inherits."""
    return _shown(call, ScopeRef("customer", customer_id))


@routes.patch("/portal-settings", permission=EDIT, body=SettingsChange, query=DryRun, out=PortalSettingsChanged)
def change_platform_settings(call: Call) -> Mapping[str, Any]:
    """Changes the platform's defaults.

    With `dry_run` nothing is stored, and the answer tells what would change and for how many customers."""
    return _change(call, PLATFORM)


@routes.patch(
    "/customer-groups/<uuid:group_id>/portal-settings",
    permission=EDIT,
    body=SettingsChange,
    query=DryRun,
    out=PortalSettingsChanged,
)
def change_group_settings(call: Call, group_id: str) -> Mapping[str, Any]:
    """Changes the settings of a customer group.

    With `dry_run` nothing is stored, and the answer tells what would change and for how many customers."""
    return _change(call, ScopeRef("group", group_id))


@routes.patch(
    "/customers/<uuid:customer_id>/portal-settings",
    permission=EDIT,
    body=SettingsChange,
    query=DryRun,
    out=PortalSettingsChanged,
)
def change_customer_settings(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Changes the settings of a customer.

    Turning pre-orders on turns the warehouse on as well; `changes` names such a cause. What stands in the way is told
    in `refusals`. With `dry_run` nothing is stored, and the answer tells what would change."""
    return _change(call, ScopeRef("customer", customer_id))


@routes.get(
    "/internal/effective-switches",
    permission=SIGNED_IN,
    public=False,
    portal=True,
    query=EffectiveQuery,
    out=EffectiveSwitches,
)
def show_effective_switches(call: Call) -> Mapping[str, Any]:
    """What counts for several customers: those among them whose settings the caller may view."""
    allowed = [id_ for id_ in call.query["customer_ids"] if call.principal.can(VIEW, id_)]
    found = effective_switches(call.session, allowed)
    return {
        "items": [
            {"customer_id": id_, "switches": {key: resolved_document(one) for key, one in switches.items()}}
            for id_, switches in found.items()
        ]
    }


def _shown(call: Call, ref: ScopeRef) -> Any:
    # The version is the scope's own, while what counts also changes above it: a stored answer would be a wrong one.
    return call.ok(settings_of(call.session, ref), headers={"Cache-Control": "private, no-store"})


def _change(call: Call, ref: ScopeRef) -> Mapping[str, Any]:
    wanted = call.body | {"dry_run": call.body["dry_run"] or call.query["dry_run"]}
    return use_cases.change_settings(call.session, ref, call.version, wanted)
