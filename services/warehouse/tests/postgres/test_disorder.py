"""Everything that this service hears, each twice and in any order, leaves the same rows as once and in order."""

from dataclasses import replace
from typing import Any

import pytest

from common.envelope import Event
from common.ids import new_id
from common.service import Service
from common.testing import deliver
from common.testing.disorder import differences, disordered, kept_of
from common.testing.events import event
from common.testing.merging import Merge
from warehouse.tests.told import Order, example

pytestmark = pytest.mark.postgres

CUSTOMERS = ("firm", "gone", "erased", "survivor", "loser")
# How orders went: what ordering told of each.
WAYS = {
    "delivered": ("drafted", "updated", "placed", "approved", "confirmed", "progressed"),
    "held": ("placed", "held", "released", "confirmed"),
    "refused": ("placed", "rejected"),
    "cancelled": ("placed", "confirmed", "cancelling", "cancelled"),
    "overdue": ("placed", "expired"),
    "given up": ("placed", "confirmed", "completed"),
    "less": ("placed", "confirmed", "lines_cancelled"),
    "more": ("placed", "confirmed", "revised", "approved", "confirmed"),
    "taken back": ("placed", "withdrawn"),
}
LISTING = ("created", "updated", "published", "paused", "retired")


class Story:
    """What is told of some customers, an article and its orders: an event of every type that is heard, in order."""

    def __init__(self, sku: str, receive: Any) -> None:
        self.ids = {name: new_id() for name in CUSTOMERS}
        receive(sku, 100)
        self._more: dict[str, str] = {}
        self.events = [*self._customers(), *self._listing(sku), *self._of_orders(sku), *self._merges(sku)]

    @property
    def names(self) -> dict[str, str]:
        """Every id of the story, and what it is called in each telling."""
        return {id_: name for name, id_ in self.ids.items()} | self._more

    def _customers(self) -> list[Event]:
        told = []
        request = {"request_id": None, "erased_ids": [self.ids["erased"]], "everything": True, "name": "[erased]"}
        for name, verbs in (("firm", ("created", "updated", "archived", "restored")),
                            ("gone", ("created", "deleted")), ("erased", ("created", "erased"))):  # fmt: skip
            for version, verb in enumerate(verbs, 1):
                fields = {"id": self.ids[name], "name": f"{name} {version}", "number": name, "status": "active"}
                fields |= request if verb == "erased" else {}
                made = f"customer.customer.{verb}.v1"
                told.append(event(made, self.ids[name], example(made) | fields, version=version))
        for version, value in enumerate(("on", "off"), 1):
            scope = {"scope": "customer", "values": {"warehouse_enabled": value}, "locks": [], "licence": None}
            scope |= {"scope_id": self.ids["firm"], "changes": []}
            told.append(event("portal-settings.scope.changed.v1", self.ids["firm"], scope, version=version))
        for made in ("customer.contact.erased.v1", "identity.account.erased.v1"):
            person = new_id()
            fields = {"id": person, "customer_id": self.ids["firm"], "request_id": None, "erased_ids": [person]}
            fields |= {"everything": False}
            told.append(event(made, person, example(made) | fields, version=3, customer_id=self.ids["firm"]))
        return told

    def _listing(self, sku: str) -> list[Event]:
        listing = new_id()
        self._more[listing] = "listing"
        return [
            event(
                f"ordering.listing.{verb}.v1",
                listing,
                example(f"ordering.listing.{verb}.v1") | {"id": listing, "sku": sku, "name": f"Tea {version}"},
                version=version,
            )
            for version, verb in enumerate(LISTING, 1)
        ]

    def _of_orders(self, sku: str) -> list[Event]:
        told = []
        for name, verbs in WAYS.items():
            order = self._order("firm", sku, name)
            for verb in verbs:
                held = {"hold_reasons": ["limit_exceeded"] if verb == "held" else []}
                told.append(order.tell(verb, **held))
        return told

    def _order(self, customer: str, sku: str, name: str) -> Order:
        order = Order(self.ids[customer], [(sku, 2)])
        self._more |= {order.id: name, order.line_id(): f"line {name}"}
        return order

    def _merges(self, sku: str) -> list[Event]:
        """Orders of a customer that is merged, and is apart again: ordering tells of both."""
        survivor, loser = self.ids["survivor"], self.ids["loser"]
        merge = Merge(survivor, loser)
        self._more[merge.id] = "merge"
        told = [merge.tell("merged")]
        for name in ("moved", "moved and shown"):
            order = self._order("loser", sku, name)
            told += [order.tell("placed"), order.tell("confirmed")]
            for owner in (survivor, loser):
                order.customer_id = owner
                told.append(order.tell("updated"))
        return [*told, merge.tell("unmerged")]


def kept(service: Service, story: Story, sku: str) -> dict[str, list[str]]:
    """What the service keeps of a story, without what holds nothing any more."""
    names = story.names | {sku: "sku"}
    found = kept_of(service.db, names)
    empty = "'allocated': 0", "'reserved': 0", "'shipped': 0"
    sources = found.pop("reservation_sources", [])
    found["reservation_sources"] = [row for row in sources if not all(part in row for part in empty)]
    return found


def test_the_story_has_an_event_of_every_type_that_is_heard(service: Service, sku: str, receive: Any) -> None:
    types = {one.type for one in Story(sku, receive).events}
    assert set(service.handlers) - types == {"overview.replay.requested.v1"}


@pytest.mark.parametrize("seed", range(20))
def test_twice_and_in_any_order_leaves_what_once_and_in_order_does(
    service: Service, receive: Any, sku: str, stock: Any, seed: int
) -> None:
    told, again = sku, f"{sku}-again"
    story = Story(told, receive)
    deliver(service, story.events)
    expected = kept(service, story, told)
    balances = stock(told)
    other = Story(again, receive)
    deliver(service, disordered(other.events, seed))
    differing = differences(kept(service, other, again), expected)
    assert not differing, differing
    assert stock(again) == balances


def test_a_message_that_comes_again_with_another_id_changes_nothing(service: Service, receive: Any, sku: str) -> None:
    story = Story(sku, receive)
    deliver(service, story.events)
    before = kept(service, story, sku)
    deliver(service, [replace(one, id=new_id()) for one in story.events])
    differing = differences(kept(service, story, sku), before)
    assert not differing, differing
