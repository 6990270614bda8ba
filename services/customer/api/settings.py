"""Operations on the settings that groups and customers carry."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Routes
from customer.queries import settings as queries
from customer.schemas.settings import EffectiveSettings, GroupChoice, GroupPreview, SettingsChanges, SettingsOut
from customer.use_cases import settings
from customer.use_cases.customers import group_name

routes = Routes(
    "Settings of groups and customers",
    "What a group gives its members unless they have decided otherwise; each value says whose decision it is.",
)

_GROUP = "/customer-groups/<uuid:group_id>/settings"
_CUSTOMER = "/customers/<uuid:customer_id>/settings"


@routes.get("/customer-settings", permission="customers.view", out=SettingsOut)
def list_settings(call: Call) -> Mapping[str, Any]:
    """The settings that groups and customers can carry, as their services registered them."""
    return {"items": queries.definition_list(call.session)}


@routes.get(_GROUP, permission="customers.view", out=EffectiveSettings)
def show_group_settings(call: Call, group_id: str) -> Mapping[str, Any]:
    """What a group gives its members."""
    return queries.group_settings(call.session, group_id)


@routes.patch(_GROUP, permission="groups.manage", body=SettingsChanges, out=EffectiveSettings)
def change_group_settings(call: Call, group_id: str) -> Mapping[str, Any]:
    """Changes what a group gives its members; a group that never decided anything is at `"v0"`."""
    settings.change_group_settings(call.session, group_id, call.version, call.body)
    return queries.group_settings(call.session, group_id)


@routes.get(_CUSTOMER, permission="customers.view", out=EffectiveSettings)
def show_customer_settings(call: Call, customer_id: str) -> Mapping[str, Any]:
    """What counts for a customer, and whose decision it is."""
    return queries.customer_settings(call.session, customer_id)


@routes.patch(_CUSTOMER, permission="customers.edit", body=SettingsChanges, out=EffectiveSettings)
def change_customer_settings(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Changes what a customer has decided itself; a customer that never decided anything is at `"v0"`."""
    settings.change_customer_settings(call.session, customer_id, call.version, call.body)
    return queries.customer_settings(call.session, customer_id)


@routes.delete(_CUSTOMER, permission="customers.edit", versioned=True)
def inherit_all_settings(call: Call, customer_id: str) -> None:
    """Lets a customer inherit every setting again."""
    settings.inherit_all(call.session, customer_id, call.version)


@routes.post(
    "/customers/<uuid:customer_id>/group-preview",
    permission="customers.view",
    body=GroupChoice,
    out=GroupPreview,
    status=200,
)
def preview_group(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Which settings would have another value if the customer were in another group, or in none."""
    group_id = call.body["group_id"]
    if group_id:
        group_name(call.session, group_id)
    return queries.group_preview(call.session, customer_id, group_id)
