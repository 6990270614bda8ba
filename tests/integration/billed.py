"""The saga of orders with billing and the portal settings in it: four services, each with a database and a worker."""

from functools import partial
from typing import Any, ClassVar

from billing.bootstrap import build as build_billing
from billing.settings import Settings as BillingSettings
from common.ids import new_id
from common.testing import Client, client_for, deliver, eventually
from common.testing.clock import FixedClock
from ordering.tests.told import customer
from portal_settings.bootstrap import build as build_settings
from portal_settings.settings import Settings as PortalSettings
from warehouse.bootstrap import build as build_warehouse
from warehouse.settings import Settings as WarehouseSettings

from .saga import Order, Saga, ok, rows

CLERK = ("billing.view", "billing.edit", "operations.view", "portal_settings.view", "portal_settings.edit")


# By which the warehouse says when goods have left.
CLOCK = FixedClock()


class Billed(Saga):
    """`accountant` talks to billing and `manager` to the portal settings."""

    builders: ClassVar = {
        **Saga.builders,
        "warehouse": (partial(build_warehouse, clock=CLOCK), WarehouseSettings),
        "billing": (build_billing, BillingSettings),
        "portal-settings": (build_settings, PortalSettings),
    }

    def __init__(self, database_of: Any, tokens: Any, broker: str, folder: Any) -> None:
        super().__init__(database_of, tokens, broker, folder)
        self.billing = self.services["billing"]
        self.tokens = tokens
        self.accountant: Client = client_for(self.billing, tokens.staff(CLERK))
        self.manager: Client = client_for(self.services["portal-settings"], tokens.staff(CLERK))

    def company(self, **_options: Any) -> str:
        """A customer that orders and confirms itself, whose settings its own provider has made."""
        customer_id = new_id()
        for service in self.services.values():
            deliver(service, customer(customer_id, number=customer_id[-12:], name="Alderwick"))
        self.switch(customer_id, order_authorization="on", inherit_global_marketplace="on", auto_confirm_orders="on")
        return customer_id

    def switch(self, customer_id: str, **values: str) -> None:
        """Sets switches, and waits until everybody has heard of it."""
        path = f"/customers/{customer_id}/portal-settings"
        version = ok(self.manager.get(path))["version"]
        ok(self.manager.patch(path, json={"settings": values}, version=version))

        def heard() -> bool:
            told = "SELECT 1 FROM replica_scopes WHERE subject = :id AND version > :version"
            readers = (self.ordering, self.warehouse, self.billing)
            return all(rows(reader, told, id=customer_id, version=version) for reader in readers)

        eventually(heard, 30, every=0.05)

    def pending(self, customer_id: str) -> dict[str, Any]:
        return ok(self.accountant.get(f"/customers/{customer_id}/pending-billing"))

    def charges(self, customer_id: str) -> list[dict[str, Any]]:
        """The oldest first."""
        found = ok(self.accountant.get(f"/customers/{customer_id}/charges", query_string={"limit": 200}))
        return list(reversed(found["items"]))

    def decide(self, customer_id: str, decision: str, **fields: Any) -> dict[str, Any]:
        """Decides about what is parked now."""
        path, version = f"/customers/{customer_id}/pending-billing/decision", self.pending(customer_id)["version"]
        return ok(self.accountant.post(path, json={"decision": decision} | fields, version=version), 201)

    def ship_now(self, order: Order, **fields: Any) -> None:
        """Sends goods of an order, and waits until that is charged."""
        before = len(self.charges(order["customer_id"]))
        self.ship(order, **fields)
        eventually(lambda: len(self.charges(order["customer_id"])) > before, 30, every=0.05)
