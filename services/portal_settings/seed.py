"""A believable start: customers order and see their invoices, and everything that costs or commits more is off."""

from typing import Any

from sqlalchemy.orm import Session

from common.context import context_for
from common.db import Database
from portal_settings.domain import PLATFORM
from portal_settings.queries.scopes import scope_state
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
    """Decides the platform's defaults where nobody has decided any yet."""
    database.run(_decide_defaults, context=context_for("system:seed", "First set-up"))


def _decide_defaults(session: Session) -> None:
    if scope_state(session, PLATFORM).version == 0:
        change_settings(session, PLATFORM, 0, DEFAULTS)
