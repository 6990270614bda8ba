"""Ordering and the warehouse in one process, with the events that are on their way between them."""

import random

from common.envelope import Event
from common.ids import new_id
from common.service import Service
from common.testing import TestTokens, client_for, deliver, published
from ordering.tests.conftest import STAFF
from ordering.tests.told import customer, switches

KEEPER = ("warehouses.edit", "stock.view", "stock.edit", "shipments.edit", "orders.view", "operations.view")


class Both:
    """The two services with a staff member in each, and the messages that are on their way between them."""

    def __init__(self, ordering_: Service, warehouse_: Service, tokens: TestTokens) -> None:
        self.services = (ordering_, warehouse_)
        self.sales = client_for(ordering_, tokens.staff(STAFF))
        self.keeper = client_for(warehouse_, tokens.staff(KEEPER))
        self._taken = [0, 0]

    def exchange(self, chance: random.Random | None = None) -> None:
        """Delivers until nobody has anything to say; with `chance`, each portion in any order, and some of it twice."""
        for _ in range(50):
            portions = [self._new(place) for place in (0, 1)]
            if not any(portions):
                return
            for portion, reader in zip(portions, reversed(self.services), strict=True):
                events = portion + ([one for one in portion if chance.random() < 0.3] if chance else [])
                if chance:
                    chance.shuffle(events)
                deliver(reader, [one for one in events if one.type in reader.handlers])
        raise AssertionError("they answer each other without an end")

    def _new(self, place: int) -> list[Event]:
        events = published(self.services[place].db)[self._taken[place] :]
        self._taken[place] += len(events)
        return events

    def company(self, **values: str) -> str:
        """A customer that both know, which orders from the marketplace."""
        customer_id = new_id()
        decided = {"order_authorization": "on", "inherit_global_marketplace": "on", "auto_confirm_orders": "on"}
        for service in self.services:
            deliver(service, customer(customer_id, name="Alderwick"))
            deliver(service, switches("customer", customer_id, **(decided | values)))
        return customer_id
