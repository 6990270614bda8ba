"""Everything that this service hears, each twice and in any order, leaves the same rows as once and in order."""

from dataclasses import replace
from typing import Any

import pytest

from common.envelope import Event
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver
from common.testing.disorder import differences, disordered, kept_of
from common.testing.merging import Merge
from ordering.consumers import HANDLERS
from ordering.tests import companies, ordered, told
from ordering.tests.conftest import STAFF

NAMES = (
    *("firm", "parent", "gone", "erased", "survivor", "loser", "mover"),
    *("manager", "leaver", "forgotten", "account", "return", "stay", "segment"),
    *("shipment", "unsent", "lost", "denied", "taken back", "overdue", "claim", "no claim", "claim taken back"),
)


class Story:
    """What is told of some customers, their people and their orders: an event of every type that is heard, in order."""

    def __init__(self, service: Service, staff: Client) -> None:
        self.ids = {name: new_id() for name in NAMES}
        for name in ("firm", "loser", "survivor", "mover"):
            ordered.company(service, self.ids[name])
        listing = ordered.listing(service)
        self.done = ordered.confirmed(service, staff, self.ids["firm"], (listing, 3))
        self.waiting = ordered.do(staff, ordered.draft(staff, self.ids["firm"], (listing, 1)), "submission")
        self.late = ordered.confirmed(service, staff, self.ids["loser"], (listing, 2))
        orders = {"done": self.done, "waiting": self.waiting, "late": self.late}
        self.orders = {order["id"]: name for name, order in orders.items()}
        self.lines = {line["id"]: f"line {name}" for name, order in orders.items() for line in order["lines"]}
        self._more = {listing: "listing"}
        self.events = [*self._customers(), *self._people(), *self._of_orders(), *self._merges()]

    @property
    def names(self) -> dict[str, str]:
        """Every id of the story, and what it is called in each telling."""
        return {id_: name for name, id_ in self.ids.items()} | self.orders | self.lines | self._more

    def _customers(self) -> list[Event]:
        firm, parent, gone, erased = (self.ids[name] for name in ("firm", "parent", "gone", "erased"))
        change = [{"path": "parent", "label": "Head office", "before": None, "after": parent}]
        request = {"request_id": new_id(), "erased_ids": [erased], "everything": True, "name": "[erased]"}
        self._more[request["request_id"]] = "request"
        return [
            told.customer(parent, number="P-1", name="Above"),
            told.customer(firm, "updated", 2, number="F-1", name="Firm", parent_id=parent, changes=change),
            told.customer(firm, "archived", 3, number="F-1", name="Firm", parent_id=parent, status="archived"),
            told.customer(firm, "restored", 4, number="F-1", name="Firm again", parent_id=parent),
            told.customer(gone, number="G-1", name="Gone"),
            told.customer(gone, "deleted", 2, number="G-1", name="Gone"),
            told.customer(erased, number="E-1", name="Ada"),
            told.customer(erased, "erased", 2, number="E-1", **request),
            told.switches("customer", parent, 1, order_authorization="on"),
            told.switches("customer", parent, 2, order_authorization="off"),
        ]

    def _people(self) -> list[Event]:
        firm, account = self.ids["firm"], self.ids["account"]
        events = []
        for name, verbs in (("manager", ("added", "updated")), ("leaver", ("added", "updated", "removed")),
                            ("forgotten", ("added", "erased"))):  # fmt: skip
            person = self.ids[name]
            for version, verb in enumerate(verbs, 1):
                fields = {"id": person, "customer_id": firm}
                if verb == "erased":
                    fields |= {"erased_ids": [person], "everything": False, "request_id": None}
                elif verb != "removed":
                    fields["roles"] = ["manager"] if verb == "updated" else []
                made = told.example(f"customer.contact.{verb}.v1", person, version, **fields)
                events.append(replace(made, partition_key=firm, customer_id=firm))
        for version, roles in enumerate((["buyer"], ["approver"]), 1):
            users = [companies.person(*roles, account_id=account, display_name="Ada", username="ada")]
            fields = {"customer_id": firm, "login": None, "users": users, "guests": [], "accepted_parent_id": None}
            events.append(told.example("identity.access.changed.v1", firm, version, **fields))
        for version, verb in enumerate(("entered", "left"), 1):
            stay = {"segment_id": self.ids["segment"], "segment_name": "Large", "customer_id": firm}
            made = told.example(f"customer.segment_member.{verb}.v1", self.ids["stay"], version, **stay)
            events.append(replace(made, partition_key=firm, customer_id=firm))
        gone = {"id": account, "customer_id": None, "erased_ids": [account], "everything": True}
        return [*events, told.example("identity.account.erased.v1", account, 9, **gone)]

    def _of_orders(self) -> list[Event]:
        done, waiting = self.done, self.waiting
        back = self.ids["return"]
        moved = new_id()
        move = told.example("customer.move.executed.v1", moved, 1, id=moved, customer_id=self.ids["mover"])
        self._more[move.subject] = "move"
        return [
            ordered.reservation("made", done, 2),
            ordered.reservation("allocated", done, 3),
            *self._shipments(),
            ordered.reservation("shipped", done, 4),
            ordered.reservation("made", waiting, 1),
            ordered.reservation("expired", waiting, 2, {}),
            *(ordered.came_back(verb, back, 5 + n, (done, 1)) for n, verb in enumerate(("inspected", "closed"))),
            *self._returns_and_claims(),
            move,
        ]

    def _shipments(self) -> list[Event]:
        """One that is delivered, one that is cancelled, and one that is lost on its way."""
        told_of = []
        for name, quantity, verbs in (
            ("shipment", 2, ("created", "picking_started", "packed", "dispatched", "delivered")),
            ("unsent", 1, ("created", "cancelled")),
            ("lost", 1, ("created", "dispatched", "failed")),
        ):
            serials = [f"{name} {number}" for number in range(quantity)]
            told_of += [
                ordered.shipped(verb, self.done, self.ids[name], version, quantity, serials=serials)
                for version, verb in enumerate(verbs, 1)
            ]
        return told_of

    def _returns_and_claims(self) -> list[Event]:
        """Returns that come to nothing, and claims, one of which is granted."""
        told_of = []
        for name, verbs in (
            ("denied", ("requested", "denied")),
            ("taken back", ("requested", "authorized", "arrived", "cancelled")),
            ("overdue", ("requested", "authorized", "expired")),
        ):
            told_of += [
                ordered.came_back(verb, self.ids[name], version, (self.done, 0))
                for version, verb in enumerate(verbs, 1)
            ]
        for name, verbs in (
            ("claim", ("requested", "accepted")),
            ("no claim", ("requested", "denied")),
            ("claim taken back", ("requested", "cancelled")),
        ):
            told_of += [
                ordered.claimed(verb, self.ids[name], version, self.done, quantity_replaced=0)
                for version, verb in enumerate(verbs, 1)
            ]
        return told_of

    def _merges(self) -> list[Event]:
        merge = Merge(self.ids["survivor"], self.ids["loser"])
        self._more[merge.id] = "merge"
        allocated = ordered.reservation("allocated", self.late, 2)
        released = ordered.reservation("released", self.late, 3, {})
        return [merge.tell("merged"), allocated, merge.tell("unmerged"), released]


@pytest.fixture(scope="module")
def expected(service: Service, tokens: TestTokens) -> dict[str, Any]:
    """The rows after everything was told once and in order."""
    story = Story(service, client_for(service, tokens.staff(STAFF)))
    deliver(service, story.events)
    return kept_of(service.db, story.names)


def test_the_story_has_an_event_of_every_type_that_is_heard(service: Service, staff: Client) -> None:
    types = {one.type for one in Story(service, staff).events}
    # What is received of a return ends services, which the order's own test looks at with and without it.
    assert set(HANDLERS) - types == {"warehouse.return.received.v1", "customer.customer.created.v1"} - types


@pytest.mark.parametrize("seed", range(20))
def test_twice_and_in_any_order_leaves_what_once_and_in_order_does(
    service: Service, staff: Client, expected: dict[str, Any], seed: int
) -> None:
    story = Story(service, staff)
    deliver(service, disordered(story.events, seed))
    differing = differences(kept_of(service.db, story.names), expected)
    assert not differing, differing
