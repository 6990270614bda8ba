"""The nine switches as people know them: key, label, what each lets a customer do, its first value and its needs."""

from dataclasses import dataclass
from typing import Literal

Value = Literal["on", "off"]


@dataclass(frozen=True, slots=True)
class Switch:
    """`default` counts where not even the platform has decided. `description` says what the customer may do while it
    is on, `when_off` what becomes of open work when it goes off."""

    key: str
    label: str
    description: str
    when_off: str
    default: Value = "off"


@dataclass(frozen=True, slots=True)
class Requirement:
    """`key` does nothing while `needs` is off, for the reason `inert_reason`. Where `binding`, turning `key` on turns
    `needs` on as well, and `needs` cannot go off under a `key` that is on."""

    key: str
    needs: str
    inert_reason: str
    binding: bool


_SWITCHES = (
    Switch(
        key="order_authorization",
        label="Grant order authorization",
        description="The customer's people place orders themselves in the portal. Each order then waits for the "
        "customer's own approval, where its rules ask for one, and for confirmation by the provider.",
        when_off="Carts, history, tracking and returns stay; nothing can be submitted. Orders that still wait for "
        "approval are parked for staff to decide, confirmed orders run on. Staff may still enter orders.",
    ),
    Switch(
        key="auto_confirm_orders",
        label="Confirm all orders automatically",
        description="An order that has passed the customer's own approval is confirmed at once, without waiting for "
        "staff, unless a credit hold or a failed check stops it.",
        when_off="Orders submitted from now on wait for staff. What is confirmed stays confirmed.",
    ),
    Switch(
        key="inherit_global_marketplace",
        label="Inherit the global marketplace",
        description="The customer sees and orders everything the provider publishes globally, besides what is listed "
        "for it alone.",
        when_off="Global items leave browsing, search and lists, and cannot be submitted from a cart. Orders already "
        "submitted keep theirs.",
        default="on",
    ),
    Switch(
        key="allow_preorders",
        label="Allow pre-orders",
        description="The customer orders items before they are in stock, with a promised date. Needs the warehouse, "
        "which takes in the supply and delivers it; turning pre-orders on turns the warehouse on.",
        when_off="No new pre-orders and no larger quantities. Existing pre-orders are commitments and are delivered.",
    ),
    Switch(
        key="warehouse_enabled",
        label="Warehouse enabled",
        description="The customer orders from and returns to its dedicated warehouse, and sees the stock there.",
        when_off="Orders and returns go through the provider's own depot, and the stock is hidden. Cannot go off while "
        "pre-orders are on, unless both go off together.",
    ),
    Switch(
        key="hr_sync_enabled",
        label="HR-Sync enabled",
        description="The customer's HR or identity system keeps its people, departments and managers in step. May cost "
        "a licence fee, which has to be acknowledged first.",
        when_off="Nothing more is taken over. People and departments stay, marked with the date of the last import, "
        "and can be edited by hand.",
    ),
    Switch(
        key="automation_enabled",
        label="Automation module enabled",
        description="The customer's administrators connect other systems and set up workflows and approvals of their "
        "own. The provider's own rules run in any case.",
        when_off="The customer's rules are kept and no longer start. What has not started is dropped with a note, what "
        "runs finishes its step.",
    ),
    Switch(
        key="internal_inventory_enabled",
        label="Internal inventory module enabled",
        description="The customer keeps track of its own assets in the portal, and offers its own services to others "
        "through the marketplace.",
        when_off="Assets are hidden and kept, the customer's own offers are withdrawn, open internal requests are put "
        "on hold.",
    ),
    Switch(
        key="billing_enabled",
        label="Billing & invoicing module enabled",
        description="Invoices for what the customer uses are made by themselves and shown in its portal.",
        when_off="The billing section is hidden and no invoice is made by itself. Issued invoices stay as they are; "
        "what is not yet invoiced is collected until staff decide.",
        default="on",
    ),
)

SWITCHES: dict[str, Switch] = {switch.key: switch for switch in _SWITCHES}
KEYS: tuple[str, ...] = tuple(SWITCHES)

LICENSED_KEY = "hr_sync_enabled"

REQUIREMENTS = (
    Requirement("auto_confirm_orders", "order_authorization", "order_authorization_off", binding=False),
    Requirement("allow_preorders", "warehouse_enabled", "warehouse_off", binding=True),
)
