"""Each of the nine switches turned off with an order at every status: what the rules' table 2.2 says happens next, and
that nothing of the order changes by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver
from ordering.tests import companies
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import Order, company, do, draft, listing, read, reservation, switch
from ordering.tests.switch_table import CELLS, USUAL
from ordering.use_cases.orders import endings
from portal_switches import KEYS

pytestmark = pytest.mark.postgres

ALL_ON = dict.fromkeys(KEYS, "on")

# What the company sells to itself needs nobody's word, so that the provider's gate decides.
INTERNAL = {"kind": "internal", "audience": "tree", "confirmation": "automatic"}


class Case:
    """One order of goods, of goods ahead of their day, and of an internal listing."""

    def __init__(self, service: Service, staff: Client, tokens: TestTokens) -> None:
        self.service, self.staff = service, staff
        self.customer = company(service, **ALL_ON)
        self.buyer = client_for(service, tokens.portal({self.customer: BUYER}))
        boss = companies.person("approver")
        companies.staffed(service, self.customer, boss)
        grants = {self.customer: (*BUYER, "orders.approve")}
        self.approver = client_for(service, tokens.portal(grants, sub=boss["account_id"]))
        ahead = listing(service, preorderable=True, available_from=datetime.now(UTC).date() + timedelta(days=90))
        internal = listing(service, **INTERNAL, owner_id=self.customer)
        self.order = draft(self.buyer, self.customer, (listing(service), 2), (ahead, 1), (internal, 1))

    def bring_to(self, status: str) -> None:
        """Takes the order to a status by the commands that lead there."""
        if status == "draft":
            return
        if status == "cancelled":
            self.order = do(self.buyer, self.order, "cancellation", reason="x")
            return
        if status == "pending_approval":
            companies.rule(self.service, self.customer)
        self.order = do(self.buyer, self.order, "submission")
        {
            "pending_approval": lambda: None,
            "pending_confirmation": lambda: None,
            "confirmed": self._answer,
            "cancelling": self._cancel,
            "completed": self._deliver,
            "rejected": lambda: do(self.staff, self.order, "decline", reason="x"),
            "expired": self._expire,
        }[status]()
        self.order = read(self.staff, self.order)
        assert self.order["status"] == status

    def go_on(self) -> str:
        """Does what comes next, and returns the order's status then, or the code of the refusal."""
        return {
            "draft": self._submit,
            "pending_approval": self._approve,
            "pending_confirmation": self._answer,
            "confirmed": self._deliver_confirmed,
            "cancelling": self._let_go,
        }.get(str(self.order["status"]), self._refused)()

    def _submit(self) -> str:
        answer = self.buyer.post(f"/orders/{self.order['id']}/submission", json={})
        if answer.status_code != 200:
            return str(answer.json["code"])
        self.order = answer.json
        return self._answer()

    def _approve(self) -> str:
        deliver(self.service, reservation("made", self.order, 1))
        [found] = self.approver.get("/approvals").json["items"]
        body = {"decision": "approve", "version": found["version"]}
        assert self.approver.post(f"/approvals/{found['id']}/decisions", json=body).status_code == 201
        holds = read(self.staff, self.order)["hold_reasons"]
        return f"on hold: {', '.join(holds)}" if holds else self._status()

    def _answer(self) -> str:
        deliver(self.service, reservation("made", self.order, 1))
        return self._status()

    def _cancel(self) -> None:
        self._answer()
        do(self.buyer, read(self.staff, self.order), "cancellation", reason="x")

    def _let_go(self) -> str:
        deliver(self.service, reservation("released", self.order, 2))
        return self._status()

    def _deliver(self) -> str:
        self._answer()
        self.order = read(self.staff, self.order)
        return self._deliver_confirmed()

    def _deliver_confirmed(self) -> str:
        deliver(self.service, [reservation("allocated", self.order, 2), reservation("shipped", self.order, 3)])
        do(self.staff, self.order, "provisions", lines=[{"line_id": self.order["lines"][2]["id"]}])
        return self._status()

    def _expire(self) -> None:
        self.service.db.run(lambda session: endings.expire(session, -1, 100))

    def _refused(self) -> str:
        return str(do(self.buyer, self.order, "submission", 409)["code"])

    def _status(self) -> str:
        return str(read(self.staff, self.order)["status"])


@pytest.mark.parametrize("status", USUAL)
@pytest.mark.parametrize("key", [None, *KEYS])
def test_a_switch_turned_off_does_what_the_table_says(
    service: Service, staff: Client, tokens: TestTokens, key: str | None, status: str
) -> None:
    case = Case(service, staff, tokens)
    case.bring_to(status)
    if key is not None:
        switch(service, case.customer, 2, **(ALL_ON | {key: "off"}))
    unchanged: dict[str, Any] = read(staff, case.order)
    assert unchanged["version"] == case.order["version"], "no switch ends or changes an order by itself"
    assert case.go_on() == CELLS.get((key or "", status), USUAL[status])


@pytest.mark.parametrize("key", KEYS)
def test_a_customer_sees_cancels_and_repeats_its_orders_whatever_is_switched_off(
    service: Service, staff: Client, tokens: TestTokens, key: str
) -> None:
    case = Case(service, staff, tokens)
    case.bring_to("pending_confirmation")
    switch(service, case.customer, 2, **(ALL_ON | {key: "off"}))
    assert read(case.buyer, case.order)["status"] == "pending_confirmation"
    if key != "inherit_global_marketplace":
        assert do(case.buyer, case.order, "reorder", 201)["status"] == "draft"
    assert do(case.buyer, case.order, "cancellation", reason="x")["status"] == "cancelled"


def test_what_staff_enters_needs_no_order_authorization_and_confirms_itself(service: Service, staff: Client) -> None:
    who = company(service, order_authorization="off", auto_confirm_orders="on")
    order: Order = do(staff, draft(staff, who, (listing(service), 1)), "submission")
    deliver(service, reservation("made", order, 1))
    assert read(staff, order)["status"] == "confirmed"


# What else is done with orders and what they are made of, each while every switch is on.
DONE = {
    "staff confirms": "confirmed",
    "staff submits goods": "pending_confirmation",
    "staff submits goods ahead": "pending_confirmation",
    "staff submits internal": "confirmed",  # as its listing says, whatever the buyer's setting is
    "staff submits goods for a reason": "pending_confirmation",
    "staff submits goods ahead for a reason": "pending_confirmation",
    "customer submits what is in stock": "pending_confirmation",
    "customer offers something": "draft",
    "still in the list": "goods, goods ahead, internal",
    "ordered again": "goods, goods ahead, internal",
}
DONE_CELLS = {
    ("inherit_global_marketplace", "staff submits goods"): "ordering.lines_unavailable",
    ("inherit_global_marketplace", "staff submits goods ahead"): "ordering.lines_unavailable",
    ("inherit_global_marketplace", "customer submits what is in stock"): "ordering.lines_unavailable",
    ("inherit_global_marketplace", "still in the list"): "internal",
    ("inherit_global_marketplace", "ordered again"): "internal",
    ("allow_preorders", "staff submits goods ahead"): "ordering.preorders_disabled",
    ("warehouse_enabled", "staff submits goods ahead"): "ordering.preorders_disabled",
    ("order_authorization", "customer submits what is in stock"): "ordering.order_authorization_disabled",
    ("internal_inventory_enabled", "staff submits internal"): "ordering.internal_inventory_disabled",
    ("internal_inventory_enabled", "customer offers something"): "ordering.internal_inventory_disabled",
    ("internal_inventory_enabled", "still in the list"): "goods, goods ahead",
    ("internal_inventory_enabled", "ordered again"): "goods, goods ahead",
}


class Work:
    """What lies ready with a customer while every switch is on: drafts, a list, and an order that waits for staff."""

    def __init__(self, service: Service, staff: Client, tokens: TestTokens) -> None:
        self.service, self.staff = service, staff
        self.customer = company(service, **(ALL_ON | {"auto_confirm_orders": "off"}))
        self.buyer = client_for(service, tokens.portal({self.customer: (*BUYER, "listings.sell")}))
        day = datetime.now(UTC).date() + timedelta(days=90)
        self.listings = {
            "goods": listing(service, backorder_policy="unlimited"),
            "goods ahead": listing(service, preorderable=True, available_from=day),
            "internal": listing(service, **INTERNAL, owner_id=self.customer),
        }
        everything = [(one, 1) for one in self.listings.values()]
        self.waiting = do(self.buyer, draft(self.buyer, self.customer, *everything), "submission")
        deliver(service, reservation("made", self.waiting, 1))
        switch(service, self.customer, 2, **ALL_ON)
        self.list = self.buyer.post("/saved-lists", json={"customer_id": self.customer, "name": "Usual"}).json
        for one, quantity in everything:
            body = {"listing_id": one, "quantity": quantity}
            assert self.buyer.post(f"/saved-lists/{self.list['id']}/lines", json=body).status_code == 200
        self.drafts = {
            name: draft(self.buyer if by == "customer" else staff, self.customer, (self.listings[what], 1))
            for name, by, what in (
                ("staff submits goods", "staff", "goods"),
                ("staff submits goods ahead", "staff", "goods ahead"),
                ("staff submits internal", "staff", "internal"),
                ("customer submits what is in stock", "customer", "goods"),
            )
        }

    def results(self) -> dict[str, str]:
        """What comes of each thing that is done now."""
        found = {"staff confirms": self._status(self.staff, self.waiting, "confirmation")}
        for name, order in self.drafts.items():
            client = self.buyer if name.startswith("customer") else self.staff
            found[name] = self._status(client, order, "submission")
            reason = f"{name} for a reason"
            if reason in DONE:
                again = draft(self.staff, self.customer, (order["lines"][0]["listing_id"], 1))
                found[reason] = self._status(self.staff, again, "submission", override_reason="Agreed by telephone")
        body = {"sku": f"OWN-{self.customer[-6:]}", "name": "Chair", "kind": "internal", "owner_id": self.customer}
        offered = self.buyer.post("/listings", json=body)
        found["customer offers something"] = offered.json["status" if offered.status_code == 201 else "code"]
        lines = self.buyer.get(f"/saved-lists/{self.list['id']}").json["lines"]
        found["still in the list"] = self._named([line for line in lines if line["available"]])
        found["ordered again"] = self._named(do(self.buyer, self.waiting, "reorder", 201)["lines"])
        return found

    def _status(self, client: Client, order: Order, command: str, **body: Any) -> str:
        answer = client.post(f"/orders/{order['id']}/{command}", json=body)
        return str(answer.json["status" if answer.status_code == 200 else "code"])

    def _named(self, lines: list[dict[str, Any]]) -> str:
        names = {listing_id: name for name, listing_id in self.listings.items()}
        return ", ".join(sorted(names[line["listing_id"]] for line in lines))


@pytest.mark.parametrize("key", [None, *KEYS])
def test_a_switch_that_is_off_does_to_everything_else_what_the_table_says(
    service: Service, staff: Client, tokens: TestTokens, key: str | None
) -> None:
    work = Work(service, staff, tokens)
    assert read(staff, work.waiting)["status"] == "pending_confirmation", "what waited is not confirmed by a switch"
    if key is not None:
        switch(service, work.customer, 3, **(ALL_ON | {key: "off"}))
    assert work.results() == {done: DONE_CELLS.get((key or "", done), usual) for done, usual in DONE.items()}


def test_an_approver_rejects_whatever_is_switched_off(service: Service, staff: Client, tokens: TestTokens) -> None:
    case = Case(service, staff, tokens)
    companies.rule(service, case.customer)
    goods = listing(service)
    found = {}
    for version, key in enumerate(KEYS, 2):
        switch(service, case.customer, 2 * version, **ALL_ON)
        order = do(case.buyer, draft(case.buyer, case.customer, (goods, 1)), "submission")
        switch(service, case.customer, 2 * version + 1, **(ALL_ON | {key: "off"}))
        [approval] = case.approver.get(f"/approvals?order_id={order['id']}").json["items"]
        body = {"decision": "reject", "comment": "Too dear", "version": approval["version"]}
        assert case.approver.post(f"/approvals/{approval['id']}/decisions", json=body).status_code == 201
        found[key] = read(staff, order)["status"]
    assert found == dict.fromkeys(KEYS, "rejected")
