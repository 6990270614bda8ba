"""Edge cases 7, 8, 9 and 12: who decides on an order, of two at one moment, after an edit, and after a move."""

from datetime import UTC, datetime, timedelta

import pytest

from common.testing import Figure, eventually

from .market import FEW, OFTEN, Caller, Market, Record, at_once


@pytest.fixture(scope="module")
def things(market: Market) -> Record:
    return market.listing(200)


# Edge case 7: approver is requester; sole admin company; approver leaves; delegate is requester.


def test_nobody_decides_on_an_order_of_their_own_and_somebody_always_does(market: Market, things: Record) -> None:
    customer = market.customer()
    ann, bob, cyd = (market.person(customer, role) for role in ("approver", "admin", "buyer"))
    market.rule(customer)

    own = market.order(ann, customer, (things, 1))
    assert own["status"] == "pending_approval"
    assert market.deciders(own) == {bob.account_id}, "no other approver: the company's admin"
    asked = market.approval(own)
    said = {"decision": "approve", "version": asked["version"]}
    assert ann.refused(f"/approvals/{asked['id']}/decisions", **said) == (403, "ordering.self_approval")
    market.decide(bob, own)
    market.until(own, "confirmed", allocated=1)

    # Ann lends her place to Cyd, who may use it for everybody's orders but Cyd's.
    until = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    ann.post("/approval-delegations", customer_id=customer, delegate_id=cyd.account_id, ends_at=until)
    of_cyd, of_bob = market.order(cyd, customer, (things, 1)), market.order(bob, customer, (things, 1))
    assert market.deciders(of_cyd) == {ann.account_id}
    asked = market.approval(of_cyd)
    said = {"decision": "approve", "version": asked["version"]}
    assert cyd.refused(f"/approvals/{asked['id']}/decisions", **said) == (403, "ordering.self_approval")
    [decision] = market.decide(cyd, of_bob)["decisions"]
    assert (decision["account_id"], decision["on_behalf_of"]) == (cyd.account_id, ann.account_id)

    # Ann leaves: her session ends, and the order of Cyd asks somebody else.
    market.staff.patch(f"/customers/{customer}/users/{ann.account_id}", status="disabled")
    eventually(lambda: ann.answer("GET", "/approvals").status_code == 401, 5)
    eventually(lambda: market.deciders(of_cyd) == {bob.account_id}, FEW, every=OFTEN)
    market.decide(bob, of_cyd)
    for order in (of_cyd, of_bob):
        market.until(order, "confirmed", allocated=1)


def test_a_company_of_one_leaves_its_orders_to_the_provider(market: Market, things: Record) -> None:
    customer = market.customer()
    amy = market.person(customer, "admin")
    market.rule(customer)
    order = market.order(amy, customer, (things, 1))
    asked = market.approval(order)
    assert (market.deciders(order), asked["with_staff"], asked["staff_reason"]) == (set(), True, "no_eligible_approver")
    said = {"decision": "approve", "version": asked["version"]}
    assert amy.refused(f"/approvals/{asked['id']}/decisions", **said) == (403, "ordering.self_approval")
    market.decide(market.staff, order)
    market.until(order, "confirmed", allocated=1)


# Edge case 8: two approvers decide at the same moment, one approves, one rejects.


def test_of_two_opposite_decisions_at_one_moment_one_counts_down_to_the_stock(market: Market, figure: Figure) -> None:
    customer, goods = market.customer(), market.listing(20)
    ann, bob, cyd = (market.person(customer, role) for role in ("approver", "approver", "buyer"))
    market.rule(customer)
    approved = 0
    for _ in range(4):
        order = market.order(cyd, customer, (goods, 2))
        asked = market.approval(order)

        def cast(who: Caller, decision: str, asked: Record = asked) -> tuple[int, str]:
            body = {"decision": decision, "version": asked["version"], "comment": "Because"}
            answer = who.answer("POST", f"/approvals/{asked['id']}/decisions", body)
            return answer.status_code, str(answer.json().get("code"))

        answers = at_once(lambda c=cast: c(ann, "approve"), lambda c=cast: c(bob, "reject"))
        assert sorted(answers) == [(201, "None"), (409, "ordering.approval_ended")]
        yes = answers[0][0] == 201
        approved += yes
        market.until(order, "confirmed" if yes else "rejected", cancelled=0 if yes else 2)
        assert len(market.staff.items(f"/approvals?order_id={order['id']}")) == 1
    market.until_stock(goods, 20, 0, 2 * approved)
    figure("two approvers at one moment, through the gateway", f"{approved} approved, {4 - approved} rejected, of 4")


# Edge case 9: an order that is edited after its approval.


def test_more_than_was_approved_asks_again_and_less_does_not(market: Market) -> None:
    customer, goods = market.customer(), market.listing(20)
    ann, cyd = market.person(customer, "approver"), market.person(customer, "buyer")
    market.rule(customer)
    order = market.order(cyd, customer, (goods, 4))
    market.decide(ann, order)
    now = market.until(order, "confirmed", allocated=4)

    def wants(quantity: int) -> Record:
        return cyd.post(f"/orders/{order['id']}/revisions", lines=[{"line_id": line, "quantity": quantity}])

    line = now["lines"][0]["id"]
    assert wants(3)["status"] == "confirmed"
    market.until(order, "confirmed", allocated=3, cancelled=1)
    market.until_stock(goods, 20, 0, 3)

    assert wants(4)["status"] == "confirmed", "no more than was approved"
    market.until(order, "confirmed", allocated=4)
    assert wants(6)["status"] == "pending_approval"
    assert market.stock(goods) == (20, 0, 4), "what is promised stays promised"
    market.decide(ann, order)
    market.until(order, "confirmed", allocated=6)
    market.until_stock(goods, 20, 0, 6)
    statuses = [one["status"] for one in market.staff.items(f"/approvals?order_id={order['id']}")]
    assert statuses == ["approved", "approved"]


# Edge case 12: a node moves while a flow is pending; siblings cannot read, parents can.


def test_a_branch_that_moves_takes_its_order_to_the_approvers_of_the_new_head_office(
    market: Market, things: Record
) -> None:
    old, new = market.customer(), market.customer()
    branch, sibling = market.customer(old), market.customer(old)
    for node in (branch, sibling):
        market.staff.patch(f"/customers/{node}/inheritance", accept_from_parent=True)
    of_old, of_new = (market.person(office, "approver", subtree=True) for office in (old, new))
    buyer, neighbour = market.person(branch, "buyer"), market.person(sibling, "buyer")
    market.people_are_known(branch)
    market.rule(old, name="Of the old head office", inheritance="inherit_and_add")

    order = market.order(buyer, branch, (things, 1))
    asked = market.approval(order)
    assert market.deciders(order) == {of_old.account_id}
    both = (f"/orders/{order['id']}", f"/approvals/{asked['id']}")

    def seen_by(who: Caller) -> set[int]:
        return {who.answer("GET", path).status_code for path in both}

    assert [seen_by(who) for who in (buyer, of_old, neighbour, of_new)] == [{200}, {200}, {404}, {404}]

    market.staff.patch(f"/customers/{branch}", parent_id=new, heard_by=("identity", "ordering"))
    market.staff.patch(f"/customers/{branch}/inheritance", accept_from_parent=True)
    market.people_are_known(branch)
    eventually(lambda: market.deciders(order) == {of_new.account_id}, FEW, every=OFTEN)
    assert [rule["name"] for rule in market.approval(order)["rules"]] == ["Of the old head office"]
    # Whose reach has changed is signed out of it: the next sign-in shows what holds now.
    eventually(lambda: seen_by(of_old) == {401}, 5)
    of_old, of_new = (market.signed_in(who.username, who.account_id) for who in (of_old, of_new))
    assert [seen_by(who) for who in (of_old, of_new, neighbour)] == [{404}, {200}, {404}]
    said = {"decision": "approve", "version": market.approval(order)["version"]}
    assert of_old.refused(f"{both[1]}/decisions", **said) == (404, "ordering.approval_not_found")
    market.decide(of_new, order)
    market.until(order, "confirmed", allocated=1)
    assert [one["id"] for one in market.read(order)["company_path"]] == [old, branch]
