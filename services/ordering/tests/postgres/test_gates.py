"""An order at its first gate: approvals and purchase limits of its company, and what is asked again when it passes."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver
from ordering.tests import companies
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import Order, change_listing, company, do, draft, listing, read, reservation, switch
from ordering.tests.told import customer
from ordering.use_cases.orders import decisions, endings

pytestmark = pytest.mark.postgres


class Governed:
    """A company with a buyer and an approver, in which every order needs an approval."""

    def __init__(self, service: Service, tokens: TestTokens, **switches: str) -> None:
        self.service = service
        self.id = company(service, **({"auto_confirm_orders": "on"} | switches))
        boss = companies.person("approver")
        companies.staffed(service, self.id, boss)
        companies.rule(service, self.id)
        self.buyer = client_for(service, tokens.portal({self.id: BUYER}))
        grants = {self.id: (*BUYER, "orders.approve")}
        self.approver = client_for(service, tokens.portal(grants, sub=boss["account_id"]))

    def placed(self, *lines: tuple[str, int]) -> Order:
        """An order that waits for the approver."""
        order = do(self.buyer, draft(self.buyer, self.id, *lines), "submission")
        assert order["status"] == "pending_approval"
        return order

    def decide(self, order: Order, decision: str, **body: Any) -> None:
        """The approver approves or rejects."""
        [found] = [one for one in self.approver.get("/approvals").json["items"] if one["order_id"] == order["id"]]
        sent = {"decision": decision, "version": found["version"]} | body
        answer = self.approver.post(f"/approvals/{found['id']}/decisions", json=sent)
        assert answer.status_code in {200, 201}, answer.text

    def pending_approvals(self, order: Order) -> int:
        with self.service.db.transaction() as session:
            statement = text("SELECT count(*) FROM approval_flows WHERE order_id = :id AND status = 'pending'")
            return int(session.execute(statement, {"id": order["id"]}).scalar_one())


@pytest.fixture
def governed(service: Service, tokens: TestTokens) -> Governed:
    return Governed(service, tokens)


def used(service: Service, limit_id: str) -> int:
    """How much of a limit is taken."""
    with service.db.transaction() as session:
        statement = text("SELECT coalesce(sum(used), 0) FROM limit_buckets WHERE limit_id = :id")
        return int(session.execute(statement, {"id": limit_id}).scalar_one())


def test_an_order_that_its_company_approves_goes_on_to_the_provider(
    service: Service, staff: Client, governed: Governed
) -> None:
    order = governed.placed((listing(service), 2))
    deliver(service, reservation("made", order, 1))
    assert do(staff, order, "confirmation", 409)["code"] == "ordering.order_status"
    assert read(staff, order)["status"] == "pending_approval"
    governed.decide(order, "approve")
    assert read(staff, order)["status"] == "confirmed"


def test_an_order_that_is_approved_before_the_warehouse_answers_waits_for_that(
    service: Service, staff: Client, governed: Governed
) -> None:
    order = governed.placed((listing(service), 2))
    governed.decide(order, "approve")
    assert read(staff, order)["status"] == "pending_confirmation"
    deliver(service, reservation("made", order, 1))
    assert read(staff, order)["status"] == "confirmed"


def test_an_order_that_its_company_rejects_ends_with_the_reason(
    service: Service, staff: Client, governed: Governed
) -> None:
    order = governed.placed((listing(service), 2))
    governed.decide(order, "reject", comment="Too many")
    ended = read(governed.buyer, order)
    assert (ended["status"], ended["reason"]) == ("rejected", "Too many")
    assert do(governed.buyer, order, "reorder", 201)["status"] == "draft"


@pytest.mark.parametrize("end", ["cancelled", "expired"])
def test_nobody_is_asked_any_more_about_an_order_that_has_ended(service: Service, governed: Governed, end: str) -> None:
    order = governed.placed((listing(service), 2))
    if end == "cancelled":
        do(governed.buyer, order, "cancellation", reason="Not needed")
    else:
        service.db.run(lambda session: endings.expire(session, -1, 100))
    assert read(governed.buyer, order)["status"] == end
    assert governed.pending_approvals(order) == 0


def test_an_order_that_is_approved_when_its_customer_may_no_longer_order_is_held(
    service: Service, staff: Client, governed: Governed
) -> None:
    order = governed.placed((listing(service), 2))
    deliver(service, reservation("made", order, 1))
    switch(service, governed.id, 2, order_authorization="off", auto_confirm_orders="on")
    governed.decide(order, "approve")
    held = read(staff, order)
    assert (held["status"], held["hold_reasons"]) == ("pending_confirmation", ["order_authorization_disabled"])
    assert staff.get(f"/orders?on_hold=1&customer_id={governed.id}").json["items"][0]["id"] == order["id"]
    assert do(staff, order, "confirmation", 409)["code"] == "ordering.on_hold"
    released = do(staff, order, "hold-release")
    assert (released["status"], released["hold_reasons"]) == ("confirmed", [])
    assert do(staff, order, "hold-release", 409)["code"] == "ordering.order_status"


def test_an_order_of_something_that_was_withdrawn_meanwhile_is_held(
    service: Service, staff: Client, governed: Governed
) -> None:
    gone = listing(service)
    order = governed.placed((gone, 2), (listing(service), 1))
    change_listing(service, gone, status="retired")
    governed.decide(order, "approve")
    assert read(staff, order)["hold_reasons"] == ["delisted"]
    assert do(staff, order, "decline", reason="Withdrawn")["hold_reasons"] == []


def test_an_order_above_a_limit_that_was_lowered_meanwhile_is_held(
    service: Service, staff: Client, governed: Governed
) -> None:
    limit = companies.limit(service, governed.id, amount_minor=50_000)
    order = governed.placed((listing(service, 1_000), 20))
    deliver(service, reservation("made", order, 1))
    with service.db.transaction() as session:
        session.execute(text("UPDATE purchase_limits SET amount_minor = 10_000 WHERE id = :id"), {"id": limit})
    governed.decide(order, "approve")
    assert read(staff, order)["hold_reasons"] == ["limit_exceeded"]
    assert used(service, limit) == 20_000
    assert do(staff, order, "hold-release")["status"] == "confirmed"
    assert used(service, limit) == 20_000


def test_an_order_of_a_customer_that_was_archived_or_deleted_meanwhile_is_held(
    service: Service, staff: Client, governed: Governed
) -> None:
    one = listing(service)
    archived, gone = governed.placed((one, 1)), governed.placed((one, 2))
    deliver(service, customer(governed.id, "archived", 2, status="archived"))
    governed.decide(archived, "approve")
    deliver(service, customer(governed.id, "deleted", 3, status="archived"))
    service.db.run(lambda session: decisions.approved(session, gone["id"]))
    for order in (archived, gone):
        assert read(staff, order)["hold_reasons"] == ["customer_archived"]
        assert do(staff, order, "decline", reason="Archived")["status"] == "rejected"


def test_an_order_that_is_not_held_is_not_released(service: Service, staff: Client) -> None:
    order = do(staff, draft(staff, company(service), (listing(service), 1)), "submission")
    assert do(staff, order, "hold-release", 409)["code"] == "ordering.not_on_hold"


def test_a_limit_that_blocks_refuses_and_keeps_nothing(service: Service, tokens: TestTokens) -> None:
    who = company(service)
    limit = companies.limit(service, who, amount_minor=10_000)
    buyer = client_for(service, tokens.portal({who: BUYER}))
    one = listing(service, 5_000)
    too_much = draft(buyer, who, (one, 3))
    refused = do(buyer, too_much, "submission", 422)
    assert (refused["code"], refused["limits"][0]["id"]) == ("ordering.limit_exceeded", limit)
    assert read(buyer, too_much)["version"] == 1
    assert used(service, limit) == 0
    assert do(buyer, draft(buyer, who, (one, 2)), "submission")["status"] == "pending_confirmation"
    assert used(service, limit) == 10_000


def test_of_two_orders_at_once_that_fit_alone_only_one_is_placed(service: Service, tokens: TestTokens) -> None:
    who = company(service)
    limit = companies.limit(service, who, amount_minor=10_000)
    buyer = client_for(service, tokens.portal({who: BUYER}))
    one = listing(service, 6_000)
    both = [draft(buyer, who, (one, 1)) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda order: buyer.post(f"/orders/{order['id']}/submission", json={}).status_code, both)
    assert sorted(answers) == [200, 422]
    assert used(service, limit) == 6_000


@pytest.mark.parametrize(
    ("end", "left"), [("decline", 0), ("cancel", 0), ("cancel a part", 4_000), ("short", 7_000), ("complete", 10_000)]
)
def test_a_limit_gets_back_what_is_not_delivered(service: Service, staff: Client, end: str, left: int) -> None:
    who = company(service)
    limit = companies.limit(service, who, amount_minor=50_000)
    order = do(staff, draft(staff, who, (listing(service, 1_000), 10)), "submission")
    assert used(service, limit) == 10_000
    if end == "decline":
        do(staff, order, "decline", reason="x")
    else:
        deliver(service, reservation("made", order, 1))
        order = do(staff, order, "confirmation")
        deliver(service, reservation("allocated", order, 2, {"allocated": 7 if end == "short" else 10}))
        shipped = {"cancel": 0, "cancel a part": 4}.get(end)
        if shipped is None:
            deliver(service, reservation("shipped", order, 3, {"shipped": 7 if end == "short" else 10}))
        else:
            order = do(staff, order, "cancellation", reason="x")
            deliver(service, reservation("released", order, 3, {"shipped": shipped}))
    assert read(staff, order)["lines"][0]["quantity_allocated"] == 0
    assert used(service, limit) == left


def test_a_limit_that_asks_for_an_approval_leads_to_one(service: Service, tokens: TestTokens) -> None:
    who = company(service)
    companies.staffed(service, who, companies.person("approver"))
    companies.limit(service, who, amount_minor=1_000, action="require_approval")
    buyer = client_for(service, tokens.portal({who: BUYER}))
    assert do(buyer, draft(buyer, who, (listing(service, 1_000), 1)), "submission")["status"] == "pending_confirmation"
    assert do(buyer, draft(buyer, who, (listing(service, 1_000), 1)), "submission")["status"] == "pending_approval"


def test_who_has_decided_about_one_order_is_asked_about_the_next(service: Service, governed: Governed) -> None:
    one = listing(service)
    first, second = governed.placed((one, 2)), governed.placed((one, 1))
    governed.decide(first, "approve")
    assert [found["order_id"] for found in governed.approver.get("/approvals").json["items"]] == [second["id"]]
    governed.decide(second, "approve")
    assert governed.approver.get("/approvals").json["items"] == []
