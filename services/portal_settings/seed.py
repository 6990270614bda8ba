"""A believable start: customers order and see their invoices, and everything that costs or commits more is off."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.context import context_for
from common.db import Database
from portal_settings.domain import PLATFORM, ScopeRef
from portal_settings.queries.scopes import scope_state
from portal_settings.tables import replica_customers, scope_settings
from portal_settings.use_cases import change_settings

DEFAULTS: dict[str, Any] = {
    "settings": {
        "order_authorization": "on",
        "auto_confirm_orders": "off",
        "inherit_global_marketplace": "on",
        "allow_preorders": "off",
        "warehouse_enabled": "off",
        "hr_sync_enabled": "off",
        "automation_enabled": "off",
        "internal_inventory_enabled": "off",
        "billing_enabled": "on",
    },
    "locks": {},
    "cascade": False,
    "reason": "First set-up",
    "dry_run": False,
}


def seed(database: Database) -> None:
    """Decides the platform's defaults where nobody has decided any yet; and, once customers have arrived and while
    nothing else is decided, lets the first of them keep an inventory, so that a first run shows one."""
    context = context_for("system:seed", "First set-up")
    database.run(_decide_defaults, context=context)
    database.run(_show_an_inventory, context=context)


def _decide_defaults(session: Session) -> None:
    if scope_state(session, PLATFORM).version == 0:
        change_settings(session, PLATFORM, 0, DEFAULTS)


def _show_an_inventory(session: Session) -> None:
    if session.execute(select(func.max(scope_settings.c.version), func.count())).one() != (1, 1):
        return
    known = replica_customers.c
    first = select(known.id).where(known.status == "active", ~known.gone).order_by(known.id).limit(1)
    customer_id = session.execute(first).scalar_one_or_none()
    if customer_id is not None:
        wanted = DEFAULTS | {"settings": {"internal_inventory_enabled": "on"}}
        change_settings(session, ScopeRef("customer", customer_id), 0, wanted)
