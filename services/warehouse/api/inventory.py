"""Who may do what with the assets of which customers, for the operations on assets and on requests for them."""

from typing import Any

from sqlalchemy.orm import Session

from common.web import Call
from common.web.access import CustomerNotFound, require
from warehouse.domain.assets import SWITCH
from warehouse.errors.assets import InventoryHidden
from warehouse.use_cases.assets.switch import check_on, on_of

VIEW = "assets.view"
EDIT = "assets.edit"
REQUEST = "assets.request"


def own_only(call: Call, session: Session) -> dict[str, Any]:
    """The query, for a portal user narrowed to those of its customers whose inventory is on and where it may look;
    raises InventoryHidden where there is none. Staff see everything, also what is switched off."""
    if not call.principal.is_portal:
        return call.query
    seen = [one for one in call.principal.customer_ids or () if call.principal.can(VIEW, one)]
    allowed = on_of(session, seen)
    if not allowed:
        raise InventoryHidden(
            "Your company keeps no inventory in the portal; ask your contact at the provider to switch it on.",
            facts={"switch": SWITCH},
        )
    return call.query | {"customer_ids": allowed}


def check_view(call: Call, customer_id: str) -> None:
    """Raises PermissionMissing, or InventoryHidden for a portal user while the customer's inventory is off."""
    require(call.principal, VIEW, customer_id)
    if call.principal.is_portal:
        check_on(call.session, customer_id)


def check_change(call: Call, customer_id: str, permission: str = EDIT) -> None:
    """Raises CustomerNotFound or PermissionMissing unless the caller may do this with the assets of that customer; the
    use cases look at the switch."""
    if not call.principal.sees(customer_id):
        raise CustomerNotFound("There is no such customer.")
    if call.principal.is_portal and not call.principal.can(permission, customer_id):
        # Whoever may not even know of it learns that first.
        check_on(call.session, customer_id)
    require(call.principal, permission, customer_id)
