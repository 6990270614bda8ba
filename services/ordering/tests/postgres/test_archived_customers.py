"""A customer is archived while orders of it are open: they are listed for a decision, nothing new is submitted, and a
restore lets them go on."""

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver
from ordering.tests import companies, ordered, told
from ordering.tests.conftest import BUYER
from ordering.use_cases import orders

LISTED = "/orders?customer_status=archived&open=true"


class Firm:
    """A customer with an order in each open state, and one that has ended."""

    def __init__(self, service: Service, staff: Client) -> None:
        self.service, self.staff = service, staff
        self.id = ordered.company(service)
        self._version = 1
        self.listing = ordered.listing(service)
        self.draft = self._draft()
        self.pending = ordered.do(staff, self._draft(), "submission")
        self.confirmed = ordered.confirmed(service, staff, self.id, (self.listing, 2))
        self.ended = ordered.do(staff, self._draft(), "cancellation", reason="Not needed")
        companies.staffed(service, self.id, companies.person("approver"))
        self.rule = companies.rule(service, self.id)
        self.waiting = ordered.do(staff, self._draft(), "submission")
        deliver(service, ordered.reservation("made", self.waiting, 1))
        deliver(service, ordered.reservation("made", self.pending, 1))
        assert self.waiting["status"] == "pending_approval"

    def _draft(self) -> ordered.Order:
        return ordered.draft(self.staff, self.id, (self.listing, 2))

    def becomes(self, verb: str) -> None:
        """The customer is `archived` or `restored`."""
        self._version += 1
        status = "archived" if verb == "archived" else "active"
        deliver(self.service, told.customer(self.id, verb, self._version, status=status, name="Alderwick"))

    def listed(self) -> set[str]:
        """The ids of its orders that wait for a decision."""
        return {one["id"] for one in self.staff.get(LISTED).json["items"] if one["customer_id"] == self.id}

    def approve(self, order: ordered.Order) -> None:
        """The company's approver agrees."""
        [flow] = self.staff.get(f"/approvals?order_id={order['id']}").json["items"]
        [account] = companies.people_of(self.service.db, flow["id"])
        companies.said(self.service, flow["id"], account, orders=orders)


@pytest.fixture
def firm(service: Service, staff: Client) -> Firm:
    return Firm(service, staff)


def test_open_orders_of_an_archived_customer_are_listed_for_a_decision(firm: Firm) -> None:
    assert firm.listed() == set()
    firm.becomes("archived")
    opened = (firm.draft, firm.pending, firm.confirmed, firm.waiting)
    assert firm.listed() == {one["id"] for one in opened}
    ordered.do(firm.staff, firm.draft, "cancellation", reason="Archived")
    ordered.do(firm.staff, firm.pending, "decline", reason="Archived")
    ordered.do(firm.staff, firm.confirmed, "cancellation", reason="Archived")
    assert firm.listed() == {firm.confirmed["id"], firm.waiting["id"]}, "it is cancelled when the warehouse lets go"
    released = ordered.read(firm.staff, firm.confirmed)
    deliver(firm.service, ordered.reservation("released", released, 9, {}))
    assert firm.listed() == {firm.waiting["id"]}
    firm.becomes("restored")
    assert firm.listed() == set()


def test_nothing_new_is_submitted_for_an_archived_customer(firm: Firm, tokens: TestTokens) -> None:
    firm.becomes("archived")
    buyer = client_for(firm.service, tokens.portal({firm.id: BUYER}))
    for client in (firm.staff, buyer):
        refused = ordered.do(client, firm.draft, "submission", 409)
        assert refused["code"] == "ordering.customer_archived"
        assert "restore" in refused["detail"]
        body = {"customer_id": firm.id, "lines": [{"listing_id": firm.listing, "quantity": 1}]}
        answer = client.post("/orders", json=body)
        assert (answer.status_code, answer.json["code"]) == (409, "ordering.customer_archived")


def test_an_approval_meanwhile_holds_the_order_until_a_restore_and_a_release(firm: Firm) -> None:
    firm.becomes("archived")
    firm.approve(firm.waiting)
    held = ordered.read(firm.staff, firm.waiting)
    assert (held["status"], held["hold_reasons"]) == ("pending_confirmation", ["customer_archived"])
    assert ordered.do(firm.staff, firm.waiting, "confirmation", 409)["code"] == "ordering.on_hold"
    firm.becomes("restored")
    ordered.do(firm.staff, firm.waiting, "hold-release")
    assert ordered.do(firm.staff, firm.waiting, "confirmation")["status"] == "confirmed"


def test_a_restore_lets_open_orders_go_on_as_they_were(firm: Firm) -> None:
    firm.becomes("archived")
    firm.becomes("restored")
    assert ordered.do(firm.staff, firm.draft, "submission")["status"] == "pending_approval"
    assert ordered.do(firm.staff, firm.pending, "confirmation")["status"] == "confirmed"
    firm.approve(firm.waiting)
    assert ordered.read(firm.staff, firm.waiting)["hold_reasons"] == []
    deliver(firm.service, ordered.dispatched(firm.confirmed, 2))
    assert ordered.read(firm.staff, firm.confirmed)["status"] == "completed"


def test_what_is_confirmed_is_delivered_though_the_customer_is_archived(firm: Firm) -> None:
    firm.becomes("archived")
    deliver(firm.service, ordered.reservation("allocated", firm.confirmed, 2))
    deliver(firm.service, ordered.dispatched(firm.confirmed, 2))
    assert ordered.read(firm.staff, firm.confirmed)["status"] == "completed"
