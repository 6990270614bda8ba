"""Orders that change before they are confirmed: taken back by who asked for them, or made smaller by who decides."""

from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from ordering.tests import companies
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import Order, company, confirmed, do, draft, listing, read, reservation
from ordering.tests.postgres.test_gates import Governed, used

pytestmark = pytest.mark.postgres


@pytest.fixture
def governed(service: Service, tokens: TestTokens) -> Governed:
    return Governed(service, tokens)


def reduce(client: Client, order: Order, *quantities: int, status: int = 201) -> dict[str, Any]:
    """Leaves so many of each line."""
    [found] = [one for one in client.get("/approvals?waiting=0").json["items"] if one["order_id"] == order["id"]][:1]
    lines = [{"line_id": line["id"], "quantity": many} for line, many in zip(order["lines"], quantities, strict=True)]
    answer = client.post(f"/approvals/{found['id']}/reductions", json={"version": found["version"], "lines": lines})
    assert answer.status_code == status, answer.text
    answered: dict[str, Any] = answer.json
    return answered


def test_a_requester_takes_an_order_back_changes_it_and_submits_it_again(
    service: Service, staff: Client, governed: Governed
) -> None:
    limit = companies.limit(service, governed.id, amount_minor=100_000)
    order = governed.placed((listing(service), 2), (listing(service), 1))
    deliver(service, reservation("made", order, 1))
    assert used(service, limit) == 3_000
    back = do(governed.buyer, order, "withdrawal", reason="Another colour")
    assert (back["status"], back["revision"], back["placed_at"]) == ("draft", order["revision"] + 1, None)
    assert [line["quantity_reserved"] for line in back["lines"]] == [0, 0]
    assert (governed.pending_approvals(order), used(service, limit)) == (0, 0)
    assert published(service.db, "ordering.approval.cancelled.v1")[-1].data["status"] == "superseded"
    deliver(service, reservation("released", back, 2))
    lines = [{"listing_id": back["lines"][0]["listing_id"], "quantity": 5}]
    changed = governed.buyer.patch(f"/orders/{order['id']}", json={"lines": lines}, version=back["version"]).json
    again = do(governed.buyer, changed, "submission")
    assert (again["status"], used(service, limit)) == ("pending_approval", 5_000)
    governed.decide(again, "approve")
    assert read(staff, order)["status"] == "pending_confirmation", "what was released before is no answer"
    deliver(service, reservation("made", again, 3))
    assert read(staff, order)["status"] == "confirmed"


# Edge case 9: an order that is edited after its approval.


@pytest.mark.parametrize(("quantity", "status"), [(3, "pending_approval"), (1, "pending_confirmation")])
def test_an_approved_order_that_is_taken_back_is_asked_about_again_only_if_it_grows(
    service: Service, staff: Client, tokens: TestTokens, quantity: int, status: str
) -> None:
    governed = Governed(service, tokens, auto_confirm_orders="off")
    order = governed.placed((listing(service), 2))
    governed.decide(order, "approve")
    back = do(governed.buyer, order, "withdrawal")
    lines = [{"listing_id": back["lines"][0]["listing_id"], "quantity": quantity}]
    changed = governed.buyer.patch(f"/orders/{order['id']}", json={"lines": lines}, version=back["version"]).json
    assert do(governed.buyer, changed, "submission")["status"] == status


def test_what_was_given_up_is_no_part_of_an_order_that_is_taken_back(service: Service, staff: Client) -> None:
    who = company(service)
    order = do(staff, draft(staff, who, (listing(service), 5), (listing(service), 1)), "submission")
    lines = [{"line_id": order["lines"][0]["id"], "quantity": 2}, {"line_id": order["lines"][1]["id"]}]
    do(staff, order, "line-cancellations", lines=lines, reason="x")
    back = do(staff, order, "withdrawal")
    assert [(line["position"], line["quantity"], line["quantity_cancelled"]) for line in back["lines"]] == [(1, 3, 0)]
    assert back["total"]["amount"] == "30.00"


def test_a_confirmed_order_is_not_taken_back(service: Service, staff: Client, stranger: Client) -> None:
    order = confirmed(service, staff, company(service), (listing(service), 2))
    assert do(staff, order, "withdrawal", 409)["code"] == "ordering.order_status"
    assert do(stranger, order, "withdrawal", 404)["code"] == "ordering.order_not_found"


def test_an_approver_leaves_less_and_decides_about_that(service: Service, staff: Client, governed: Governed) -> None:
    limit = companies.limit(service, governed.id, amount_minor=100_000)
    order = governed.placed((listing(service), 4), (listing(service), 1))
    deliver(service, reservation("made", order, 1))
    opened = reduce(governed.approver, order, 3, 0)
    now = read(staff, order)
    assert (now["status"], now["revision"], now["total"]["amount"]) == (
        "pending_approval",
        order["revision"] + 1,
        "30.00",
    )
    assert [(line["position"], line["quantity"], line["quantity_reserved"]) for line in now["lines"]] == [(1, 3, 3)]
    assert (opened["order_revision"], governed.pending_approvals(order), used(service, limit)) == (
        now["revision"],
        1,
        3_000,
    )
    [told] = [one for one in published(service.db, "ordering.order.revised.v1") if one.subject == order["id"]]
    assert told.data["changes"][0]["after"] == [{"sku": now["lines"][0]["sku"], "quantity": 3}]
    assert told.actor.startswith("portal:")
    governed.decide(now, "approve")
    assert read(staff, order)["status"] == "pending_confirmation", "the warehouse answers what is left first"
    deliver(service, reservation("made", now, 2))
    assert read(staff, order)["status"] == "confirmed"


def test_an_order_that_is_made_so_small_that_no_rule_asks_goes_on(
    service: Service, staff: Client, tokens: TestTokens
) -> None:
    who = company(service, auto_confirm_orders="on")
    boss = companies.person("approver")
    companies.staffed(service, who, boss)
    companies.rule(service, who, predicate={"field": "total", "op": "gt", "value": 30})
    buyer = client_for(service, tokens.portal({who: BUYER}))
    approver = client_for(service, tokens.portal({who: (*BUYER, "orders.approve")}, sub=boss["account_id"]))
    order = do(buyer, draft(buyer, who, (listing(service), 4)), "submission")
    assert order["status"] == "pending_approval"
    assert reduce(approver, order, 3)["status"] == "superseded"
    now = read(staff, order)
    assert now["status"] == "pending_confirmation"
    revised = now | {"version": now["version"] - 1}
    deliver(service, reservation("made", revised, 1))
    assert read(staff, order)["status"] == "confirmed"


@pytest.mark.parametrize("quantities", [(5, 1), (4, 1), (0, 0)], ids=["more", "the same", "nothing"])
def test_an_approver_only_leaves_less(service: Service, governed: Governed, quantities: tuple[int, int]) -> None:
    order = governed.placed((listing(service), 4), (listing(service), 1))
    refused = reduce(governed.approver, order, *quantities, status=422)
    assert refused["code"] == "ordering.line_unsuitable"
    assert read(governed.buyer, order)["revision"] == order["revision"]


def test_who_may_not_decide_leaves_nothing_less(service: Service, tokens: TestTokens, governed: Governed) -> None:
    order = governed.placed((listing(service), 4))
    other = client_for(service, tokens.portal({governed.id: (*BUYER, "orders.approve")}))
    refused = reduce(other, order, 1, status=403)
    assert refused["code"] == "ordering.not_an_approver"
    assert reduce(governed.buyer, order, 1, status=403)["code"] in {
        "ordering.self_approval",
        "ordering.not_an_approver",
    }
